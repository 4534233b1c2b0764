#include "cloud/azure/manager.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud::azure {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr int kMaxPages = 100;
constexpr seconds kLimit{1800}, kPause{5}, kLongestPause{60};
constexpr std::string_view kNoRoom[] = {"SkuNotAvailable",
                                        "AllocationFailed",
                                        "ZonalAllocationFailed",
                                        "OverconstrainedAllocationRequest",
                                        "OverconstrainedZonalAllocationRequest",
                                        "QuotaExceeded",
                                        "SpotQuotaExceeded",
                                        "LowPriorityQuotaExceeded",
                                        "LocationNotAvailableForResourceType"};

// The server proposes, within reason.
seconds pause_of(HttpResponse const& response) {
  auto const given = parse_integer(response.header("retry-after"));
  return given ? std::clamp(seconds(*given), seconds(1), kLongestPause) : kPause;
}

bool ended(std::string const& state) { return state == "Succeeded" || state == "Failed" || state == "Canceled"; }

bool no_room(std::string const& code, std::string const& message) {
  if (std::find(std::begin(kNoRoom), std::end(kNoRoom), code) != std::end(kNoRoom)) return true;
  return code == "OperationNotAllowed" && contains(to_lower(message), "quota");
}

// "code: message", and the first detail, which is often the only one that says something.
std::string said(json const& error) {
  std::string text = text_at(error, "/code") + ": " + text_at(error, "/message");
  if (std::string const detail = text_at(error, "/details/0/message"); !detail.empty()) text += " (" + detail + ")";
  return clean_line(text);
}

}  // namespace

std::string Manager::id(std::string const& path) const {
  return "/subscriptions/" + percent_encode(access_.subscription) + path;
}

Result<HttpResponse> Manager::send(std::string const& method, std::string const& url, json const& body) const {
  HttpRequest request{.method = method, .url = url, .headers = {{"Accept", "application/json"}}};
  request.credential_header = "Authorization";
  request.credential = access_.authorization;
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  // The server names pages and operations by whole addresses; the token goes to nobody else.
  if (url.substr(0, access_.manager.size() + 1) != access_.manager + "/")
    return Error{ErrorKind::BadInput,
                 "Azure sent an address outside " + access_.manager + ": " + clean_line(safe_url(url), 100)};
  CML_TRY(response, setup_.http->send(request));
  if (response.status == 401 && renew()) {
    request.credential = access_.authorization;
    CML_TRY(again, setup_.http->send(request));
    response = std::move(again);
  }
  if (response.status >= 200 && response.status < 300) return response;
  return refused(method + " " + safe_url(url), response.status, json::parse(response.body, nullptr, false));
}

// A token lives for about an hour; a launch of many machines may take longer. False: there is no other one.
bool Manager::renew() const {
  auto fresh = find_access(setup_);
  if (!fresh || fresh->authorization.reveal() == access_.authorization.reveal()) return false;
  access_.authorization = fresh->authorization;
  return true;
}

Error Manager::refused(std::string const& what, int status, json const& answer) const {
  json const error = answer.is_object() && answer.contains("error") ? answer["error"] : json::object();
  std::string const code = text_at(error, "/code"), message = text_at(error, "/message"),
                    detail = text_at(error, "/details/0/code");
  ErrorKind kind = ErrorKind::BadInput;
  std::string hint;
  if (status == 401)
    kind = ErrorKind::Unauthorized,
    hint = "; the credentials of " + access_.source + " are not accepted or have expired";
  if (status == 403) kind = ErrorKind::Unauthorized, hint = "; docs/clouds/azure.md has the role";
  if (status == 404) kind = ErrorKind::NotFound;
  if (status == 409) kind = ErrorKind::Conflict;
  if (status == 429) kind = ErrorKind::RateLimited;
  if (status >= 500) kind = ErrorKind::Network;
  if (code == "MissingSubscriptionRegistration")
    hint = "; register Microsoft.Compute and Microsoft.Network once: az provider register";
  if (no_room(code, message) || no_room(detail, message)) kind = ErrorKind::TooLarge, hint = "";
  return {kind, what + (status > 0 ? " answered " + std::to_string(status) : " failed") + ": " + said(error) + hint};
}

Result<json> Manager::call(std::string method, std::string const& path, json const& body) const {
  CML_TRY(response, send(method, access_.manager + id(path), body));
  if (response.body.empty()) return json();
  json answer = json::parse(response.body, nullptr, false);
  if (!answer.is_discarded()) return answer;
  return Error{ErrorKind::Network, method + " " + safe_url(path) + ": no JSON; is this Azure's API?"};
}

Result<std::vector<json>> Manager::list(std::string const& path) const {
  std::vector<json> all;
  std::string url = access_.manager + id(path);
  for (int i = 0; i < kMaxPages && !url.empty(); ++i) {
    CML_TRY(response, send("GET", url, nullptr));
    json const page = json::parse(response.body, nullptr, false);
    if (!page.is_object()) return Error{ErrorKind::Network, "GET " + safe_url(url) + ": no JSON; is this Azure's API?"};
    if (page.contains("value") && page["value"].is_array())
      for (json const& item : page["value"])
        if (item.is_object()) all.push_back(item);
    url = text_at(page, "/nextLink");
  }
  return all;
}

Status Manager::put(std::string const& path, json const& body) const {
  std::string const resource = access_.manager + id(path);
  CML_TRY(response, send("PUT", resource, body));
  std::string const operation(response.header("azure-asyncoperation"));
  auto const began = setup_.clock->now();
  json answer = json::parse(response.body, nullptr, false);
  std::string state = text_at(answer, "/properties/provisioningState");
  if (state == "Succeeded" || (operation.empty() && state.empty() && response.status != 202)) return ok();
  // The operation says why it failed, the resource only that it did.
  std::string const state_at = operation.empty() ? "/properties/provisioningState" : "/status";
  for (state.clear(); !ended(state); state = text_at(answer, state_at)) {
    if (setup_.clock->now() - began > kLimit)
      return Error{ErrorKind::Network, "PUT " + safe_url(resource) + " does not end"};
    setup_.clock->sleep_for(pause_of(response));
    CML_TRY(next, send("GET", operation.empty() ? resource : operation, nullptr));
    response = std::move(next);
    answer = json::parse(response.body, nullptr, false);
  }
  if (state == "Succeeded") return ok();
  return refused("PUT " + safe_url(resource), 0, answer);
}

Status Manager::remove(std::string const& path) const {
  auto const gone = send("DELETE", access_.manager + id(path), nullptr);
  if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
  return Error(gone.error());
}

Status Manager::remove_and_wait(std::string const& path) const {
  CML_CHECK_OK(remove(path));
  auto const began = setup_.clock->now();
  while (setup_.clock->now() - began <= kLimit) {
    auto const there = send("GET", access_.manager + id(path), nullptr);
    if (!there && there.error().kind == ErrorKind::NotFound) return ok();
    if (!there) return Error(there.error());
    setup_.clock->sleep_for(pause_of(*there));
  }
  return Error{ErrorKind::Network, "DELETE " + safe_url(path) + " does not end"};
}

}  // namespace cml::cloud::azure
