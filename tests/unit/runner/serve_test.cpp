// Serving without cml: the script that a boot script leaves beside the forge's own agent, really run, with agents that
// print what the real ones do.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "platform/spawned_process.hpp"
#include "runner/boot_script.hpp"
#include "support/fakes.hpp"
#include "support/http_server.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::runner;
using namespace cml::test;

namespace {

struct ServedRun {
  int exit_code = -1;
  std::string out;  // Both streams.
};

// A pod whose script is run here; `home` is where it works.
struct Served {
  Served() {
    boot.id = "cml-x";
    boot.driver = "github";
    boot.repository_url = "https://forge.test/o/r";
    boot.cloud = "kubernetes";
    boot.launch.idle_timeout = seconds(60);
    how.ready = "listening";
    how.started = "job begins";
    how.ended = "job is over";
    how.gone = "no such runner";
    how.values = {{"secret", "it's \"$HOME\""}};
    how.set_up = "agent=(bash " + (folder.path / "agent.sh").string() + ")";
    program("df", "echo head\necho /dev/root 30000000 10000000 20000000 33% /");
  }
  void program(std::string const& name, std::string const& body) { put_script(folder.path / "bin" / name, body); }
  void agent(std::string const& body) { put_script(folder.path / "agent.sh", body); }
  ServedRun run(std::vector<std::pair<std::string, std::string>> variables = {}) {
    std::ofstream(registration) << kept_registration(how, {});
    boot.unaided = how;
    auto const script = pod_script(boot, registration.string());
    REQUIRE(script);
    std::ofstream(folder.path / "boot.sh") << *script;
    variables.emplace_back("PATH", (folder.path / "bin").string() + ":/usr/bin:/bin");
    variables.emplace_back("TMPDIR", folder.path.string());
    SpawnedProcess process;
    auto const result =
        process.run({.arguments = {"bash", "-c", "exec bash \"$0\" 2>&1", (folder.path / "boot.sh").string()},
                     .environment = std::move(variables),
                     .timeout = std::chrono::seconds(60)});
    REQUIRE(result);
    return {result->exit_code, result->out + result->err};
  }
  std::string reason(std::string const& out) const {
    auto const statuses = runner_statuses(out);
    return statuses.empty() ? "" : statuses.back().value("reason", "");
  }
  TemporaryFolder folder;
  std::filesystem::path registration = folder.path / "registration";
  BootRequest boot;
  Unaided how;
};

}  // namespace

TEST_CASE("serve: an idle agent is told to end when its time is over", "[runner][serve]") {
  Served served;
  served.boot.launch.idle_timeout = seconds(2);
  served.agent(
      "trap 'echo told; exit 0' INT\necho listening\necho 'job begins'\nsleep 3 & wait\necho 'job is over'\n"
      "while :; do sleep 0.1; done\n");
  auto const run = served.run();
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.out) == "ready job_started job_ended terminated");  // Not during the job, which took longer.
  CHECK(served.reason(run.out) == "timeout:2");
  CHECK(contains(run.out, "told\n"));
  CHECK_FALSE(std::filesystem::exists(served.registration));  // No job could have read it.
}

TEST_CASE("serve: one job, by agents that end by themselves and by those that do not", "[runner][serve]") {
  for (bool const ends_itself : {true, false}) {
    Served served;
    served.how.ends_itself = ends_itself;
    served.boot.launch.single = true;
    served.agent("trap 'exit 130' INT\necho listening\necho 'job begins'\necho 'job is over'\n" +
                 std::string(ends_itself ? "exit 0\n" : "while :; do sleep 0.1; done\n"));
    auto const run = served.run();
    INFO(run.out);
    CHECK(run.exit_code == 0);
    CHECK(served.reason(run.out) == "single job");
  }
}

