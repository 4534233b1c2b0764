// Machines that hold no token, of forges whose agents do not tell of the ends of jobs: how they know that they are
// idle.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "base/url.hpp"
#include "runner/launch.hpp"
#include "support/scripted_agent.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;
using nlohmann::json;

TEST_CASE("unattended: Jenkins itself cuts an idle agent off, and two such cuts in a row end the machine",
          "[runner][jenkins]") {
  Registration const node{"cml-x", Secret(std::string(64, 'a')), {{"url", "https://ci.example.test/o/r"}}};
  // Builds for half an hour, during which the network fails once; then three minutes and a bit of nothing, twice.
  Machine idle({{5, "INFO: Connected"},
                {700, "INFO: Terminated"},
                {711, "INFO: Connected"},
                {2000, "INFO: Terminated"},
                {2011, "INFO: Connected"},
                {2220, "INFO: Terminated"},
                {2231, "INFO: Connected"},
                {2450, "INFO: Terminated"},
                {2461, "INFO: Connected"}});
  CHECK(idle.serve("jenkins", node) == "ready terminated");
  CHECK(idle.reason == "timeout:300");
  CHECK(idle.agent.second() >= 2450);
  CHECK(idle.agent.second() < 2461);
  // One that works all the time, on a bad network, goes on to its limit.
  std::multimap<int, std::string> bad;
  for (int i = 0; i < 40; ++i) bad.insert({{5 + 100 * i, "INFO: Connected"}, {95 + 100 * i, "INFO: Terminated"}});
  Machine busy(bad);
  busy.options.max_lifetime = seconds(7200);
  CHECK(busy.serve("jenkins", node) == "ready terminated");
  CHECK(busy.reason == "max-lifetime:7200");
  Machine patient({{5, "INFO: Connected"},
                   {400, "INFO: Terminated"},
                   {411, "INFO: Connected"},
                   {620, "INFO: Terminated"},
                   {640, "INFO: Connected"},
                   {850, "INFO: Terminated"}});
  patient.options.idle_timeout.reset();
  patient.options.max_lifetime = seconds(3600);
  CHECK(patient.serve("jenkins", node) == "ready terminated");
  CHECK(patient.reason == "max-lifetime:3600");
}

TEST_CASE("unattended: the node of such a machine is made with Jenkins' own idle time, others stay connected",
          "[runner][jenkins]") {
  FakeClock clock;
  AnsweringHttp http;
  http.answer = [](HttpRequest const& request) -> Result<HttpResponse> {
    if (request.method == "POST") return HttpResponse{200, {}, ""};
    return HttpResponse{200, {}, "<jnlp><argument>" + std::string(64, 'a') + "</argument></jnlp>"};
  };
  auto const jenkins =
      make_agent("jenkins", {{"https", "ci.example.test", ""}, "", Secret("u:t"), &http, &clock}).value().release();
  std::unique_ptr<RunnerForge> const owner(jenkins);
  struct Case {
    std::optional<seconds> idle;
    bool unattended;
    std::string kind, minutes;
  };
  for (Case const& item : std::vector<Case>{{seconds(300), true, "Demand", "3"},
                                            {seconds(10), true, "Demand", "1"},
                                            {seconds(3600), true, "Demand", "30"},
                                            {seconds(300), false, "Always", ""},
                                            {std::nullopt, true, "Always", ""}}) {
    http.requests.clear();
    REQUIRE(jenkins->enroll({"n", {"gpu"}, false, item.idle, {}, "", item.unattended}));
    json const retention = json::parse(percent_decode(http.requests[0].body.substr(5)))["retentionStrategy"];
    CHECK(retention["stapler-class"] == "hudson.slaves.RetentionStrategy$" + item.kind);
    CHECK(retention.value("idleDelay", "") == item.minutes);
  }
}

TEST_CASE("unattended: a Gitea runner asks with its own token what became of its job", "[runner][gitea]") {
  Machine machine(
      {{10, "level=info msg=\"runner: cml-x, with version: v0.2.13, with labels: [cml], declare successfully\""},
       {20, "level=info msg=\"task 42 repo is o/r https://github.com https://ci\""}});
  machine.http.answer = [&](HttpRequest const& request) -> Result<HttpResponse> {
    CHECK(request.method == "POST");
    CHECK(request.url == "https://ci.example.test/api/actions/runner.v1.RunnerService/UpdateTask");
    CHECK(request.credential_header == "x-runner-token");
    CHECK(request.credential.reveal() == "runner-secret");
    CHECK(request.headers[1] == std::pair<std::string, std::string>("x-runner-uuid", "uuid-5"));
    CHECK(json::parse(request.body) == json{{"state", {{"id", "42"}}}});
    int const second = machine.agent.second();
    if (second < 100) return Error{ErrorKind::Network, "away"};
    return json_response(
        200, second < 900 ? R"({"state": {"id": "42"}})" : R"({"state": {"id": "42", "result": "RESULT_FAILURE"}})");
  };
  CHECK(machine.serve("gitea",
                      {"5", Secret("runner-secret"), {{"uuid", "uuid-5"}, {"instance", "https://ci.example.test"}}}) ==
        "ready job_started:42 job_ended:42 terminated");
  CHECK(machine.reason == "timeout:300");
  CHECK(machine.agent.second() >= 1200);
  CHECK(machine.agent.second() < 1230);
  CHECK(machine.http.requests.size() < 70);  // Four a minute.
}

