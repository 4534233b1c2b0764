#include "support/fake_jenkins.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml::test {

using nlohmann::json;

bool FakeJenkins::is_cut(int second) const {
  return std::any_of(cut.begin(), cut.end(),
                     [&](std::pair<int, int> const& span) { return second >= span.first && second < span.second; });
}

int FakeJenkins::count(std::string const& outcome) const {
  return static_cast<int>(
      std::count_if(builds.begin(), builds.end(), [&](Build const& build) { return build.outcome == outcome; }));
}

bool FakeJenkins::traces() {
  advance();
  return std::exchange(traces_, false);
}

void FakeJenkins::advance() {
  int const now = static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - began_).count());
  for (; second_ <= now; ++second_)
    for (Build& build : builds) {
      if (build.outcome == "running") traces_ = true;
      if (build.outcome == "running" && second_ >= build.began + build.length && !is_cut(second_))
        build.outcome = "done";
      bool const free = exists && !closed && !is_cut(second_) && count("running") == 0;
      if (build.outcome != "waiting" || second_ < build.start || !free) continue;
      build.outcome = "running";
      build.began = second_;
      traces_ = true;
    }
}

Result<HttpResponse> FakeJenkins::send(HttpRequest const& request) {
  advance();
  std::string const path = parse_url(request.url)->path;
  calls.push_back(request.method + " " + path);
  auto const ends = [&](std::string_view end) { return path.ends_with(end); };
  if (ends("/agent.jar")) return HttpResponse{200, {}, "jar"};
  if (ends("/doCreateItem")) {
    remote_folder = json::parse(percent_decode(request.body.substr(5)))["remoteFS"];
    exists = true;
    return HttpResponse{302, {}, ""};
  }
  bool const list = contains(path, "/computer/api/json");
  if (list && !exists) return json_response(200, R"({"computer": []})");
  if (!exists) return HttpResponse{404, {}, "<html>"};
  if (ends(".jnlp")) return HttpResponse{200, {}, "<jnlp><argument>" + std::string(64, 'a') + "</argument></jnlp>"};
  if (ends("/toggleOffline")) {
    closed = !closed;
    if (on_button) on_button();
    return HttpResponse{302, {}, ""};
  }
  if (ends("/doDelete")) {
    for (Build& build : builds)
      if (build.outcome == "running") build.outcome = "aborted";
    exists = false;
    return HttpResponse{302, {}, ""};
  }
  json const node{{"displayName", "here"},
                  {"offline", closed || is_cut(second_)},
                  {"temporarilyOffline", closed},
                  {"idle", count("running") == 0},
                  {"assignedLabels", json::array({{{"name", "gpu"}}})}};
  if (list) return json_response(200, json{{"computer", json::array({node})}}.dump());
  return json_response(200, node.dump());
}

}  // namespace cml::test
