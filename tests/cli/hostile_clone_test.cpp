// The real binary in clones and on files that a stranger chose, with a token in its environment.
#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "support/fake_github.hpp"
#include "support/scripts.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

void write_file(fs::path const& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

// Ordinary files that git takes for a repository: `config` is believed and what it names is run.
void put_embedded_repository(fs::path const& folder, std::string const& config) {
  write_file(folder / "HEAD", "ref: refs/heads/main\n");
  write_file(folder / "objects/.keep", "");
  write_file(folder / "refs/.keep", "");
  write_file(folder / "config", config);
}

constexpr char const* kToken = "ghp_SEKRET_of_this_run";

}  // namespace

TEST_CASE("hostile clone: a folder that git would take for a repository moves no workspace and runs nothing",
          "[cli][security]") {
  GitPlace place;
  fs::path const model = place.clone / "model", ran = place.folder.path / "ran";
  std::string const program = "touch " + ran.string() + "; false";
  put_embedded_repository(
      model, "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = /\n\tfsmonitor = \"" + program +
                 "\"\n\tsshCommand = \"" + program +
                 "\"\n[remote \"origin\"]\n\turl = https://127.0.0.1:1/good/repo\n");
  write_file(model / "report.md", "[e](/proc/self/environ) ![p](/etc/passwd)\n");
  for (auto const& arguments :
       std::vector<std::vector<std::string>>{{"comment", "create", "report.md"},
                                             {"comment", "create", "--metrics", "m.json"},
                                             {"asset", "publish", "/etc/passwd"},
                                             {"pr", "create", "--dry-run", "--target-branch", "main", "."},
                                             {"repo", "prepare"}}) {
    INFO(arguments[0] + " " + arguments[1]);
    auto const run = run_cml(arguments, model, "", {{"CML_DRIVER", "local"}, {"REPO_TOKEN", kToken}});
    CHECK(run.exit_code != 0);
    CHECK_FALSE(fs::exists(ran));
    CHECK(everything_below(model / ".cml").find("root:") == std::string::npos);
    CHECK(everything_below(model / ".cml").find(kToken) == std::string::npos);
  }
  auto const said = run_cml({"comment", "create", "report.md"}, model, "", {{"CML_DRIVER", "local"}});
  CHECK(contains(said.err, "looks like a git repository"));
}

TEST_CASE("hostile clone: below such a folder the clone around it counts, for every git that there is",
          "[cli][security]") {
  GitPlace place;
  fs::path const model = place.clone / "model", ran = place.folder.path / "ran";
  put_embedded_repository(model, "[core]\n\tworktree = /\n\tfsmonitor = \"touch " + ran.string() + "\"\n");
  write_file(model / "sub/report.md", "[e](/proc/self/environ)\n");
  auto const run =
      run_cml({"comment", "create", "report.md"}, model / "sub", "", {{"CML_DRIVER", "local"}, {"REPO_TOKEN", kToken}});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "outside the workspace"));
  CHECK_FALSE(fs::exists(ran));
  CHECK_FALSE(contains(everything_below(model / "sub/.cml"), kToken));
}

TEST_CASE("hostile clone: another user's clone is not used, nor its programs run", "[cli][security]") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can make files of another user");
    return;
  }
  GitPlace place;
  TemporaryFolder folder;
  fs::path const scratch = folder.path / "scratch", ran = folder.path / "ran";
  fs::copy(place.clone, scratch, fs::copy_options::recursive);
  git(scratch, {"config", "core.fsmonitor", "touch " + ran.string()});
  constexpr uid_t kNobody = 65534;
  for (auto const& entry : fs::recursive_directory_iterator(scratch))
    REQUIRE(::lchown(entry.path().c_str(), kNobody, kNobody) == 0);
  REQUIRE(::chown(scratch.c_str(), kNobody, kNobody) == 0);
  fs::create_directories(scratch / "mine");
  auto const run = run_cml({"pr", "create", "--dry-run", "--target-branch", "main", "."}, scratch / "mine", "",
                           {{"CML_DRIVER", "local"}, {"REPO_TOKEN", kToken}});
  CHECK(run.exit_code != 0);
  CHECK(contains(run.err, "belongs to another user"));
  CHECK_FALSE(fs::exists(ran));
}