TEST_CASE("serve: an agent that fails is quoted, and one that does not hear is killed", "[runner][serve]") {
  Served failing;
  failing.agent("echo 'An error occurred: Not configured'\necho 'line without end' | tr -d '\\n'\nexit 3\n");
  auto run = failing.run();
  CHECK(run.exit_code == 1);
  CHECK(
      contains(run.out,
               "cml: runner closed with exit code 3; the agent's last words: An error occurred: Not configured | line "
               "without end\n"));

  Served deaf;
  deaf.boot.launch.idle_timeout = seconds(1);
  deaf.how.rest = "echo rest";
  deaf.agent("trap '' INT\necho listening\nwhile :; do sleep 0.1; done\n");
  run = deaf.run({{"CML_STOP_GRACE", "1"}});
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(deaf.reason(run.out) == "timeout:1");
  CHECK(contains(run.out, "rest\n"));

  Served silent;
  silent.agent("while :; do sleep 0.1; done\n");
  run = silent.run({{"CML_START_LIMIT", "1"}});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.out, "the agent was not ready after 1 s"));

  Served removed;  // Somebody has removed its registration: once may be a stumble of the forge.
  removed.agent("echo listening\nfor i in {1..40}; do echo 'no such runner'; sleep 0.2; done\n");
  run = removed.run({{"CML_BELIEVE_GONE", "2"}});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.out, "the registration was removed on the forge"));
}

TEST_CASE("serve: a job that is assigned as an idle machine ends is told of", "[runner][serve]") {
  Served served;
  served.boot.launch.idle_timeout = seconds(1);
  served.agent("trap 'echo \"job begins\"; exit 0' INT\necho listening\nwhile :; do sleep 0.1; done\n");
  auto const run = served.run();
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "cml: this job is cut off, as the machine ends (timeout:1); cml runner gc runs it again"));
}

TEST_CASE("serve: an orphan that keeps the agent's output open holds nobody up", "[runner][serve]") {
  Served served;
  served.agent("echo listening\nsleep 50 &\nexit 0\n");
  auto const run = served.run();
  CHECK(run.exit_code == 0);
  CHECK(served.reason(run.out) == "runner closed with exit code 0");
}

TEST_CASE("serve: a full disk is told before the agent starts", "[runner][serve]") {
  Served served;
  served.program("df", "echo head\necho /dev/root 30000000 29900000 100000 99% /");
  served.agent("touch " + (served.folder.path / "began").string() + "\n");
  auto const run = served.run();
  CHECK(run.exit_code == 1);
  CHECK(contains(run.out, "cml: the disk is full: 97 MB are left; give --cloud-hdd-size"));
  CHECK_FALSE(std::filesystem::exists(served.folder.path / "began"));
}

TEST_CASE("serve: the cloud's notice ends an idle machine at once, a busy one when it must", "[runner][serve]") {
  auto const in = [](int seconds_from_now) {
    return std::chrono::system_clock::now() + std::chrono::seconds(seconds_from_now);
  };
  struct Notice {
    std::string cloud, variable;
    std::function<std::string(std::string const& path)> answer;  // Empty: there is nothing there.
    std::string reason = "spot interruption";
    bool has_time = true;
  };
  std::vector<Notice> const notices{
      {"aws", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
       [&](std::string const& path) -> std::string {
         if (path == "/latest/api/token") return "imds";
         if (path != "/latest/meta-data/spot/instance-action") return "";
         return "{\"action\": \"terminate\", \"time\": \"" + iso_time(in(49)) + "\"}";
       }},
      {"gcp", "GCE_METADATA_HOST",
       [&](std::string const& path) -> std::string {
         return path == "/computeMetadata/v1/instance/preempted" ? "TRUE" : "";
       },
       "preemption", false},
      {"azure", "CML_AZURE_METADATA_ENDPOINT",
       [&](std::string const& path) -> std::string {
         return path != "/metadata/scheduledevents"
                    ? ""
                    : "{\"DocumentIncarnation\":1,\"Events\":[{\"EventType\":\"Freeze\",\"Resources\":[\"a\"],"
                      "\"NotBefore\":\"\"},{\"EventId\":\"A\",\"EventType\":\"Preempt\",\"Resources\":[\"vm\"],"
                      "\"NotBefore\":\"" +
                          http_date(in(49)) + "\"}]}";
       },
       "preempt"}};
  for (Notice const& notice : notices)
    for (bool const busy : {false, true}) {
      INFO(notice.cloud << (busy ? " busy" : " idle"));
      Served served;
      std::filesystem::path const begun = served.folder.path / "begun";
      HttpServer metadata([&](ServerRequest const& request) -> ServerResponse {
        bool const yet = busy && !std::filesystem::exists(begun);
        std::string const text = yet ? "" : notice.answer(request.path);
        return text.empty() ? ServerResponse{404, "", {}} : ServerResponse{200, text, {}};
      });
      served.boot.cloud = notice.cloud;
      served.agent("trap 'echo told; exit 0' INT\necho listening\n" +
                   (busy ? "echo 'job begins'\nsleep 1\ntouch " + begun.string() + "\n" : std::string()) +
                   "while :; do sleep 0.1; done\n");
      auto const began = std::chrono::steady_clock::now();
      auto const run = served.run(
          {{notice.variable, notice.cloud == "gcp" ? replace_all(metadata.url(), "http://", "") : metadata.url()}});
      auto const took = std::chrono::steady_clock::now() - began;
      INFO(run.out);
      CHECK(run.exit_code == 0);
      CHECK(served.reason(run.out) == notice.reason);
      CHECK(contains(run.out, "told\n"));
      bool const worked_on = busy && notice.has_time;
      CHECK(contains(run.out, "the job works on until 45 s before") == worked_on);
      if (worked_on) CHECK(took >= std::chrono::milliseconds(3000));
      CHECK(took < std::chrono::seconds(30));
    }
}

