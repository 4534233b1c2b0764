#include "forge/json_api.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

using nlohmann::json;
constexpr int kParallelUploads = 8;

json const* find(json const& object, std::initializer_list<char const*> keys) {
  json const* at = &object;
  for (char const* key : keys) {
    if (!at->is_object()) return nullptr;
    auto const found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

// Copying and writing JSON goes as deep as it is nested.
constexpr int kDeepest = 200;
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

// "links.html.href"
std::string path_of(std::initializer_list<char const*> keys) {
  std::string path;
  for (char const* key : keys) path += (path.empty() ? "" : ".") + std::string(key);
  return path;
}

}  // namespace

json parse_answer(std::string_view text) {
  return is_too_deep(text) ? json(json::value_t::discarded) : json::parse(text, nullptr, false);
}

HttpRequest with_json(HttpRequest request, json const& body, Repeat repeat) {
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  request.repeat = repeat;
  return request;
}

Result<Access> access_of(HttpClient& http, HttpRequest const& repository, Explain explain) {
  auto const answer = http.send(repository);
  CML_TRY(object, read_json(repository, answer, explain));
  Access access;
  if (object.is_object() && object.contains("permissions") && object["permissions"].is_object() &&
      object["permissions"].contains("push"))
    access.writes = true_at(object, {"permissions", "push"});
  for (std::string const& scope : split(answer->header("x-oauth-scopes"), ','))
    if (!trim(scope).empty()) access.scopes.push_back(clean_line(trim(scope), 60));
  return access;
}

Result<json> read_json(HttpRequest const& request, Result<HttpResponse> const& answer, Explain explain) {
  if (!answer) return Error(answer.error());
  HttpResponse const& response = answer.value();
  if (response.status < 200 || response.status >= 300) return refused(request, response, explain(request, response));
  if (response.body.empty()) return json();
  json body = parse_answer(response.body);
  if (body.is_discarded())
    return refused(request, response, {"no JSON", "is this the API's address? Check --repo and --api-url", false});
  return body;
}

std::string text_at(json const& object, std::initializer_list<char const*> keys) {
  json const* const found = find(object, keys);
  return found != nullptr && found->is_string() ? found->get<std::string>() : "";
}

std::optional<long long> integer_at(json const& object, std::initializer_list<char const*> keys) {
  json const* const found = find(object, keys);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  constexpr auto kMost = static_cast<unsigned long long>(std::numeric_limits<long long>::max());
  if (found->is_number_unsigned() && found->get<unsigned long long>() > kMost) return std::nullopt;
  return found->get<long long>();
}

bool true_at(json const& object, std::initializer_list<char const*> keys) {
  json const* const found = find(object, keys);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

std::string sha_at(json const& object, std::initializer_list<char const*> keys) {
  std::string sha = text_at(object, keys);
  bool const plain = sha.size() <= 64 && std::all_of(sha.begin(), sha.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                     });
  return plain ? sha : "";
}

std::string time_at(json const& object, std::initializer_list<char const*> keys) {
  std::string const time = text_at(object, keys);
  return time.size() <= 40 && time.find_first_not_of("0123456789-:.+TZ ") == std::string::npos ? time : "";
}

Error lacks(HttpRequest const& asked, std::string_view what) {
  return {ErrorKind::BadInput, asked.method + " " + safe_url(asked.url) + ": the answer has " + std::string(what) +
                                   "; is this the API's address? Check --repo and --api-url"};
}

Result<std::string> url_at(HttpRequest const& asked, json const& answer, std::initializer_list<char const*> keys) {
  json const* const found = find(answer, keys);
  if (found == nullptr || found->is_null()) return std::string();
  std::string url = found->is_string() ? found->get<std::string>() : "";
  if (found->is_string() && url.empty()) return url;
  if (!is_web_url(url) || holds_secret(url))
    return lacks(asked, "no web address in " + path_of(keys) +
                            (url.empty() ? "" : " but \"" + said(asked, safe_url(url), 100) + "\""));
  return url;
}

Result<std::string> needed_url_at(HttpRequest const& asked, json const& answer,
                                  std::initializer_list<char const*> keys) {
  CML_TRY(url, url_at(asked, answer, keys));
  if (url.empty()) return lacks(asked, "no address (" + path_of(keys) + ")");
  return url;
}

Result<std::vector<json>> collected(std::function<Status(EachElement const&)> const& list) {
  std::vector<json> elements;
  CML_CHECK_OK(list([&](json const& element) {
    elements.push_back(element);
    return ok();
  }));
  return elements;
}

Result<HttpResponse> send_first(HttpClient& http, HttpRequest const& first, Beside*& beside) {
  if (beside == nullptr) return http.send(first);
  auto answers = http.send_all({first, beside->request}, 2);
  std::exchange(beside, nullptr)->answer = std::move(answers[1]);
  return std::move(answers[0]);
}

std::string id_at(json const& object, std::initializer_list<char const*> keys) {
  auto const number = integer_at(object, keys);
  return number ? std::to_string(*number) : "";
}

Status call_in_turn(HttpClient& http, std::vector<HttpRequest> const& requests, Explain explain) {
  for (HttpRequest const& request : requests)
    if (auto done = read_json(request, http.send(request), explain); !done) return std::move(done).error();
  return ok();
}

Result<std::vector<json>> send_uploads(HttpClient& http, std::vector<HttpRequest> const& requests,
                                       std::vector<AssetFile> const& files, Explain explain) {
  auto const answers = http.send_all(requests, kParallelUploads);
  std::vector<json> bodies;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto uploaded = read_json(requests[i], answers[i], explain);
    if (!uploaded) return std::move(uploaded).error().while_doing("uploading " + files.at(i).name);
    bodies.push_back(std::move(uploaded).value());
  }
  return bodies;
}

}  // namespace cml
