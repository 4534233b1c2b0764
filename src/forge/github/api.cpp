#include "forge/github/api.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/http_error.hpp"

namespace cml::github {
namespace {

using nlohmann::json;
constexpr int kParallel = 8;
constexpr int kMaxPages = 500;  // 50,000 elements: more than any thread a person would read.

std::string message_of(HttpResponse const& response) {
  json const body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) return "";
  std::string message = body.value("message", json()).is_string() ? body["message"].get<std::string>() : "";
  // "errors" holds strings or {resource, field, code, message}.
  if (body.contains("errors") && body["errors"].is_array()) {
    for (json const& error : body["errors"]) {
      if (error.is_string()) message += "; " + error.get<std::string>();
      if (!error.is_object()) continue;
      std::string detail;
      for (char const* key : {"resource", "field", "code", "message"})
        if (error.contains(key) && error[key].is_string()) detail += (detail.empty() ? "" : " ") + error[key].get<std::string>();
      if (!detail.empty()) message += "; " + detail;
    }
  }
  return message;
}

// 403 says too little; the header says which permission would do.
std::string hint_for(HttpRequest const& request, HttpResponse const& response, std::string const& message) {
  if (response.status != 403 && response.status != 404) return "";
  std::string const accepted(response.header("x-accepted-github-permissions"));
  std::string permission = accepted.empty() ? "" : "it needs " + replace_all(accepted, "=", ": ");
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

// The URL of `relation` in a Link header (RFC 8288).
std::string link_of(HttpResponse const& response, std::string_view relation) {
  for (std::string const& part : split(response.header("link"), ',')) {
    auto const open = part.find('<'), close = part.find('>');
    if (open == std::string::npos || close == std::string::npos) continue;
    if (contains(part.substr(close), "rel=\"" + std::string(relation) + "\"")) return part.substr(open + 1, close - open - 1);
  }
  return "";
}

// The page numbers of `next` and `last` when the two differ in nothing else.
struct PageRange {
  int next = 0, last = 0;
  std::string before, after;  // Around the number.
};
std::optional<PageRange> page_range(std::string const& next, std::string const& last) {
  auto const at = next.find("page=", next.find_first_of('?') == std::string::npos ? next.size() : next.find('?'));
  std::size_t start = std::string::npos;
  for (auto i = at; i != std::string::npos; i = next.find("page=", i + 1))
    if (next[i - 1] == '?' || next[i - 1] == '&') start = i + 5;
  if (start == std::string::npos) return std::nullopt;
  auto const digits_end = [](std::string const& text, std::size_t from) {
    auto const end = text.find_first_not_of("0123456789", from);
    return end == std::string::npos ? text.size() : end;
  };
  std::size_t const end = digits_end(next, start);
  PageRange range;
  range.before = next.substr(0, start);
  range.after = next.substr(end);
  if (last.substr(0, start) != range.before) return std::nullopt;
  std::size_t const last_end = digits_end(last, start);
  if (last.substr(last_end) != range.after) return std::nullopt;
  auto const first_number = parse_integer(next.substr(start, end - start));
  auto const last_number = parse_integer(last.substr(start, last_end - start));
  if (!first_number || !last_number || *last_number < *first_number || *last_number > kMaxPages) return std::nullopt;
  range.next = static_cast<int>(*first_number);
  range.last = static_cast<int>(*last_number);
  return range;
}

}  // namespace

Api::Api(HttpClient& http, std::string base, Secret token, std::string owner_and_name)
    : http_(http), base_(std::move(base)), authorization_("Bearer " + token.reveal()), repository_(std::move(owner_and_name)) {}

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
  HttpRequest result = request(std::move(method), path);
  result.headers.emplace_back("Content-Type", "application/json");
  // Bytes that are no UTF-8 become U+FFFD, as the forge would store them.
  result.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  result.repeat = repeat;
  return result;
}

Result<json> Api::read(HttpRequest const& request, Result<HttpResponse> const& answer) const {
  if (!answer) return Error(answer.error());
  HttpResponse const& response = answer.value();
  if (response.status < 200 || response.status >= 300) {
    std::string const message = message_of(response);
    bool const too_long = response.status == 422 && contains(message, "too long");
    return refused(request, response, {message, hint_for(request, response, message), too_long});
  }
  if (response.body.empty()) return json();
  json body = json::parse(response.body, nullptr, false);
  if (body.is_discarded())
    return refused(request, response, {"no JSON", "is this the API's address? Check --repo and --api-url", false});
  return body;
}

