// What setup/ and templates/ offer to other CIs, run by the shell that they hold against releases and forges on
// loopback; and the scripts of the release pipelines.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/release_server.hpp"
#include "support/run_cml.hpp"
#include "support/scripts.hpp"
#include "support/workflow_steps.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

std::string const kSetup = CML_SOURCE_DIR "/setup/";

// A job whose PATH has the binary under test only where the set-up puts it, or where `with_cml` says.
struct SetupJob {
  explicit SetupJob(bool with_cml = false) : job(place.clone) {
    if (with_cml)
      for (std::string const name : {"cml", "cml-runner"})
        job.program(name, "exec -a " + name + " '" + std::string(std::getenv("CML_BINARY")) + "' \"$@\"\n");
    place.put("report.md", "# Results\n");
  }
  GitPlace place;
  WorkflowJob job;
};

std::string joined(std::vector<std::string> const& lines) {
  std::string text;
  for (std::string const& line : lines) text += line + "\n";
  return text;
}

// A YAML file's second document: a component of GitLab's without its header, inputs filled in.
std::string component(std::map<std::string, std::string> const& inputs) {
  std::string text = slurp(CML_SOURCE_DIR "/templates/cml/template.yml");
  text = text.substr(text.find("\n---\n") + 5);
  for (auto const& [name, value] : inputs) text = replace_all(text, "$[[ inputs." + name + " ]]", value);
  return text;
}

}  // namespace

TEST_CASE("setup: GitLab's component and include put cml on the PATH of a job that extends them", "[cli][setup]") {
  ReleaseServer releases;
  std::string const with_inputs = component({{"home", releases.gitlab_home()}, {"version", "9.8.7"}, {"job", ".cml"}});
  CHECK_FALSE(contains(with_inputs, "$[["));
  CHECK(read_yaml(with_inputs).at(".cml").at("variables").at("CML_HOME") == releases.gitlab_home());
  std::string const included = slurp(kSetup + "gitlab/cml.yml");
  // One way to install, in two files.
  CHECK(script_of(with_inputs, ".cml") == script_of(included, ".cml"));
  for (std::string const& home : {releases.gitlab_home(), releases.home()})
    for (std::string const version : {"latest", "9.8.7"}) {
      INFO(home << " " << version);
      SetupJob user;
      user.job.environment["CI_BUILDS_DIR"] = (user.place.folder.path / "builds").string();
      fs::create_directories(user.place.folder.path / "builds");
      user.job.environment["CML_HOME"] = home;
      user.job.environment["CML_VERSION"] = version;
      auto const run = user.job.sh(joined(script_of(included, ".cml")) + "cml --version; command -v cml-publish\n");
      INFO(run.err);
      CHECK(run.exit_code == 0);
      CHECK(contains(run.out, "builds/cml-bin/cml-publish\n"));
      CHECK(git(user.place.clone, {"status", "--porcelain"}) == "?? report.md");  // Nothing for `cml pr .` to offer.
    }
}

TEST_CASE("setup: Bitbucket's pipe posts the report of an earlier step and keeps it up to date", "[cli][setup]") {
  FakeBitbucket fake;
  SetupJob user(true);
  fake.add_pull_request(7, user.place.head());
  auto& environment = user.job.environment;
  environment["BITBUCKET_BUILD_NUMBER"] = "3";
  environment["BITBUCKET_PR_ID"] = "7";
  environment["BITBUCKET_COMMIT"] = user.place.head();
  environment["BITBUCKET_CLONE_DIR"] = user.place.clone.string();
  environment["CML_DRIVER"] = "bitbucket";
  environment["CML_REPO"] = fake.url() + "/w/r";
  environment["BITBUCKET_GIT_HTTP_ORIGIN"] = fake.url() + "/w/r";
  environment["CML_API_URL"] = fake.url();
  auto const refused = user.job.sh(kSetup + "bitbucket/pipe.sh");
  CHECK(refused.exit_code == 1);
  CHECK(contains(refused.err, "REPO_TOKEN is empty"));
  // As Bitbucket does: the defaults of pipe.yml, and what the step gives.
  for (auto const& variable : read_yaml(slurp(kSetup + "bitbucket/pipe.yml")).at("variables"))
    environment[variable.at("name").get<std::string>()] = variable.at("default").get<std::string>();
  environment["REPO_TOKEN"] = "good-token";
  for (std::string const text : {"# First\n", "# Second\n"}) {
    user.place.put("report.md", text);
    auto const run = user.job.sh("cd /; " + kSetup + "bitbucket/pipe.sh");
    INFO(run.err);
    CHECK(run.exit_code == 0);
  }
  auto const bodies = fake.bodies(PullRequestTarget{7});
  REQUIRE(bodies.size() == 1);
  CHECK(contains(bodies[0], "# Second"));
}