TEST_CASE("hostile clone: plots do not show the checkout's credential, nor files beside a report elsewhere",
          "[cli][security]") {
  GitPlace place;
  git(place.clone, {"config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic TOP-SECRET-MARKER"});
  auto const plot = [](std::string const& url) {
    return R"({"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"url":")" + url +
           R"(","format":{"type":"dsv","delimiter":"\u0001","header":["l"]}},"mark":"text",)"
           R"("encoding":{"text":{"field":"l"}}})";
  };
  place.put("plot.vl.json", plot(".git/config"));
  place.put("report.md", "![](plot.vl.json)\n\n```vega-lite\n" + plot(".git/config") + "\n```\n");
  auto const run = run_cml({"comment", "create", "report.md"}, place.clone, "", {{"CML_DRIVER", "local"}});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, ".git, where tokens may lie"));
  CHECK_FALSE(contains(everything_below(place.clone / ".cml"), "PNG"));
  auto const svg = run_cml({"vega-render", "-f", "svg", "plot.vl.json"}, place.clone);
  CHECK(svg.exit_code != 0);
  CHECK_FALSE(contains(svg.out, "TOP-SECRET-MARKER"));

  TemporaryFolder elsewhere;
  std::ofstream(elsewhere.path / "secret.csv") << "l\nTOP-SECRET-MARKER\n";
  std::ofstream(elsewhere.path / "report.md") << "```vega-lite\n" + plot("secret.csv") + "\n```\n";
  auto const outside = run_cml({"comment", "create", (elsewhere.path / "report.md").string()}, place.clone, "",
                               {{"CML_DRIVER", "local"}});
  CHECK(outside.exit_code == 0);
  CHECK(contains(outside.err, "outside the workspace"));
}

TEST_CASE("hostile clone: cml.yaml shows no untracked credentials, and links lead no output away", "[cli][security]") {
  GitPlace place;
  TemporaryFolder home;
  place.put("gha-creds-1.json", R"({"private_key":"TOP-SECRET-MARKER"})");
  place.put(".env", "A=TOP-SECRET-MARKER\n");
  place.put("cml.yaml", "report:\n  blocks:\n    - log: gha-creds-1.json\n    - log: .env\n");
  auto const run = run_cml({"report", "create"}, place.clone);
  CHECK_FALSE(contains(run.out, "TOP-SECRET-MARKER"));
  CHECK(contains(run.err, "--allow-file"));
  auto const allowed = run_cml({"report", "create", "--allow-file", ".env"}, place.clone);
  CHECK(contains(allowed.out, "A=TOP-SECRET-MARKER"));

  fs::create_symlink(home.path / "victim", place.clone / "out.md");
  fs::create_directory_symlink(home.path, place.clone / "r_files");
  auto const out = run_cml({"report", "create", "--text", "x", "-o", "out.md"}, place.clone);
  CHECK(out.exit_code != 0);
  CHECK(contains(out.err, "symbolic link"));
  CHECK_FALSE(fs::exists(home.path / "victim"));
  place.put("loss.csv", "step,loss\n1,2\n2,1\n");
  auto const pictures = run_cml({"report", "create", "--plot", "loss.csv:x=step,y=loss", "-o", "r.md"}, place.clone);
  CHECK(pictures.exit_code != 0);
  CHECK(fs::is_empty(home.path));
}

TEST_CASE("hostile clone: no link, glob or committed name gets a login that a step has left", "[cli][security]") {
  GitPlace place;
  std::string const run_folder = "mlruns/0/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/";
  place.put(run_folder + "meta.yaml", "run_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nrun_name: x\nstatus: 3\n");
  place.put(run_folder + "params/lr", "0.1");
  place.put(".npmrc", "A=1\n");
  fs::create_symlink(".env", place.clone / "report.md");
  fs::create_symlink("../../../../.env", place.clone / run_folder / "params/p");
  git(place.clone, {"add", "-A"});
  git(place.clone, {"commit", "-qm", "hostile"});
  place.put("cml.yaml", "report:\n  blocks:\n    - log: .npmrc\n");
  CHECK(contains(run_cml({"report", "create"}, place.clone).out, "A=1"));  // As the repository has it.

  place.put(".env", "A=TOP-SECRET-MARKER\n");
  place.put(".npmrc", "A=TOP-SECRET-MARKER\n");
  place.put("gha-creds-1.json", R"({"private_key":"TOP-SECRET-MARKER"})");
  place.put("metrics.json", R"({"acc":1})");
  std::map<std::string, std::string> const local{{"CML_DRIVER", "local"}};
  auto const posted = run_cml({"comment", "create", "report.md"}, place.clone, "", local);
  CHECK(posted.exit_code != 0);
  CHECK(contains(posted.err, "--allow-file"));
  for (std::vector<std::string> const& shown :
       {std::vector<std::string>{"--params", "mlruns"}, {"--metrics", "*.json"}, {"--log", "report.md"}, {}}) {
    std::vector<std::string> words{"report", "create"};
    words.insert(words.end(), shown.begin(), shown.end());
    auto const run = run_cml(words, place.clone);
    INFO(run.out << run.err);
    CHECK_FALSE(contains(run.out, "TOP-SECRET-MARKER"));
    CHECK(contains(run.err, "--allow-file"));
  }
  CHECK(contains(run_cml({"report", "create", "--metrics", "*.json"}, place.clone).out, "acc"));
  CHECK(contains(run_cml({"report", "create", "--log", ".env"}, place.clone).out, "TOP-SECRET-MARKER"));
}