TEST_CASE("serve: what is fetched is compared first", "[runner][serve]") {
  SpawnedProcess process;
  Served packing;
  put_script(packing.folder.path / "agent/run.sh", "echo listening\necho \"secret=$secret\"\n");
  auto const packed =
      process.run({.arguments = {"tar", "-czf", "-", "-C", (packing.folder.path / "agent").string(), "."}});
  REQUIRE(packed);
  HttpServer maker([&](ServerRequest const& request) -> ServerResponse {
    if (request.path == "/release.sha256")
      return {
          200, std::string(64, 'b') + " *binaries/other\n" + sha256_hex(packed->out) + " *binaries/agent.tgz\n", {}};
    return request.path == "/binaries/agent.tgz" ? ServerResponse{200, packed->out, {}} : ServerResponse{404, "", {}};
  });
  std::string const url = maker.url() + "/binaries/agent.tgz";
  auto const fetched = [&](std::string const& from, std::string const& sum, std::string const& sums) {
    Served served;
    served.how.archive = true;
    served.how.files = {{"x64", from, sum}, {"arm64", from, sum}};
    served.how.sums = sums;
    served.how.set_up = "agent=(\"$home/run.sh\")";
    return served.run();
  };
  auto run = fetched(url, sha256_hex(packed->out), "");
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "secret=\n"));  // No variable of the agent's.
  CHECK(fetched(url, "", maker.url() + "/release.sha256").exit_code == 0);
  CHECK(contains(fetched(url, std::string(64, 'a'), "").out, "has another SHA-256 than announced"));
  CHECK(contains(fetched(maker.url() + "/none", std::string(64, 'a'), "").out, "the agent could not be fetched from"));
  CHECK(contains(fetched(maker.url() + "/binaries/none", "", maker.url() + "/release.sha256").out,
                 "/release.sha256 does not name none"));
}

