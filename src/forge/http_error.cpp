#include "forge/http_error.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

struct StatusRow {
  int status;
  ErrorKind kind;
  std::string_view hint;
};
// Table: what a status means and what to check first.
constexpr StatusRow kStatuses[] = {
    {400, ErrorKind::BadInput, "the forge did not understand the request"},
    {401, ErrorKind::Unauthorized, "the token is wrong, expired or revoked; check the secret behind REPO_TOKEN"},
    {403, ErrorKind::Forbidden, "the token may not do this; check its scopes"},
    {404, ErrorKind::NotFound,
     "it does not exist, or the token may not see it; check --repo, the number and the token's access"},
    {405, ErrorKind::Unsupported, "is this the API's address?"},
    {407, ErrorKind::Unauthorized, "the proxy wants a login: http_proxy=http://USER:PASSWORD@HOST:PORT"},
    {409, ErrorKind::Conflict, "somebody else changed it meanwhile; run again"},
    {410, ErrorKind::NotFound, "the forge has switched this off for the repository"},
    {413, ErrorKind::TooLarge, "the server or a proxy in front of it takes no upload of that size"},
    {422, ErrorKind::BadInput, "the forge refused the content"},
    {423, ErrorKind::Forbidden, "it is locked"},
    {429, ErrorKind::RateLimited, "too many requests; wait, or use a token with a higher limit"},
};

struct ReasonRow {
  std::string_view part;
  std::string_view hint;
};
// Table: parts of what forges say, in lower case, when it is not the token's permissions that are missing.
constexpr ReasonRow kReasons[] = {
    {" archived", "the repository is archived and takes no changes; unarchive it, or use another --repo"},
    {" locked", "the conversation or branch is locked; unlock it, or name another one"},
    {"ip allow list",
     "add the runner's address to the organization's IP allow list, or run where the address is on it"},
    {"ip address", "the server lets only certain addresses in; run where the address is allowed"},
    {"without `workflows` permission",
     "files of workflows need a personal token with the scope workflow, or an App with workflows: write; the job's own "
     "token may never change them"},
    {"without `workflow` scope",
     "files of workflows need a personal token with the scope workflow, or an App with workflows: write; the job's own "
     "token may never change them"},
};
std::string hint_for_limit(HttpResponse const& response) {
  std::string const after(response.header("retry-after"));
  bool const number = !after.empty() && after.find_first_not_of("0123456789") == std::string::npos;
  return "the rate limit is used up" + (number ? " (Retry-After: " + one_line(after, 20) + " s)" : "") +
         "; wait, or use a token with a higher limit";
}

}  // namespace

std::string_view hint_of_reason(std::string const& message) {
  std::string const text = " " + to_lower(message);
  for (ReasonRow const& row : kReasons)
    if (contains(text, row.part)) return row.hint;
  return "";
}

std::string said(HttpRequest const& request, std::string_view text, std::size_t bytes) {
  constexpr std::size_t kMost = 64u << 10;           // Cut before it is worked on, and only then to what is shown.
  for (auto const& [name, value] : request.headers)  // A session's token of AWS.
    if (contains(to_lower(name), "token")) remember_secret(value);
  return one_line(without_secrets(clean_line(text.substr(0, kMost), kMost)), bytes);
}

Error refused(HttpRequest const& request, HttpResponse const& response, Refusal const& refusal) {
  ErrorKind kind = response.status >= 500 ? ErrorKind::Network : ErrorKind::BadInput;
  std::string hint = response.status >= 500 ? "the forge has trouble; run again later" : "";
  for (StatusRow const& row : kStatuses) {
    if (row.status != response.status) continue;
    kind = row.kind;
    hint = row.hint;
  }
  bool const limited = response.status == 429 ||
                       (response.status == 403 &&
                        (response.header("x-ratelimit-remaining") == "0" || !response.header("retry-after").empty() ||
                         contains(response.body, "secondary rate limit")));
  if (limited) {
    kind = ErrorKind::RateLimited;
    hint = hint_for_limit(response);
  }
  if (!refusal.hint.empty() && !limited) hint = refusal.hint;
  bool const refuses = response.status == 403 || response.status == 422 || response.status == 423;
  if (auto const reason = hint_of_reason(refusal.message); refuses && !limited && !reason.empty()) hint = reason;
  if (refusal.too_large) kind = ErrorKind::TooLarge;
  std::string message = refusal.message;
  if (message.empty() && trim(response.body).substr(0, 1) == "<") {
    message = "an HTML page instead of JSON";
    bool const by_proxy = response.status == 407 || response.status == 413;
    if (response.status < 500 && !by_proxy) hint = "is this the API's address? Check --repo and --api-url";
  }
  std::string text = request.method + " " + safe_url(request.url) + " answered " + std::to_string(response.status);
  if (response.status == 413) hint += ": " + std::to_string(request.body.size()) + " bytes";
  if (std::string const line = said(request, message, 400); !line.empty()) text += ": " + line;
  if (!hint.empty()) text += "; " + hint;
  return {kind, text};
}

bool is_uncertain(Result<HttpResponse> const& answer) {
  if (!answer) return answer.error().kind == ErrorKind::Network;
  int const status = answer.value().status;
  return status >= 500 && status != 501;
}

}  // namespace cml