TEST_CASE("hostile clone: pr create offers no login that a step has left, unless it is named", "[cli][pr][security]") {
  GitPlace place;
  place.put(".env", "A=1\n");
  place.put("gha-creds-1.json", "{}");
  place.put("metrics.json", "{}");
  std::map<std::string, std::string> const local{{"CML_DRIVER", "local"}};
  auto const run = run_cml({"pr", "create", "--branch", "one", "."}, place.clone, "", local);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.err, "gha-creds-1.json is left out"));
  std::string const offered = git(place.clone, {"ls-tree", "-r", "--name-only", "one"});
  CHECK(contains(offered, "metrics.json"));
  CHECK_FALSE(contains(offered, ".env"));
  CHECK_FALSE(contains(offered, "gha-creds"));
  REQUIRE(run_cml({"pr", "create", "--branch", "two", "--allow-file", "gha-creds-*", ".env", "*.json"}, place.clone, "",
                  local)
              .exit_code == 0);
  std::string const named = git(place.clone, {"ls-tree", "-r", "--name-only", "two"});
  CHECK(contains(named, ".env"));
  CHECK(contains(named, "gha-creds-1.json"));
}

TEST_CASE("hostile clone: a link .cml leads the local forge nowhere", "[cli][security]") {
  GitPlace place;
  TemporaryFolder home;
  place.put("report.md", "# report\n");
  fs::create_directory_symlink(home.path, place.clone / ".cml");
  auto const run = run_cml({"comment", "create", "report.md"}, place.clone, "", {{"CML_DRIVER", "local"}});
  CHECK(run.exit_code != 0);
  CHECK(contains(run.err, "symbolic link"));
  CHECK(fs::is_empty(home.path));
}

TEST_CASE("hostile clone: in a CI that names its server no other host gets the token", "[cli][security]") {
  FakeGitHub attacker;
  GitPlace place;
  git(place.clone, {"remote", "set-url", "origin", attacker.url() + "/good/repo"});
  place.put("report.md", "# report\n");
  auto const run = run_cml({"comment", "create", "report.md", "--driver", "gitlab"}, place.clone, "",
                           {{"GITLAB_CI", "true"},
                            {"CI", "true"},
                            {"CI_SERVER_URL", "https://gitlab.invalid"},
                            {"CI_PROJECT_URL", "https://gitlab.invalid/good/repo"},
                            {"CI_API_V4_URL", "https://gitlab.invalid/api/v4"},
                            {"CI_COMMIT_SHA", place.head()},
                            {"REPO_TOKEN", kToken},
                            {"http_proxy", ""}});
  CHECK(run.exit_code != 0);
  CHECK(attacker.requests().empty());
  CHECK_FALSE(contains(run.err, kToken));
}

TEST_CASE("hostile clone: no program that a command starts gets a token, under whatever name", "[cli][security]") {
  GitPlace place;
  place.put("report.md", "# report\n");
  place.put("m.json", "{\"a\": 1}\n");
  fs::path const programs = place.folder.path / "programs", seen = place.folder.path / "seen";
  std::string const path = std::getenv("PATH");
  for (std::string const program : {"git", "xdg-open"})
    put_script(programs / program, "env >>" + seen.string() + "\necho \"ran=" + program + "\" >>" + seen.string() +
                                       "\nPATH='" + path + "'; [ " + program + " = git ] && exec git \"$@\"\n");
  std::string const basic = "https://gitlab-ci-token:" + std::string(kToken) + "@gitlab.invalid/o/r.git";
  // pr create asks the remote: there a credential helper of the user's may need what the environment holds, where cml
  // has no login of its own to give (docs/security.md).
  for (auto const& arguments :
       std::vector<std::vector<std::string>>{{"comment", "create", "report.md"},
                                             {"comment", "create", "--metrics", "m.json", "--compare", "HEAD"},
                                             {"report", "create", "--metrics", "m.json", "--compare", "HEAD"},
                                             {"report", "preview", "report.md", "--open"},
                                             {"repo", "prepare"},
                                             {"doctor"}}) {
    INFO(arguments[0] + " " + (arguments.size() > 1 ? arguments[1] : ""));
    fs::remove(seen);
    auto const run = run_cml(arguments, place.clone, "",
                             {{"PATH", programs.string() + ":" + path},
                              {"CML_DRIVER", "local"},
                              {"REPO_TOKEN", kToken},
                              {"CI_REPOSITORY_URL", basic},
                              {"DOCKER_AUTH_CONFIG", kToken},
                              {"CI_JOB_JWT", kToken}});
    INFO(run.err);
    std::string const environments = slurp(seen);
    CHECK(contains(environments, "ran="));
    CHECK_FALSE(contains(environments, kToken));
  }
}
