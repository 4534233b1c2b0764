// cml runner launch with the real binary: fake forges on loopback, fake agents that print the real agents' lines.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_github_runners.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

// An actions/runner that takes `jobs` jobs: config.sh notes what it was given, run.sh prints what the real one prints.
void put_github_agent(std::filesystem::path const& folder, int port, std::string const& jobs,
                      std::string const& at_end = "while :; do sleep 0.05; done\n") {
  put_script(folder / "config.sh",
             "echo \"$@\" > config.txt\necho \"token $ACTIONS_RUNNER_INPUT_TOKEN\" >> config.txt\n"
             "while [ $# -gt 0 ]; do [ \"$1\" = --name ] && echo \"$2\" > name; [ \"$1\" = --labels ] && echo \"$2\" > "
             "labels; shift; done\n");
  put_script(folder / "run.sh",
             fake_agent_teller(port) +
                 "env > run-env.txt\n"
                 "name=$(cat name 2> /dev/null || echo \"${ACTIONS_RUNNER_INPUT_JITCONFIG#jit-}\")\n"
                 "bye() { echo 'Exiting...'; tell offline \"$name\"; exit 0; }\ntrap bye INT\n"
                 "tell online \"$name\" \"$(cat labels 2> /dev/null)\"\n"
                 "echo '√ Connected to GitHub'\necho \"$(date -u '+%Y-%m-%d %TZ'): Listening for Jobs\"\n" +
                 jobs + at_end);
}

std::string job(std::string const& result) {
  return "tell busy \"$name\"\necho '2026-01-01 00:00:00Z: Running job: train'\n"
         "GITHUB_RUN_ID=55 GITHUB_REPOSITORY=o/r \"$ACTIONS_RUNNER_HOOK_JOB_STARTED\"\nsleep 0.3\ntell idle \"$name\"\n"
         "echo '2026-01-01 00:00:00Z: Job train completed with result: " +
         result + "'\n";
}

}  // namespace

TEST_CASE("cli: an on-premise runner registers, serves a job, ends when idle and leaves nothing behind",
          "[cli][runner]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_github_agent(folder.path / "agent", forge.port(), job("Succeeded"));
  auto const run = run_cml(
      {"runner", "launch", "--repo", forge.repository_url(), "--token", "good-token", "--driver=github",
       "--labels=gpu, cml", "--idle-timeout=1", "--name=here", "--runner-path=" + (folder.path / "agent").string()},
      folder.path, "",
      {{"REPO_TOKEN", "good-token"}, {"SECRET_KEY", "k"}, {"_CML_RUNNER_SENSITIVE_ENV", "SECRET_KEY"}});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(run.out == "");
  CHECK(status_words(run.err) == "ready job_started job_ended terminated");
  auto const lines = runner_statuses(run.err);
  // Byte for byte what CML printed: keys sorted, milliseconds, nothing more.
  std::string const date = lines[0]["date"];
  CHECK(date.size() == 24);
  CHECK(contains(run.err, "{\"date\":\"" + date + "\",\"level\":\"info\",\"message\":\"runner status\",\"repo\":\"" +
                              forge.repository_url() + "\",\"status\":\"ready\"}\n"));
  CHECK(lines[2]["success"] == true);
  CHECK(contains(
      run.err,
      "{\"level\":\"info\",\"message\":\"runner status\",\"reason\":\"timeout:1\",\"status\":\"terminated\"}\n"));
  CHECK(forge.runners().empty());
  std::string const config = slurp(folder.path / "agent/config.txt");
  CHECK(contains(config, "--unattended --url " + forge.repository_url() + " --name here --labels gpu,cml --work"));
  CHECK(contains(config, "token registration-1"));
  CHECK_FALSE(contains(config, "--token"));  // Not on a command line.
  std::string const seen = slurp(folder.path / "agent/run-env.txt");
  CHECK_FALSE(contains(seen, "good-token"));
  CHECK_FALSE(contains(seen, "SECRET_KEY"));
  CHECK(contains(seen, "RUNNER_ALLOW_RUNASROOT=1"));
}