TEST_CASE("setup: the image's entry point runs what it is given, a runner by environment, or helps", "[cli][setup]") {
  SetupJob user(true);
  user.job.program("nvidia-smi", "echo 'one GPU'\n");
  user.job.program("cml-runner", "echo \"runner of $RUNNER_REPO for $RUNNER_LABELS with ${repo_token:+a token}\"\n");
  std::string const entry = kSetup + "docker/entrypoint.sh ";
  CHECK(user.job.sh(entry + "nvidia-smi").out == "one GPU\n");
  CHECK(user.job.sh(entry + "sh -c 'exit 7'").exit_code == 7);  // As GitLab's and GitHub's runners start jobs.
  CHECK(contains(user.job.sh(entry).out, "comment"));
  CHECK(user.job
            .sh(entry, {{"RUNNER_REPO", "https://github.com/o/r"},
                        {"RUNNER_LABELS", "cml,gpu"},
                        {"RUNNER_IDLE_TIMEOUT", "1800"},
                        {"repo_token", "secret"}})
            .out == "runner of https://github.com/o/r for cml,gpu with a token\n");
}

TEST_CASE("setup: Tekton's step posts with the parameters that Tekton fills in", "[cli][setup]") {
  FakeGitHub fake;
  SetupJob user(true);
  auto const task = read_yaml(slurp(kSetup + "tekton/cml-comment.yml"));
  auto const& step = task.at("spec").at("steps").at(0);
  std::map<std::string, std::string> env{{"CML_API_URL", fake.url() + "/api/v3"}, {"REPO_TOKEN", "good-token"}};
  std::map<std::string, std::string> given{{"repository", fake.url() + "/o/r"}, {"target", "pr/7"}, {"image", "i"}};
  for (auto const& parameter : task.at("spec").at("params"))
    given.emplace(parameter.at("name").get<std::string>(), parameter.value("default", "MISSING"));
  for (auto const& variable : step.at("env"))
    if (variable.contains("value")) {
      std::string value = variable.at("value").get<std::string>();
      for (auto const& [name, text] : given) value = replace_all(value, "$(params." + name + ")", text);
      env[variable.at("name").get<std::string>()] = value;
    }
  auto const run = user.job.sh(step.at("script").get<std::string>(), env);
  INFO(run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(fake.bodies(PullRequestTarget{7}).size() == 1);
}

TEST_CASE("setup: Argo's container posts with the parameters that Argo fills in", "[cli][setup]") {
  FakeGitHub fake;
  SetupJob user(true);
  std::string text = slurp(kSetup + "argo/cml-comment.yml");
  for (auto const& [name, value] : std::map<std::string, std::string>{
           {"repository", fake.url() + "/o/r"}, {"target", "pr/7"}, {"driver", "github"}, {"report", "report.md"}})
    text = replace_all(text, "{{workflow.parameters." + name + "}}", value);
  auto const container = read_yaml(text).at("spec").at("templates").at(0).at("container");
  std::map<std::string, std::string> env{{"CML_API_URL", fake.url() + "/api/v3"}, {"REPO_TOKEN", "good-token"}};
  for (auto const& variable : container.at("env"))
    if (variable.contains("value")) env[variable.at("name").get<std::string>()] = variable.at("value");
  std::string command = "exec";
  for (char const* part : {"command", "args"})
    for (auto const& word : container.at(part)) command += " '" + word.get<std::string>() + "'";
  auto const run = user.job.sh(command, env);
  INFO(command << "\n" << run.err);
  CHECK(run.exit_code == 0);
  REQUIRE(fake.bodies(PullRequestTarget{7}).size() == 1);
}

TEST_CASE("setup: the shell of Jenkins' step installs once and posts", "[cli][setup]") {
  ReleaseServer releases;
  FakeGitHub fake;
  SetupJob user;
  std::string const step = slurp(kSetup + "jenkins/vars/cml.groovy");
  auto const from = step.find("script: '''") + 11;
  std::string const install = step.substr(from, step.find("'''", from) - from);
  REQUIRE(contains(install, "install-cml.sh"));
  REQUIRE(contains(step, "script: '\"$WORKSPACE_TMP/cml-$CML_VERSION/cml\" ' + arguments"));
  user.job.environment["WORKSPACE_TMP"] = (user.place.folder.path / "clone@tmp").string();
  fake.add_pull_request(7, user.place.head());
  std::string const home = releases.home();
  for (int times = 0; times < 2; ++times) {
    std::map<std::string, std::string> env{
        {"CML_HOME", home}, {"CML_VERSION", "latest"}, {"CML_INSTALL", home + "/releases/latest/download/install.sh"}};
    auto const run = user.job.sh(install + "\n\"$WORKSPACE_TMP/cml-$CML_VERSION/cml\" comment update report.md", [&] {
      env.insert({{"REPO_TOKEN", "good-token"},
                  {"CML_API_URL", fake.url() + "/api/v3"},
                  {"CML_REPO", fake.url() + "/o/r"},
                  {"CML_DRIVER", "github"},
                  {"JENKINS_URL", "https://ci.test"},
                  {"CHANGE_ID", "7"}});
      return env;
    }());
    INFO(run.err);
    CHECK(run.exit_code == 0);
  }
  CHECK(fake.bodies(PullRequestTarget{7}).size() == 1);
  CHECK(git(user.place.clone, {"status", "--porcelain"}) == "?? report.md");
}

TEST_CASE("release: notes are the changelog's section of the tag's version, which is CMakeLists.txt's",
          "[cli][setup][release]") {
  TemporaryFolder folder;
  fs::create_directories(folder.path / "tools/dev");
  fs::copy(CML_SOURCE_DIR "/tools/dev/release_notes", folder.path / "tools/dev/release_notes");
  std::ofstream(folder.path / "CMakeLists.txt") << "project(cml VERSION 1.2.3 LANGUAGES C CXX ASM)\n";
  std::string const changelog =
      "# Changelog\n\n## Unreleased\n\n- later\n\n## 1.2.3 (2026-01-01)\n\n- this\n\n## 1.2\n- old\n";
  std::ofstream(folder.path / "CHANGELOG.md") << changelog;
  SpawnedProcess process;
  auto const notes = [&](std::string const& tag) {
    auto const run = process.run({.arguments = {(folder.path / "tools/dev/release_notes").string(), tag}});
    REQUIRE(run);
    return *run;
  };
  auto const right = notes("v1.2.3");
  CHECK(right.exit_code == 0);
  CHECK(trim(right.out) == "- this");
  for (std::string const tag : {"v1.2.4", "v1.2", "1.2.3", "v1.2.3-rc1", ""}) {
    INFO(tag);
    auto const wrong = notes(tag);
    CHECK(wrong.exit_code != 0);
    CHECK(wrong.out.empty());
    CHECK_FALSE(wrong.err.empty());
  }
  std::ofstream(folder.path / "CHANGELOG.md") << replace_all(changelog, "## 1.2.3", "## 1.2.30");
  CHECK(contains(notes("v1.2.3").err, "no section"));
}

TEST_CASE("release: on GitLab the files are packages that the release links to, by the job's token",
          "[cli][setup][release]") {
  FakeGitLab fake;
  fake.tokens.clear();
  fake.job_tokens = {"good-token"};
  fake.tags = {"v1.2.3"};
  SetupJob user;
  user.place.put("notes.md", "- \"this\"\n");
  user.place.put("out/cml-linux-x64", "program");
  user.place.put("out/SHA256SUMS", "sums");
  user.job.environment["CI_API_V4_URL"] = fake.url() + "/api/v4";
  user.job.environment["CI_PROJECT_ID"] = "g%2Fp";
  user.job.environment["CI_JOB_TOKEN"] = "wrong-token";
  std::string const script = CML_SOURCE_DIR "/tools/dev/release_on_gitlab ";
  CHECK(user.job.sh(script + "v1.2.3 notes.md out/*").exit_code != 0);
  CHECK(fake.release_files().empty());
  user.job.environment["CI_JOB_TOKEN"] = "good-token";
  auto const run = user.job.sh(script + "v1.2.3 notes.md out/*");
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(fake.release_files() ==
        std::map<std::string, std::string>{{"cml-linux-x64", "program"}, {"SHA256SUMS", "sums"}});
  CHECK(fake.descriptions.at("v1.2.3") == "- \"this\"\n");
  CHECK_FALSE(contains(run.out + run.err, "good-token"));
  CHECK(user.job.sh(script + "v1.2.3 notes.md out/*").exit_code != 0);  // There is one already.
}

namespace {

// A clone with a tag and programs that say what they were asked for, in the place of those that take long or publish.
struct ReleaseJob : SetupJob {
  ReleaseJob() {
    place.put("CMakeLists.txt", "project(cml VERSION 1.2.3 LANGUAGES C CXX ASM)\n");
    place.put("CHANGELOG.md", "# Changelog\n\n## 1.2.3\n\n- this\n");
    for (std::string const name : {"release_notes", "release_on_gitlab"}) {
      fs::create_directories(place.clone / "tools/dev");
      fs::copy(CML_SOURCE_DIR "/tools/dev/" + name, place.clone / "tools/dev" / name);
    }
    put_script(place.clone / "tools/test", tell("tools/test"));
    put_script(place.clone / "tools/package",
               tell("tools/package") +
                   "mkdir -p build/package/out && cd build/package/out\necho \"$CML_HOME\" > install.sh\n"
                   "touch cml-linux-x64 cml-linux-arm64 ada-cml-1.2.3.tgz ada-cml-linux-x64-1.2.3.tgz "
                   "ada-cml-linux-arm64-1.2.3.tgz cml-image-x64.oci.tar SHA256SUMS\n");
    for (char const* name : {"apt-get", "apk", "npm"}) job.program(name, tell(name));
    job.program("skopeo", tell("skopeo") + "[ \"$1\" != login ] || [ \"$(cat)\" = good-token ]\n");
    job.program("cosign", tell("cosign") +
                              "while [ $# -gt 1 ]; do [ \"$1\" != --bundle ] || touch \"$2\"; shift; done\n"
                              "[ -f \"$1\" ]\n");
  }
  std::string tell(std::string const& name) const {
    return "echo '" + name + "' \"$@\" >> '" + (place.folder.path / "told").string() + "'\n";
  }
  std::string told() const { return slurp(place.folder.path / "told"); }
};

}  // namespace

TEST_CASE(
    "release: the steps of GitHub's workflow test, package, sign and publish, npm's programs before what needs them",
    "[cli][setup][release]") {
  ReleaseJob user;
  auto& job = user.job;
  job.environment["GITHUB_REF_NAME"] = "v1.2.3";
  job.environment["GITHUB_REPOSITORY"] = "Ada/cml";
  job.environment["GITHUB_ACTOR"] = "ada";
  job.values = {{"github.server_url", "https://github.com"},
                {"github.repository", "Ada/cml"},
                {"secrets.GITHUB_TOKEN", "good-token"}};
  int releases = 0;
  for (char const* name : {"actions/checkout", "actions/setup-node", "sigstore/cosign-installer"})
    job.actions[name] = [](WorkflowStep const&) {};
  job.actions["softprops/action-gh-release"] = [&](WorkflowStep const& step) {
    ++releases;
    CHECK(contains(slurp(user.place.clone / step.with.at("body_path")), "- this"));
    CHECK(step.with.at("files") == "build/package/out/*");
    CHECK(fs::exists(user.place.clone / "build/package/out/SHA256SUMS.sigstore"));
  };
  job.run(steps_of(slurp(CML_SOURCE_DIR "/.github/workflows/release.yml")));
  CHECK(releases == 1);
  std::string const told = user.told();
  INFO(told);
  CHECK(git(user.place.origin, {"rev-parse", "refs/tags/v1"}) == user.place.head());
  CHECK(slurp(user.place.clone / "build/package/out/install.sh") == "https://github.com/Ada/cml\n");
  CHECK(told.find("tools/test") < told.find("tools/package"));
  std::string published;
  for (std::string const& line : split(told, '\n'))
    if (contains(line, "npm publish")) published += line.substr(line.rfind('/') + 1) + " ";
  CHECK(published == "ada-cml-linux-arm64-1.2.3.tgz ada-cml-linux-x64-1.2.3.tgz ada-cml-1.2.3.tgz ");
  CHECK(contains(told, "docker://ghcr.io/ada/cml:1.2.3\n"));
  CHECK(contains(told, "docker://ghcr.io/ada/cml:latest\n"));
  CHECK_FALSE(contains(told, "good-token"));
}

TEST_CASE("release: the jobs of GitLab's pipeline package, sign and publish", "[cli][setup][release]") {
  FakeGitLab fake;
  fake.job_tokens = {"good-token"};
  fake.tags = {"v1.2.3"};
  ReleaseJob user;
  user.job.environment.merge(std::map<std::string, std::string>{{"CI_COMMIT_TAG", "v1.2.3"},
                                                                {"CI_API_V4_URL", fake.url() + "/api/v4"},
                                                                {"CI_PROJECT_ID", "g%2Fp"},
                                                                {"CI_JOB_TOKEN", "good-token"}});
  std::string const pipeline = slurp(CML_SOURCE_DIR "/.gitlab-ci.yml");
  auto const home = read_yaml(pipeline).at("build").at("variables").at("CML_HOME").get<std::string>();
  user.job.environment["CML_HOME"] = replace_all(home, "$CI_PROJECT_URL", "https://gitlab.test/g/p");
  for (char const* name : {"test", "build", "sign", "publish"}) {
    auto const run = user.job.sh(joined(script_of(pipeline, name)));
    INFO(name << "\n" << run.out << run.err);
    REQUIRE(run.exit_code == 0);
  }
  CHECK(slurp(user.place.clone / "build/package/out/install.sh") == "https://gitlab.test/g/p/-\n");
  CHECK(contains(fake.descriptions.at("v1.2.3"), "- this"));
  CHECK(fake.release_files().contains("SHA256SUMS.sigstore"));
  CHECK(fake.release_files().contains("install.sh"));
}
