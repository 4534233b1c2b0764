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
    {403, ErrorKind::Unauthorized, "the token may not do this; check its scopes"},
    {404, ErrorKind::NotFound,
     "it does not exist, or the token may not see it; check --repo, the number and the token's access"},
    {405, ErrorKind::Unsupported, "is this the API's address?"},
    {407, ErrorKind::Unauthorized, "the proxy wants a login: http_proxy=http://USER:PASSWORD@HOST:PORT"},
    {409, ErrorKind::Conflict, "somebody else changed it meanwhile; run again"},
    {410, ErrorKind::NotFound, "the forge has switched this off for the repository"},
    {413, ErrorKind::TooLarge, "what is sent is too large"},
    {422, ErrorKind::BadInput, "the forge refused the content"},
    {429, ErrorKind::RateLimited, "too many requests; wait, or use a token with a higher limit"},
};

}  // namespace

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
    hint = "the rate limit is used up; wait, or use a token with a higher limit";
  }
  if (!refusal.hint.empty() && !limited) hint = refusal.hint;
  if (refusal.too_large) kind = ErrorKind::TooLarge;
  std::string message = refusal.message;
  if (message.empty() && trim(response.body).substr(0, 1) == "<") {
    message = "an HTML page instead of JSON";
    if (response.status < 500 && response.status != 407) hint = "is this the API's address? Check --repo and --api-url";
  }
  std::string text = request.method + " " + safe_url(request.url) + " answered " + std::to_string(response.status);
  if (!message.empty()) text += ": " + one_line(message, 400);
  if (!hint.empty()) text += "; " + hint;
  return {kind, text};
}

bool is_uncertain(Result<HttpResponse> const& answer) {
  if (!answer) return answer.error().kind == ErrorKind::Network;
  int const status = answer.value().status;
  return status >= 500 && status != 501;
}

}  // namespace cml
