// A whole life of a runner in virtual time: an agent that prints lines at given seconds, and the machine around it.
#pragma once

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "runner/launch.hpp"
#include "support/fakes.hpp"
#include "support/scripts.hpp"

namespace cml::test {

// An agent that prints lines at given seconds, and ends when it is told to.
class ScriptedAgent : public Supervisor {
 public:
  ScriptedAgent(FakeClock& clock, std::multimap<int, std::string> lines)
      : clock_(clock), began_(clock.now()), lines_(std::move(lines)) {}
  int second() const {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - began_).count());
  }
  Status watch_signals() override { return ok(); }
  Status start(ChildRequest const& request) override { return child = request, ok(); }
  std::vector<SupervisorEvent> wait(std::chrono::milliseconds at_most) override {
    clock_.sleep_for(at_most);
    std::vector<SupervisorEvent> events;
    for (; !lines_.empty() && lines_.begin()->first <= second(); lines_.erase(lines_.begin()))
      events.push_back(ChildLine{lines_.begin()->second});
    bool const ends = stopped_ >= 0 || (ends_at >= 0 && second() >= ends_at);
    if (ends && !std::exchange(gone_, true)) events.push_back(ChildExit{stopped_ >= 0 ? 0 : code});
    return events;
  }
  void stop_child(Stop) override { stopped_ = second(); }
  void alive() override {}
  ChildRequest child;
  int ends_at = -1, code = 0;  // By itself.

 private:
  FakeClock& clock_;
  std::chrono::system_clock::time_point began_;
  std::multimap<int, std::string> lines_;
  int stopped_ = -1;
  bool gone_ = false;
};

// What the forge is; the test answers.
class AnsweringHttp : public HttpClient {
 public:
  Result<HttpResponse> send(HttpRequest const& request) override {
    requests.push_back(request);
    return answer(request);
  }
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int) override { return {}; }
  std::function<Result<HttpResponse>(HttpRequest const&)> answer;
  std::vector<HttpRequest> requests;
};

// cml on its machine, in virtual time: a registration and no token, unless `token` has one.
struct Machine : FakePorts {
  explicit Machine(std::multimap<int, std::string> lines) : agent(clock, std::move(lines)) {
    process.fallback = [](ProcessRequest const&) -> Result<ProcessResult> { return ProcessResult{0, "", ""}; };
    options.registration_file = "/registration.json";
    options.workdir = "/work";
    options.runner_path = "/agent";
    options.name = "cml-x";
  }
  // Returns the words of the status lines; the time of the end is agent.second().
  std::string serve(std::string const& driver, runner::Registration const& registration = {}) {
    files.put("/registration.json", runner::to_text(registration));
    if (!token.empty()) options.registration_file.clear();
    auto const forge =
        runner::make_agent(driver, {{"https", "ci.example.test", "o/r"}, "", Secret(token), &client(), &clock});
    auto const ended = runner::launch_here(
        {client(), clock, files, process, environment, random, console, watcher, pages, agent, signer, workers},
        **forge, options, !token.empty());
    error = ended ? "" : ended.error().message;
    INFO(error);
    CHECK(error.empty() == !fails);
    std::string text;
    for (std::string const& line : console.lines)
      if (auto const at = line.find('{'); at != std::string::npos) text += line.substr(at) + "\n";
    reason = runner_statuses(text).empty() ? "" : runner_statuses(text).back().value("reason", "");
    return status_words(text);
  }
  HttpClient& client() { return other_http != nullptr ? *other_http : http; }
  AnsweringHttp http;
  HttpClient* other_http = nullptr;  // Instead of that.
  runner::LaunchOptions options;
  ScriptedAgent agent;
  std::string token, reason, error;
  bool fails = false;  // It is to end with an error.
};

}  // namespace cml::test
