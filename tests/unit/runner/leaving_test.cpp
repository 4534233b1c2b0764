// How a runner on premise leaves: its registration goes though the forge stumbles, or shows it late, and a folder that
// nobody named goes with it.
#include <catch2/catch.hpp>

#include <algorithm>

#include "support/scripted_agent.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

struct LeavingMachine : Machine {
  LeavingMachine() : Machine({{1, "Listening for Jobs"}}) {
    files.put("/agent/run.sh", "");
    token = "t";
    options.idle_timeout = seconds(5);
    http.answer = [this](HttpRequest const& request) -> Result<HttpResponse> {
      if (request.method == "POST") return json_response(201, R"({"token": "registration-1"})");
      if (contains(request.url, "/downloads")) return json_response(200, "[]");
      if (request.method == "DELETE") {
        if (stumbles-- > 0) return HttpResponse{500, {}, "oops"};
        return there = false, HttpResponse{204, {}, ""};
      }
      if (contains(request.url, "/runners/20") && !there) return HttpResponse{404, {}, R"({"message": "Not Found"})"};
      std::string const runner = R"({"id": 20, "name": "cml-x", "status": "online", "busy": false, "labels": []})";
      if (contains(request.url, "/runners/20")) return json_response(200, runner);
      bool const shown = there && late-- <= 0;
      return json_response(
          200, shown ? R"({"total_count": 1, "runners": [)" + runner + "]}" : R"({"total_count": 0, "runners": []})");
    };
  }
  int stumbles = 0, late = 0;
  bool there = true;
};

}  // namespace

TEST_CASE("leaving: a server that stumbles over the removal is asked again", "[runner]") {
  LeavingMachine machine;
  machine.late = 1;  // Before the launch: its name is free.
  machine.stumbles = 1;
  CHECK(machine.serve("github") == "ready terminated");
  CHECK_FALSE(machine.there);
  CHECK(machine.reason == "timeout:5");
}

TEST_CASE("leaving: a registration that the list shows late is found at the second look", "[runner]") {
  LeavingMachine machine;
  machine.late = 2;
  CHECK(machine.serve("github") == "ready terminated");
  CHECK_FALSE(machine.there);
}

TEST_CASE("leaving: config.sh's own file tells the number of a registration that no list shows", "[runner]") {
  LeavingMachine machine;
  machine.late = 1000;
  machine.process.fallback = [&](ProcessRequest const& request) -> Result<ProcessResult> {
    if (request.arguments[0] == "/agent/config.sh")
      machine.files.put("/agent/.runner", "\xEF\xBB\xBF{\"agentId\": 20, \"agentName\": \"cml-x\"}");
    return ProcessResult{0, "", ""};
  };
  CHECK(machine.serve("github") == "ready terminated");
  CHECK_FALSE(machine.there);
}

TEST_CASE("leaving: the folder of a launch without a name goes, one that was named stays", "[runner]") {
  for (bool const named : {false, true}) {
    LeavingMachine machine;
    machine.late = 1;
    machine.environment.variables["HOME"] = "/home/u";
    if (!named) machine.options.name = machine.options.workdir = "";
    (void)machine.serve("github");
    auto const removes = std::any_of(machine.process.started.begin(), machine.process.started.end(),
                                     [](ProcessRequest const& one) { return one.arguments[0] == "rm"; });
    CHECK(removes != named);
  }
}
