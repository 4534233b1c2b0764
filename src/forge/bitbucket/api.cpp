#include "forge/bitbucket/api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"
#include "forge/pages.hpp"

namespace cml::bitbucket {
namespace {

using nlohmann::json;
// A comment this long that is refused with 400 and a web page was too long: Bitbucket says it in no other way.
constexpr std::size_t kSuspicious = 10'000;

// {"type": "error", "error": {"message": ..., "detail": ...}}
std::string message_of(HttpResponse const& response) {
  json const body = parse_answer(response.body);
  if (!body.is_object() || !body.contains("error")) return "";
  json const& error = body["error"];
  if (error.is_string()) return error.get<std::string>();
  if (!error.is_object()) return "";
  std::string text;
  for (char const* key : {"message", "detail"})
    if (error.contains(key))
      text += (text.empty() ? "" : "; ") + (error[key].is_string() ? error[key].get<std::string>() : error[key].dump());
  return text;
}

std::string hint_for(HttpRequest const& request, HttpResponse const& response) {
  if (contains(request.url, "/commit/") && contains(request.url, "/pullrequests"))
    return "install the app \"Pull Request Commit Links\" (click \"Go to pull request\" on any commit's page), or give "
           "--target pr/NUMBER";
  if (response.status == 401)
    return "use an access token of the repository, or EMAIL:API_TOKEN; app passwords stopped working in June 2026";
  if (response.status == 403 && contains(request.url, "/pipelines-config/")) return "the token may not do this";
  if (response.status == 403) return "the token needs the scopes pullrequest:write and repository:write";
  if (contains(request.url, "/issues/")) return "Bitbucket's issue tracker ended in August 2026";
  return "";
}

}  // namespace

Refusal explain(HttpRequest const& request, HttpResponse const& response) {
  bool const page = trim(response.body).substr(0, 1) == "<";
  bool const too_long = response.status == 400 && page && request.body.size() > kSuspicious;
  return {too_long ? "a web page, as for a comment that is too long" : message_of(response),
          hint_for(request, response), too_long};
}

// The "user:secret" in a token, as written or in base64; empty for an access token.
static std::string pair_in(Secret const& token) {
  std::string const& value = token.reveal();
  if (contains(value, ":")) return value;
  auto const decoded = base64_decode(value);
  bool const printable = decoded && std::all_of(decoded->begin(), decoded->end(),
                                                [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
  return printable && contains(*decoded, ":") ? *decoded : "";
}

bool is_login(Secret const& token) { return !pair_in(token).empty(); }

Secret authorization_for(Secret const& token) {
  std::string const pair = pair_in(token);
  return Secret(pair.empty() ? "Bearer " + token.reveal() : "Basic " + base64_encode(pair));
}

// git knows API tokens, which belong to an e-mail address, under a user name of their own.
Secret git_login(Secret const& token) {
  std::string const pair = pair_in(token);
  if (pair.empty()) return Secret("x-token-auth:" + token.reveal());
  auto const colon = pair.find(':');
  bool const email = contains(pair.substr(0, colon), "@");
  return Secret((email ? "x-bitbucket-api-token-auth" : pair.substr(0, colon)) + pair.substr(colon));
}

Api::Api(HttpClient& http, std::string base, Secret const& token, std::string workspace_and_slug)
    : http_(http),
      base_(std::move(base)),
      authorization_(authorization_for(token)),
      repository_(std::move(workspace_and_slug)) {}

HttpRequest Api::authorized(std::string method, std::string url) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  request.credential_header = "Authorization";
  request.credential = authorization_;
  return request;
}

HttpRequest Api::request(std::string method, std::string const& path) const {
  return authorized(std::move(method), base_ + "/repositories/" + percent_encode(repository_, "/") + path);
}

HttpRequest Api::request(std::string method, std::string const& path, json const& body, Repeat repeat) const {
  return with_json(request(std::move(method), path), body, repeat);
}

Result<json> Api::read(HttpRequest const& request, Result<HttpResponse> const& answer) const {
  return read_json(request, answer, explain);
}

Result<json> Api::call(HttpRequest const& request) const { return read(request, http_.send(request)); }

Result<std::vector<json>> Api::list(std::string const& path, int page_length) const {
  return collected([&](EachElement const& take) { return each(path, page_length, nullptr, take); });
}

Status Api::each(std::string const& path, int page_length, Beside* beside, EachElement const& each) const {
  // The page length is not in the description of every list, so it is asked for only when one page is not enough.
  HttpRequest next = request("GET", path);
  auto const origin = parse_url(base_) ? parse_url(base_)->origin() : "";
  Pages pages;
  for (bool first = true;; first = false) {
    CML_CHECK_OK(pages.ask(next));
    auto const answer = send_first(http_, next, beside);
    if (answer) CML_CHECK_OK(pages.take(next, answer.value()));
    CML_TRY(body, read(next, answer));
    if (!body.is_object() || !body.contains("values") || !body["values"].is_array()) return lacks(next, "no list");
    bool const empty = body["values"].empty();
    bool const more = !text_at(body, {"next"}).empty() && !empty;
    if (first && more) {  // Asked for again, in longer pages.
      pages = Pages();
      next = request("GET", path + (contains(path, "?") ? "&" : "?") + "pagelen=" + std::to_string(page_length));
      continue;
    }
    for (json const& element : body["values"]) CML_CHECK_OK(each(element));
    if (!more) return ok();  // Some lists have a next page after the last.
    std::string const following = text_at(body, {"next"});
    auto const url = parse_url(following);
    if (!url || url->origin() != origin)  // The token goes to the API's own host only.
      return Error{ErrorKind::Network, "GET " + safe_url(next.url) + ": the next page is on another host, " +
                                           said(next, safe_url(following))};
    next = authorized("GET", following);
  }
}

}  // namespace cml::bitbucket
