#include "runner/notices.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;
using Notice = std::optional<Interruption>;

constexpr seconds kPatience{2};

std::string or_else(Environment const& environment, std::string_view name, std::string_view otherwise) {
  std::string value = environment.get(name).value_or("");
  while (!value.empty() && value.back() == '/') value.pop_back();
  return value.empty() ? std::string(otherwise) : value;
}

HttpRequest ask(std::string method, std::string url, HttpHeaders headers) {
  HttpRequest request{.method = std::move(method), .url = std::move(url), .headers = std::move(headers)};
  request.timeout = kPatience;
  request.max_response_bytes = 1u << 16;
  request.repeat = Repeat::Never;  // The next poll is the repetition.
  return request;
}

// Two minutes before: {"action": "terminate", "time": "..."}; 404 until then (IMDSv2).
Notice aws(HttpClient& http, std::string const& base, std::string& token) {
  for (bool fresh = token.empty();; fresh = true) {
    if (fresh) {
      auto const granted =
          http.send(ask("PUT", base + "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}));
      if (!granted || granted->status != 200) return std::nullopt;
      token = granted->body;
    }
    auto const answer =
        http.send(ask("GET", base + "/latest/meta-data/spot/instance-action", {{"X-aws-ec2-metadata-token", token}}));
    if (!answer) return std::nullopt;
    if (answer->status == 401 && !fresh) continue;  // The token has aged.
    if (answer->status != 200) return std::nullopt;
    json const body = json::parse(answer->body, nullptr, false);
    if (!body.is_object()) return std::nullopt;
    std::string const when = body.value("time", json()).is_string() ? body["time"].get<std::string>() : "";
    auto const deadline = parse_iso_time(when);
    return Interruption{"spot interruption", deadline ? std::optional<Time>(*deadline) : std::nullopt};
  }
}

// Thirty seconds before, without a time.
Notice gcp(HttpClient& http, std::string const& base) {
  auto const answer =
      http.send(ask("GET", base + "/computeMetadata/v1/instance/preempted", {{"Metadata-Flavor", "Google"}}));
  if (!answer || answer->status != 200 || !equals_ignoring_case(trim(answer->body), "true")) return std::nullopt;
  return Interruption{"preemption", std::nullopt};
}

Notice azure(HttpClient& http, std::string const& base) {
  auto const answer =
      http.send(ask("GET", base + "/metadata/scheduledevents?api-version=2020-07-01", {{"Metadata", "true"}}));
  if (!answer || answer->status != 200) return std::nullopt;
  json const body = json::parse(answer->body, nullptr, false);
  if (!body.is_object() || !body.contains("Events") || !body["Events"].is_array()) return std::nullopt;
  for (json const& event : body["Events"]) {
    if (!event.is_object()) continue;
    auto const text = [&](char const* key) {
      return event.contains(key) && event[key].is_string() ? event[key].get<std::string>() : "";
    };
    if (text("EventType") != "Preempt" && text("EventType") != "Terminate") continue;
    auto const deadline = parse_http_date(text("NotBefore"));
    return Interruption{to_lower(text("EventType")), deadline ? std::optional<Time>(*deadline) : std::nullopt};
  }
  return std::nullopt;
}

}  // namespace

std::function<Notice()> notices_of(std::string_view cloud, HttpClient& http, Environment const& environment) {
  if (cloud == "aws") {
    std::string const base = or_else(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254");
    return [&http, base, token = std::make_shared<std::string>()] { return aws(http, base, *token); };
  }
  if (cloud == "gcp") {
    std::string const base = "http://" + or_else(environment, "GCE_METADATA_HOST", "169.254.169.254");
    return [&http, base] { return gcp(http, base); };
  }
  if (cloud == "azure") {
    std::string const base = or_else(environment, "CML_AZURE_METADATA_ENDPOINT", "http://169.254.169.254");
    return [&http, base] { return azure(http, base); };
  }
  return {};
}

}  // namespace cml::runner