TEST_CASE("cli: the environment of CML's containers is enough, and --single fetches a checked agent", "[cli][runner]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_github_agent(folder.path / "made", forge.port(), job("Failed"), "exit 0\n");
  SpawnedProcess process;
  auto const packed = process.run({.arguments = {"tar", "-czf", "-", "-C", (folder.path / "made").string(), "."}});
  REQUIRE(packed);
  forge.agent_archive = packed->out;
  std::map<std::string, std::string> const environment{
      {"RUNNER_LABELS", "cml,gpu"}, {"RUNNER_REPO", forge.repository_url()},
      {"RUNNER_DRIVER", "github"},  {"RUNNER_IDLE_TIMEOUT", "never"},
      {"repo_token", "good-token"}, {"RUNNER_SINGLE", "true"},
      {"RUNNER_NAME", "ignored"},   {"RUNNER_PATH", (folder.path / "work").string()}};
  auto const run = run_cml({}, folder.path, "", environment, "cml-runner");
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started job_ended terminated");
  CHECK(runner_statuses(run.err)[2]["success"] == false);
  CHECK(runner_statuses(run.err)[3]["reason"] == "single job");
  CHECK(contains(run.err, "ignoring RUNNER_NAME environment variable"));
  CHECK(forge.count("POST /api/v3/repos/o/r/actions/runners/generate-jitconfig") == 1);
  CHECK(forge.count("registration-token") == 0);
  CHECK(forge.runners().empty());

  forge.good_checksum = false;
  auto again = environment;
  again["RUNNER_PATH"] = (folder.path / "other").string();
  auto const refused = run_cml({}, folder.path, "", again, "cml-runner");
  CHECK(refused.exit_code == 1);
  CHECK(contains(refused.err, "the SHA-256 is not the announced one"));
  CHECK(forge.runners().empty());  // Its registration was taken back.
}

TEST_CASE("cli: a job that is interrupted is cancelled, waited for and run again exactly once", "[cli][runner]") {
  FakeGitHubRunners forge;
  forge.runs[55] = {};
  forge.runs[55].no_failed_jobs = true;
  forge.runs[55].runner_name = "me";
  TemporaryFolder folder;
  // The machine's service manager stops cml in the middle of a job: cml is the parent of run.sh's shell.
  put_github_agent(folder.path / "agent", forge.port(),
                   "tell busy \"$name\"\necho 'x: Running job: train'\nGITHUB_RUN_ID=55 GITHUB_REPOSITORY=o/r "
                   "\"$ACTIONS_RUNNER_HOOK_JOB_STARTED\"\nkill -TERM $PPID\n");
  auto const run = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github",
                            "--name=me", "--runner-path=" + (folder.path / "agent").string()},
                           folder.path);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready job_started terminated");
  CHECK(runner_statuses(run.err).back()["reason"] == "SIGTERM");
  CHECK(contains(run.err, "the interrupted job runs again: run 55 of o/r"));
  CHECK(forge.count("POST /api/v3/repos/o/r/actions/runs/55/cancel") == 1);
  CHECK(forge.count("POST /api/v3/repos/o/r/actions/runs/55/rerun") == 2);  // Failed jobs: there are none; then all.
  CHECK(forge.runs[55].attempt == 2);
  CHECK(forge.runners().empty());

  // The second attempt is interrupted, too: it stays as it is.
  forge.runs[55].status = "in_progress";
  auto const second = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github",
                               "--name=me", "--runner-path=" + (folder.path / "agent").string()},
                              folder.path);
  CHECK(contains(second.err, "the interrupted job was not run again: run 55 of o/r is attempt 2 already"));
  CHECK(forge.runs[55].attempt == 2);

  // --no-retry in each of its spellings.
  for (std::string const flag : {"--no-retry", "--noRetry"}) {
    forge.runs[55] = {};
    forge.runs[55].runner_name = "me";
    CHECK(run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github", flag,
                   "--runner-path=" + (folder.path / "agent").string()},
                  folder.path)
              .exit_code == 0);
    CHECK(forge.runs[55].attempt == 1);
  }
}

