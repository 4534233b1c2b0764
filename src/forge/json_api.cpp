#include "forge/json_api.hpp"

#include <nlohmann/json.hpp>

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

}  // namespace

HttpRequest with_json(HttpRequest request, json const& body, Repeat repeat) {
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  request.repeat = repeat;
  return request;
}

Result<json> read_json(HttpRequest const& request, Result<HttpResponse> const& answer, Explain explain) {
  if (!answer) return Error(answer.error());
  HttpResponse const& response = answer.value();
  if (response.status < 200 || response.status >= 300) return refused(request, response, explain(request, response));
  if (response.body.empty()) return json();
  json body = json::parse(response.body, nullptr, false);
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
  return found != nullptr && found->is_number_integer() ? std::optional(found->get<long long>()) : std::nullopt;
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
