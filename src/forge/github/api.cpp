#include "forge/github/api.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/json_api.hpp"

namespace cml::github {
namespace {

using nlohmann::json;

std::string message_of(HttpResponse const& response) {
  json const body = parse_answer(response.body);
  if (!body.is_object()) return "";
  std::string message = text_at(body, {"message"});
  // "errors" holds strings or {resource, field, code, message}.
  if (body.contains("errors") && body["errors"].is_array()) {
    for (json const& error : body["errors"]) {
      if (error.is_string()) message += "; " + error.get<std::string>();
      if (!error.is_object()) continue;
      std::string detail;
      for (char const* key : {"resource", "field", "code", "message"})
        if (error.contains(key) && error[key].is_string())
          detail += (detail.empty() ? "" : " ") + error[key].get<std::string>();
      if (!detail.empty()) message += "; " + detail;
    }
  }
  return message;
}

// 403 says too little; the header says which permission would do.
std::string hint_for(HttpRequest const& request, HttpResponse const& response, std::string const& message) {
  if (response.status == 405 && contains(request.url, "/merge"))
    return "reviews or checks are missing, or the repository does not allow this way of merging; see its branch "
           "protection";
  if (response.status != 403 && response.status != 404) return "";
  std::string const accepted(response.header("x-accepted-github-permissions"));
  std::string permission = accepted.empty() ? "" : "it needs " + replace_all(accepted, "=", ": ");
  if (contains(message, "Resource not accessible by integration") && contains(request.url, "/actions/runner"))
    return "the job's own token may never do that";
  if (contains(message, "Resource not accessible by integration")) {
    std::string line = contains(request.url, "/git/") ? "contents: write" : "pull-requests: write";
    if (contains(request.url, "/commits/")) line = "contents: write";
    if (!permission.empty()) line = replace_all(accepted, "=", ": ");
    return "add \"permissions: " + line + "\" to the job; a pull request from a fork has a read-only token";
  }
  if (contains(message, "Resource not accessible by personal access token"))
    return "the fine-grained token lacks a permission" + (permission.empty() ? "" : " (" + permission + ")") +
           ", or the repository is not among those it may use";
  if (contains(message, "SAML")) return "authorize the token for the organization's single sign-on";
  return response.status == 403 && !permission.empty() ? "the token may not do this: " + permission : "";
}

}  // namespace

Refusal explain(HttpRequest const& request, HttpResponse const& response) {
  std::string const message = message_of(response);
  return {message, hint_for(request, response, message), response.status == 422 && contains(message, "too long")};
}

std::string api_of(Repository const& repository) {
  std::string const& host = repository.authority;
  constexpr std::string_view kTenants = ".ghe.com";
  bool const tenant = host.size() > kTenants.size() && host.substr(host.size() - kTenants.size()) == kTenants;
  if (host == "github.com" || tenant) return "https://api." + host;
  return repository.scheme + "://" + host + "/api/v3";
}

Api::Api(HttpClient& http, std::string base, Secret token, std::string owner_and_name)
    : http_(http),
      base_(std::move(base)),
      authorization_("Bearer " + token.reveal()),
      repository_(std::move(owner_and_name)) {}

HttpRequest Api::authorized(std::string method, std::string url) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.headers = {{"Accept", "application/vnd.github+json"}, {"X-GitHub-Api-Version", "2022-11-28"}};
  request.credential_header = "Authorization";
  request.credential = authorization_;
  return request;
}

HttpRequest Api::request(std::string method, std::string const& path) const {
  return authorized(std::move(method), base_ + "/repos/" + percent_encode(repository_, "/") + path);
}

HttpRequest Api::request(std::string method, std::string const& path, json const& body, Repeat repeat) const {
  return with_json(request(std::move(method), path), body, repeat);
}

Result<json> Api::read(HttpRequest const& request, Result<HttpResponse> const& answer) const {
  return read_json(request, answer, explain);
}

Result<json> Api::call(HttpRequest const& request) const { return read(request, http_.send(request)); }

Result<std::vector<Result<json>>> Api::call_all(std::vector<HttpRequest> const& requests, int parallel) const {
  auto const answers = http_.send_all(requests, parallel);
  std::vector<Result<json>> results;
  for (std::size_t i = 0; i < requests.size(); ++i) results.push_back(read(requests[i], answers[i]));
  return results;
}

Status Api::each(std::string const& path, Beside* beside, EachElement const& each) const {
  HttpRequest const first = request("GET", path + (contains(path, "?") ? "&" : "?") + "per_page=100");
  return each_linked(http_, first, explain, beside, each);
}

Result<std::vector<json>> Api::list(std::string const& path, Beside* beside) const {
  return collected([&](EachElement const& take) { return each(path, beside, take); });
}

Result<json> Api::graphql(std::string const& document, json const& variables, Repeat repeat) const {
  HttpRequest const post = graphql_request(document, variables, repeat);
  return read_graphql(post, http_.send(post));
}

HttpRequest Api::graphql_request(std::string const& document, json const& variables, Repeat repeat) const {
  // "https://HOST/api/v3" has its GraphQL at "https://HOST/api/graphql", github.com's at "/graphql".
  std::string url = base_ + "/graphql";
  constexpr std::string_view kEnterprise = "/api/v3";
  if (base_.size() > kEnterprise.size() && base_.substr(base_.size() - kEnterprise.size()) == kEnterprise)
    url = base_.substr(0, base_.size() - 3) + "/graphql";
  HttpRequest post = with_json(authorized("POST", url), {{"query", document}, {"variables", variables}}, repeat);
  post.timeout = std::chrono::seconds(300);
  return post;
}

Result<json> Api::read_graphql(HttpRequest const& post, Result<HttpResponse> const& response) const {
  CML_TRY(answer, read(post, response));
  if (!answer.is_object()) return lacks(post, "no object");
  if (answer.contains("errors") && answer["errors"].is_array() && !answer["errors"].empty()) {
    json const& error = answer["errors"][0];
    std::string const message = text_at(error, {"message"}), type = text_at(error, {"type"});
    ErrorKind kind = ErrorKind::BadInput;
    if (type == "FORBIDDEN" || type == "INSUFFICIENT_SCOPES") kind = ErrorKind::Forbidden;
    if (type == "NOT_FOUND") kind = ErrorKind::NotFound;
    if (type == "STALE_DATA") kind = ErrorKind::Conflict;
    if (type == "RATE_LIMITED") kind = ErrorKind::RateLimited;
    std::string hint;
    if (kind == ErrorKind::RateLimited) hint = "wait, or use a token with a higher limit";
    if (kind == ErrorKind::Forbidden) {
      hint = hint_of_reason(message);
      if (hint.empty()) hint = hint_for(post, {.status = 403}, message);
    }
    return Error{kind, "POST " + safe_url(post.url) + ": " + (message.empty() ? "failed" : said(post, message)) +
                           (hint.empty() ? "" : "; " + hint)};
  }
  auto const data = answer.find("data");
  return data == answer.end() ? json() : std::move(*data);
}

}  // namespace cml::github