Result<json> Api::call(HttpRequest const& request) const { return read(request, http_.send(request)); }

Result<std::vector<Result<json>>> Api::call_all(std::vector<HttpRequest> const& requests, int parallel) const {
  auto const answers = http_.send_all(requests, parallel);
  std::vector<Result<json>> results;
  for (std::size_t i = 0; i < requests.size(); ++i) results.push_back(read(requests[i], answers[i]));
  return results;
}

Result<std::vector<json>> Api::list(std::string const& path) const {
  std::vector<json> elements;
  auto const take = [&](HttpRequest const& sent, Result<json>&& page) -> Status {
    if (!page) return std::move(page).error();
    if (!page.value().is_array())
      return Error{ErrorKind::Network, sent.method + " " + safe_url(sent.url) + ": a list was expected"};
    for (json& element : page.value()) elements.push_back(std::move(element));
    return ok();
  };
  HttpRequest first = request("GET", path + (contains(path, "?") ? "&" : "?") + "per_page=100");
  std::string const origin = parse_url(base_) ? parse_url(base_)->origin() : "";
  for (int page = 0; page < kMaxPages; ++page) {
    auto const answer = http_.send(first);
    CML_CHECK_OK(take(first, read(first, answer)));
    std::string const next = link_of(answer.value(), "next");
    if (next.empty()) return elements;
    auto const next_url = parse_url(next);
    if (!next_url || next_url->origin() != origin)  // The token goes to the API's own host only.
      return Error{ErrorKind::Network, "GET " + safe_url(first.url) + ": the next page is on another host, " + safe_url(next)};
    if (auto const range = page_range(next, link_of(answer.value(), "last"))) {
      std::vector<HttpRequest> rest;
      for (int number = range->next; number <= range->last; ++number)
        rest.push_back(authorized("GET", range->before + std::to_string(number) + range->after));
      auto const answers = http_.send_all(rest, kParallel);
      for (std::size_t i = 0; i < rest.size(); ++i) CML_CHECK_OK(take(rest[i], read(rest[i], answers[i])));
      // Pages that appeared meanwhile.
      std::string const more = link_of(answers.back().value(), "next");
      if (more.empty()) return elements;
      first = authorized("GET", more);
    } else {
      first = authorized("GET", next);
    }
    if (auto const url = parse_url(first.url); !url || url->origin() != origin)
      return Error{ErrorKind::Network, "the next page is on another host, " + safe_url(first.url)};
  }
  return elements;
}

Result<json> Api::graphql(std::string const& document, json const& variables, Repeat repeat) const {
  // "https://HOST/api/v3" has its GraphQL at "https://HOST/api/graphql", github.com's at "/graphql".
  std::string url = base_ + "/graphql";
  constexpr std::string_view kEnterprise = "/api/v3";
  if (base_.size() > kEnterprise.size() && base_.substr(base_.size() - kEnterprise.size()) == kEnterprise)
    url = base_.substr(0, base_.size() - 3) + "/graphql";
  HttpRequest post = authorized("POST", url);
  post.headers.emplace_back("Content-Type", "application/json");
  post.body = json{{"query", document}, {"variables", variables}}.dump();
  post.repeat = repeat;
  post.timeout = std::chrono::seconds(300);
  CML_TRY(answer, call(post));
  if (answer.contains("errors") && answer["errors"].is_array() && !answer["errors"].empty()) {
    json const& error = answer["errors"][0];
    std::string const message = error.contains("message") && error["message"].is_string() ? error["message"].get<std::string>() : "failed";
    std::string const type = error.contains("type") && error["type"].is_string() ? error["type"].get<std::string>() : "";
    ErrorKind kind = ErrorKind::BadInput;
    if (type == "FORBIDDEN") kind = ErrorKind::Unauthorized;
    if (type == "NOT_FOUND") kind = ErrorKind::NotFound;
    if (type == "STALE_DATA") kind = ErrorKind::Conflict;
    return Error{kind, "POST " + safe_url(url) + ": " + one_line(message)};
  }
  return answer.value("data", json());
}

}  // namespace cml::github