TEST_CASE("unattended: a Gitea runner that is away with a job counts as busy", "[runner][gitea]") {
  FakeClock clock;
  AnsweringHttp http;
  http.answer = [](HttpRequest const& request) -> Result<HttpResponse> {
    if (contains(request.url, "/actions/jobs?status=in_progress"))
      return json_response(200, R"({"total_count": 1, "jobs": [{"id": 1, "runner_name": "away"}]})");
    return json_response(200,
                         R"({"total_count": 3, "runners": [{"id": 1, "name": "away", "status": "offline"}, {"id": 2,)"
                         R"( "name": "lost", "status": "offline"}, {"id": 3, "name": "here", "status": "online"}]})");
  };
  auto const gitea = make_agent("gitea", {{"https", "ci.example.test", "o/r"}, "", Secret("t"), &http, &clock});
  auto const all = (*gitea)->runners();
  REQUIRE(all);
  CHECK((*all)[0].work == Work::Busy);
  CHECK((*all)[1].work == Work::Idle);
  CHECK((*all)[2].work == Work::Idle);
  CHECK(http.requests.size() == 2);
  http.requests.clear();
  REQUIRE((*gitea)->presence());  // For watching runners come up: no more than the list.
  REQUIRE((*gitea)->find("lost"));
  CHECK(http.requests.size() == 2);
}

TEST_CASE("serving: a registration that somebody removed ends the agent, with that reason", "[runner]") {
  auto const gone = [](HttpRequest const& request) -> Result<HttpResponse> {
    if (contains(request.url, "/UpdateTask")) return json_response(401, R"({"code": "unauthenticated"})");
    if (contains(request.url, "/actions/runners/downloads")) return json_response(200, "[]");
    if (contains(request.url, "registration-token")) return json_response(200, R"({"token": "t"})");
    return json_response(200, R"({"total_count": 0, "runners": []})");
  };
  SECTION("GitHub is asked for it, however long the idle time-out") {
    Machine machine({{5, "Listening for Jobs"}});
    machine.files.put("/agent/run.sh", "");
    machine.http.answer = gone;
    machine.token = "t";
    machine.options.idle_timeout.reset();
    machine.fails = true;
    CHECK(machine.serve("github") == "ready");
    CHECK(contains(machine.error, "its registration is gone from the forge"));
    CHECK(machine.agent.second() >= 60);
    CHECK(machine.agent.second() < 200);
  }
  SECTION("GitLab's agent says so, again and again") {
    std::multimap<int, std::string> lines{{5, R"({"msg":"Starting runner for x"})"}};
    for (int i = 0; i < 100; ++i)
      lines.insert({20 + 3 * i, R"({"level":"error","msg":"Checking for jobs... forbidden","runner":"x"})"});
    Machine machine(lines);
    machine.http.answer = gone;
    machine.options.idle_timeout.reset();
    machine.fails = true;
    CHECK(machine.serve("gitlab", {"5", Secret("glrt-5"), {{"url", "https://ci.example.test"}}}) == "ready");
    CHECK(contains(machine.error, "its registration is gone from the forge"));
    CHECK(machine.agent.second() < 100);
  }
  SECTION("one refusal now and then is none") {
    std::multimap<int, std::string> lines{{5, R"({"msg":"Starting runner for x"})"}};
    for (int i = 0; i < 20; ++i) lines.insert({300 * (i + 1), R"({"msg":"Checking for jobs... forbidden"})"});
    Machine machine(lines);
    machine.http.answer = gone;
    machine.options.idle_timeout.reset();
    machine.options.max_lifetime = seconds(3600);
    CHECK(machine.serve("gitlab", {"5", Secret("glrt-5"), {{"url", "https://ci.example.test"}}}) == "ready terminated");
    CHECK(machine.reason == "max-lifetime:3600");
  }
  SECTION("a Gitea runner with a job is refused its own question") {
    Machine machine({{10, "level=info msg=\"runner: cml-x, with labels: [cml], declare successfully\""},
                     {20, "level=info msg=\"task 42 repo is o/r https://github.com https://ci\""}});
    machine.http.answer = gone;
    machine.options.max_lifetime = seconds(3600);
    machine.fails = true;
    CHECK(machine.serve("gitea", {"5", Secret("runner-secret"), {{"uuid", "u"}, {"instance", "https://ci"}}}) ==
          "ready job_started:42");
    CHECK(contains(machine.error, "its registration is gone from the forge"));
    CHECK(machine.agent.second() < 200);
  }
}

TEST_CASE("serving: an agent that ends badly is quoted", "[runner]") {
  Machine machine({{2, "Error: LinkageError occurred while loading main class hudson.remoting.Launcher"},
                   {3, "UnsupportedClassVersionError: class file version 61.0"}});
  machine.agent.ends_at = 4;
  machine.agent.code = 1;
  machine.fails = true;
  CHECK(machine.serve("jenkins", {"cml-x", Secret(std::string(64, 'a')), {{"url", "https://ci.example.test"}}}) == "");
  CHECK(contains(machine.error, "runner closed with exit code 1; the agent's last words: Error: LinkageError"));
  CHECK(contains(machine.error, "UnsupportedClassVersionError"));
}