TEST_CASE("cli: names and reuse", "[cli][runner]") {
  FakeGitHubRunners forge;
  for (int i = 0; i < 150; ++i) forge.add({0, "other-" + std::to_string(i), {"x"}, true, false, false});
  forge.add({0, "taken", {"self-hosted", "cml", "gpu"}, true, true, false});
  TemporaryFolder folder;
  auto const launch = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"runner", "launch", "--repo=" + forge.repository_url(), "--driver=github",
                               "--token=good-token", "--runner-path=/nowhere"});
    return run_cml(more, folder.path);
  };
  auto run = launch({"--name=taken"});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err,
                 "Runner name taken is already in use. Please change the name or terminate the existing runner."));
  run = launch({"--name=taken", "--reuse"});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "{\"level\":\"info\",\"message\":\"Reusing existing runner named taken...\"}"));
  run = launch({"--reuse", "--labels=cml,gpu"});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "Reusing existing online runners with the cml,gpu labels..."));
  run = launch({"--reuse-idle", "--labels=cml", "--dry-run"});  // It is busy.
  CHECK(contains(run.out, "would register a runner"));
  run = launch({"--reuse-idle", "--labels=x"});
  CHECK(contains(run.err, "Found matching idle runner."));
  CHECK(contains(launch({"--single", "--reuse"}).err, "Arguments single and reuse are mutually exclusive"));
  CHECK(contains(launch({"--idle-timeout=soon"}).err, "\"soon\" is not a duration"));
  CHECK(contains(launch({"--labels=,"}).err, "no label left"));
  run = run_cml(
      {"runner", "launch", "--repo=" + forge.repository_url(), "--driver=github", "--token=wrong-token", "--name=n"},
      folder.path);
  CHECK(run.exit_code == 3);
  CHECK(contains(run.err, "Bad credentials"));
}

TEST_CASE("cli: an agent that cannot start or crashes is an error, and nothing stays registered", "[cli][runner]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_github_agent(folder.path / "agent", forge.port(), "tell idle \"$name\"\nexit 7\n");
  auto run = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github",
                      "--runner-path=" + (folder.path / "agent").string()},
                     folder.path);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "runner closed with exit code 7"));
  CHECK(status_words(run.err) == "ready");
  CHECK(forge.runners().empty());
  put_script(folder.path / "agent/config.sh", "echo 'Http response code: NotFound' >&2\nexit 1\n");
  run = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github",
                 "--runner-path=" + (folder.path / "agent").string()},
                folder.path);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err,
                 "Failed preparing GitHub runner: config.sh failed with exit code 1: Http response code: NotFound"));
}

TEST_CASE("cli: a forge that is away during the shutdown does not hold it up, and what stays is said",
          "[cli][runner]") {
  FakeGitHubRunners forge;
  TemporaryFolder folder;
  put_github_agent(folder.path / "agent", forge.port(), "tell down\nkill -TERM $PPID\n");
  auto const run = run_cml({"runner", "--repo=" + forge.repository_url(), "--token=good-token", "--driver=github",
                            "--name=here", "--runner-path=" + (folder.path / "agent").string()},
                           folder.path);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(status_words(run.err) == "ready terminated");
  CHECK(contains(run.err, "the runner could not be unregistered: "));
  // gc knows machines' names; this one is the user's.
  CHECK(contains(run.err, "remove here on the forge's page of runners; \"cml runner gc\" leaves it alone"));
  forge.fail_all(0);
  CHECK(forge.runners().size() == 1);
}