TEST_CASE("serve: each forge's agent as its makers start it", "[runner][serve]") {
  FakeEnvironment environment;
  FakeHttp http;
  FakeClock clock;
  RunnerWanted wanted;
  wanted.name = "cml-x";
  wanted.labels = {"gpu", "it's"};
  wanted.single = true;
  wanted.idle_timeout = seconds(60);
  auto const served_by = [&](std::string const& forge, Registration const& registration, Served& served) {
    auto const agent = make_agent(forge, {{"https", "forge.test", "o/r"}, "", {}, &http, &clock});
    REQUIRE(agent);
    auto const how = (*agent)->unaided(wanted, registration);
    REQUIRE(how);
    served.how = *how;
    served.boot.driver = forge;
    served.boot.launch.single = wanted.single;
  };
  // GitHub's image holds its agent: here what is found in the path stands for it.
  Registration const jit{"7", Secret("jit-1"), {{"kind", "jit"}, {"downloads", "[]"}}};
  for (bool const single : {true, false}) {
    Served github;
    wanted.single = single;
    served_by("github", jit, github);
    github.how.installed = "run.sh";
    put_script(github.folder.path / "bin/run.sh",
               "echo \"jit=${ACTIONS_RUNNER_INPUT_JITCONFIG:-} token=${ACTIONS_RUNNER_INPUT_TOKEN:-}\"\n"
               "echo 'x: Listening for Jobs'\necho 'x: Running job: train'\n"
               "echo 'x: Job train completed with result: Succeeded'\n");
    put_script(github.folder.path / "bin/config.sh", "echo \"config $* $ACTIONS_RUNNER_INPUT_TOKEN\"\n");
    auto const run = github.run();
    INFO(run.out);
    CHECK(run.exit_code == 0);
    CHECK(contains(run.out, single ? "jit=jit-1 token=\n" : "jit= token=\n"));
    CHECK(contains(run.out,
                   "config --unattended --disableupdate --url https://forge.test/o/r --name cml-x --labels gpu,it's "
                   "--work ") == !single);
    CHECK(status_words(run.out) == "ready job_started job_ended terminated");
  }
  wanted.single = true;
  Served gitlab;
  HttpServer forge([&](ServerRequest const& request) -> ServerResponse {
    gitlab.program("asked", request.method + " " + request.path + " " + request.body);
    return {204, "", {}};
  });
  served_by("gitlab", {"8", Secret("glrt-\"1"), {{"url", forge.url()}}}, gitlab);
  gitlab.program("gitlab-runner",
                 "echo \"$*\"\ncat \"$HOME/.cml/cml-x/cml-gitlab-runner.toml\"\necho 'Starting runner for "
                 "https://forge.test'\necho '{\"job\":9,\"level\":\"info\",\"msg\":\"Checking for jobs... "
                 "received\"}'\necho '{\"duration_s\":1.5,\"msg\":\"Job succeeded\"}'\n");
  auto run = gitlab.run();
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "run-single --config "));
  CHECK(contains(run.out, " --runner cml-x --wait-timeout 60 --max-builds 1\n"));
  CHECK(contains(run.out, "[[runners]]\nname = \"cml-x\"\nurl = \"" + forge.url() + "\"\ntoken = \"glrt-\\\"1\"\n"));
  CHECK(contains(gitlab.how.files.at(0).url, "/v17.10.0/binaries/gitlab-runner-linux-amd64"));  // Not "latest".
  CHECK(contains(run.out, "executor = \"shell\"\n"));                                           // A pod has no docker.
  CHECK(status_words(run.out) == "ready job_started job_ended terminated");
  CHECK(contains(slurp(gitlab.folder.path / "bin/asked"), "DELETE /api/v4/runners token=glrt-%221"));

  Served bitbucket;
  served_by("bitbucket", {"{r}", Secret("s e"), {{"client", "c"}, {"account", "{a}"}, {"repository", "{p}"}}},
            bitbucket);
  bitbucket.program("docker",
                    "echo \"docker $*\"\n[ \"$2\" = run ] || exit 0\necho \"$RUNNER_UUID $OAUTH_CLIENT_SECRET\"\necho "
                    "'Updating runner status to \"ONLINE\"'\necho 'Getting step StepId{}'\necho 'Completing step with "
                    "result Result{status=PASSED}'\ntrap 'exit 0' INT\nwhile :; do sleep 0.1; done\n");
  run = bitbucket.run();
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "-e OAUTH_CLIENT_SECRET -e WORKING_DIRECTORY"));
  CHECK(contains(run.out, "{r} s e\n"));
  CHECK(bitbucket.reason(run.out) == "single job");
  // These must be asked whether they work: cml-agent does that.
  for (char const* const other : {"gitea", "jenkins"})
    CHECK_FALSE((*make_agent(other, {{"https", "forge.test", "o/r"}, "", {}, &http, &clock}))->unaided(wanted, jit));
}
