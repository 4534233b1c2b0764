#include "forge/gitea/api.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "forge/json_api.hpp"
#include "forge/link_pages.hpp"

namespace cml::gitea {
namespace {

using nlohmann::json;

std::string hint_for(HttpRequest const& request, HttpResponse const& response) {
  if (response.status == 401)
    return "the token is wrong, expired or revoked; make one under Settings, Applications, and store it as REPO_TOKEN";
  if (response.status == 403 && contains(request.url, "/actions/")) return "the token may not do this";
  if (response.status == 403)
    return contains(request.url, "/issues/") || contains(request.url, "/pulls")
               ? "the token needs the scopes write:issue and write:repository; a pull request from a fork has a "
                 "read-only token"
               : "the token needs the scope write:repository";
  return "";
}

}  // namespace

// {"message": ..., "url": ...}, for some refusals {"errors": [...]} besides.
Refusal explain(HttpRequest const& request, HttpResponse const& response) {
  json const body = parse_answer(response.body);
  std::string message = text_at(body, {"message"});
  if (body.is_object() && body.contains("errors") && body["errors"].is_array())
    for (json const& error : body["errors"])
      if (error.is_string()) message += "; " + error.get<std::string>();
  bool const too_long = response.status == 422 && contains(to_lower(message), "too long");
  return {message, hint_for(request, response), too_long};
}

Api::Api(HttpClient& http, std::string base, Secret const& token, std::string owner_and_name)
    : http_(http),
      base_(std::move(base)),
      authorization_("token " + token.reveal()),
      repository_(std::move(owner_and_name)) {}

Place place_of(std::string const& web_path) {
  auto const slash = web_path.rfind('/');
  auto const before = slash == std::string::npos || slash == 0 ? std::string::npos : web_path.rfind('/', slash - 1);
  if (before == std::string::npos) return {"", web_path};
  return {"/" + web_path.substr(0, before), web_path.substr(before + 1)};
}

HttpRequest Api::request(std::string method, std::string const& path) const {
  return request_at_base(std::move(method), "/repos/" + percent_encode(repository_, "/") + path);
}

HttpRequest Api::request_at_base(std::string method, std::string const& path) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = base_ + path;
  request.headers = {{"Accept", "application/json"}};
  request.credential_header = "Authorization";
  request.credential = authorization_;
  return request;
}

HttpRequest Api::request(std::string method, std::string const& path, json const& body, Repeat repeat) const {
  return with_json(request(std::move(method), path), body, repeat);
}

Result<json> Api::read(HttpRequest const& request, Result<HttpResponse> const& answer) const {
  return read_json(request, answer, explain);
}

Result<json> Api::call(HttpRequest const& request) const { return read(request, http_.send(request)); }

Status Api::each(std::string const& path, Beside* beside, EachElement const& each) const {
  return each_linked(http_, request("GET", path + (contains(path, "?") ? "&" : "?") + "limit=50"), explain, beside,
                     each);
}

Result<std::vector<json>> Api::list(std::string const& path) const {
  return collected([&](EachElement const& take) { return each(path, nullptr, take); });
}

}  // namespace cml::gitea
