// pr create of the real binary: real git against local and TLS origins, pull requests at the fakes.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "git/git.hpp"
#include "platform/spawned_process.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_gitea.hpp"
#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// A clone with a change, a new file, a dotfile and a deletion, and a forge to offer them to.
template <class Fake>
struct PullRequestJob {
  explicit PullRequestJob(std::string driver = "github", std::string api_path = "/api/v3",
                          std::string repository = "o/r") {
    environment = {{"REPO_TOKEN", "good-token"},
                   {"CML_API_URL", fake.url() + api_path},
                   {"CML_REPO", fake.url() + "/" + repository},
                   {"CML_DRIVER", driver}};
    place.put("README.md", "two\n");
    place.put("new.txt", "new\n");
    place.put(".hidden/x", "dot\n");
    place.put("ignored.log", "no\n");
    fs::remove(place.clone / "data/old.txt");
  }
  CmlRun run(std::vector<std::string> arguments, std::string program = "cml") {
    return run_cml(std::move(arguments), place.clone, "", environment, std::move(program));
  }
  std::string branch() const { return "main-cml-pr-" + place.head().substr(0, 8); }
  std::string in_origin(std::vector<std::string> arguments) const { return git(place.origin, std::move(arguments)); }
  Fake fake;
  GitPlace place;
  std::map<std::string, std::string> environment;
};

}  // namespace

TEST_CASE("cli: pr create commits changed, new, hidden and deleted files and leaves the clone as it was", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  job.place.put("staged.txt", "staged\n");
  git(job.place.clone, {"add", "staged.txt"});
  std::string const status = git(job.place.clone, {"status", "--porcelain"});
  auto const run = job.run({"pr", "create", ".", "!staged.txt"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == job.fake.url() + "/o/r/pull/100\n");
  auto const pull = job.fake.pulls().at(0);
  std::string const sha = job.place.head(), sha8 = sha.substr(0, 8);
  CHECK(pull.source == job.branch());
  CHECK(pull.target == "main");
  CHECK(pull.title == "CML PR for main " + sha8);
  CHECK(pull.body == "\nAutomated commits for " + job.fake.url() + "/o/r/commit/" + sha + " created by CML.\n      ");
  CHECK(job.in_origin({"log", "-1", "--format=%s|%an|%ae|%P", job.branch()}) ==
        "CML PR for " + sha8 + " [skip ci]|Olivaw[bot]|olivaw@iterative.ai|" + sha);
  CHECK(job.in_origin({"ls-tree", "-r", "--name-only", job.branch()}) ==
        ".dvc/config\n.gitignore\n.hidden/x\nREADME.md\nnew.txt");
  CHECK(job.in_origin({"show", job.branch() + ":README.md"}) == "two");
  CHECK(git(job.place.clone, {"status", "--porcelain"}) == status);
  CHECK(git(job.place.clone, {"branch", "--show-current"}) == "main");
  CHECK(git(job.place.clone, {"config", "--local", "--list"}).find("olivaw") == std::string::npos);
  CHECK_FALSE(fs::exists(job.place.clone / ".gitconfig"));
}

TEST_CASE("cli: pr create again leaves the same content alone, and replaces other content", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  auto const first = job.run({"pr", "create", "."});
  REQUIRE(first.exit_code == 0);
  std::string const commit = job.in_origin({"rev-parse", job.branch()});
  auto const same = job.run({"pr", "."});
  CHECK(same.out == first.out);
  CHECK(job.in_origin({"rev-parse", job.branch()}) == commit);
  job.place.put("new.txt", "newer\n");
  auto const other = job.run({"--title=Better", "--label=ml", "--reviewer", "ada", "--json", "."}, "cml-pr");
  INFO(other.err);
  REQUIRE(other.exit_code == 0);
  CHECK(contains(other.err, "already exists; it is replaced"));
  auto const object = nlohmann::json::parse(other.out);
  CHECK(object["action"] == "updated");
  CHECK(object["url"] == std::string(trim(first.out)));
  CHECK(object["commit"] == job.in_origin({"rev-parse", job.branch()}));
  CHECK(job.in_origin({"show", job.branch() + ":new.txt"}) == "newer");
  CHECK(job.in_origin({"rev-list", "--count", "main.." + job.branch()}) == "1");
  REQUIRE(job.fake.pulls().size() == 1);
  CHECK(job.fake.pulls()[0].title == "Better");
  CHECK(job.fake.pulls()[0].labels == std::vector<std::string>{"ml"});
  CHECK(job.fake.pulls()[0].reviewers == std::vector<std::string>{"ada"});
}

TEST_CASE("cli: pr create with nothing to do says so on stderr, prints nothing and succeeds", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  auto const none = [&](std::vector<std::string> const& arguments, std::string const& part) {
    INFO(Catch::Detail::stringify(arguments));
    auto const run = job.run(arguments);
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "");
    CHECK(contains(run.err, part));
    CHECK(job.fake.pulls().empty());
    CHECK(job.in_origin({"branch", "--format=%(refname:short)"}) == "main");
  };
  none({"pr", "create", "ignored.log", "nosuch/**"}, "Input files are not affected. Nothing to do.");
  none({"pr", "create", "--branch=main", "."}, "Nothing to do");
  none({"pr", "create", "--target-branch=x-cml-pr-0123abcd", "."}, "was made by cml pr");
  git(job.place.clone, {"stash", "-q", "-u"});
  none({"pr", "create", "."}, "No changed files matched by glob path. Nothing to do.");
  none({"pr", "create"}, "The target branch has these files already");
  for (std::string const subject : {"CML PR for 0123abcd", "Merge pull request #7 from o/main-cml-pr-0123abcd"}) {
    git(job.place.clone, {"commit", "-q", "--allow-empty", "-m", subject});
    job.place.put("new.txt", subject);
    none({"pr", "create", "."}, "was made by cml pr");
  }
  git(job.place.clone, {"push", "-q", "origin", "main"});
  CHECK(job.run({"pr", "create", "--no-loop-guard", "."}).exit_code == 0);
  CHECK(job.fake.pulls().size() == 1);
}

TEST_CASE("cli: pr create without globs offers the commit itself, options name everything", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  git(job.place.clone, {"commit", "-q", "-am", "Work"});
  auto const run =
      job.run({"pr", "create", "--branch=exp/1", "--target-branch=main", "--title=T", "--body=B", "--draft", "--md"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == "[CML's Pull Request](" + job.fake.url() + "/o/r/pull/100)\n");
  CHECK(job.in_origin({"rev-parse", "exp/1"}) == job.place.head());
  CHECK(job.fake.pulls()[0].title == "T");
  CHECK(job.fake.pulls()[0].body == "B");
  CHECK(job.fake.pulls()[0].draft);
  job.place.put("deep/a.txt", "x");
  auto const below = run_cml({"pr", "create", "--branch=exp/2", "--message=M", "--user-name=N",
                              "--user-email=n@example.test", "--skip-ci", "a.txt"},
                             job.place.clone / "deep", "", job.environment);
  INFO(below.err);
  REQUIRE(below.exit_code == 0);
  CHECK(job.in_origin({"log", "-1", "--format=%s|%cn|%ce", "exp/2"}) == "M [skip ci]|N|n@example.test");
  CHECK(job.in_origin({"diff", "--name-only", "exp/1", "exp/2"}) == "deep/a.txt");
}

TEST_CASE("cli: on a laptop pr create makes a branch in the clone and a pull request in the local forge",
          "[cli][pr][local]") {
  PullRequestJob<FakeGitHub> job;
  job.environment.clear();
  auto const run = job.run({"pr", "create", "--label=ml", "."});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out == "file://" + (job.place.clone / ".cml/pulls/1.json").string() + "\n");
  CHECK(git(job.place.clone, {"show", job.branch() + ":README.md"}) == "two");
  CHECK(git(job.place.clone, {"branch", "--show-current"}) == "main");
  CHECK(job.in_origin({"branch", "--format=%(refname:short)"}) == "main");
  CHECK(job.run({"pr", "create", "--title=Better", "."}).out == run.out);
  std::stringstream text;
  text << std::ifstream(job.place.clone / ".cml/pulls/1.json").rdbuf();
  auto const stored = nlohmann::json::parse(text.str());
  CHECK(stored["title"] == "Better");
  CHECK(stored["source"] == job.branch());
  CHECK(stored["labels"] == nlohmann::json::array({"ml"}));
  auto const merge = job.run({"pr", "create", "--merge", "."});
  CHECK(merge.exit_code == 0);
  CHECK(merge.out == run.out);
  CHECK(contains(merge.err, "run git merge " + job.branch()));
  CHECK(job.run({"pr", "create", "--merge", "--strict", "."}).exit_code == 1);
}

TEST_CASE("cli: what a pull request is refused does not cost its address, --strict counts it", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  job.fake.fail({"POST", "/labels", {403, R"({"message":"Resource not accessible"})", {}}, false, 100});
  job.fake.fail({"POST", "/requested_reviewers", {422, R"({"message":"Review cannot be requested"})", {}}, false, 100});
  auto const run = job.run({"pr", "create", "--label=ml", "--reviewer=me", "."});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "/pull/"));
  CHECK(contains(run.err, "labels are not set"));
  CHECK(contains(run.err, "reviewers are not set"));
  auto const strict = job.run({"pr", "create", "--label=ml", "--strict", "--json", "."});
  CHECK(strict.exit_code == 1);
  CHECK(nlohmann::json::parse(strict.out)["warnings"].size() == 1);
}

TEST_CASE("cli: pr create takes git's exclusions, and a folder that became a link", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  job.place.put("data/keep.txt", "x\n");
  git(job.place.clone, {"add", "data/keep.txt"});
  git(job.place.clone, {"commit", "-qm", "data"});
  git(job.place.clone, {"push", "-q", "origin", "main"});
  job.place.put("params.yaml", "a: 1\n");
  fs::remove_all(job.place.clone / "data");
  fs::create_directories(job.place.clone / "elsewhere");
  fs::create_directory_symlink("elsewhere", job.place.clone / "data");
  auto const run = job.run({"pr", "create", ".", ":(exclude)params.yaml", ":!new.txt"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  std::string const files = job.in_origin({"ls-tree", "-r", "--name-only", job.branch()});
  CHECK_FALSE(contains(files, "params.yaml"));
  CHECK_FALSE(contains(files, "new.txt"));
  CHECK_FALSE(contains(files, "data/"));
  CHECK(contains("\n" + files + "\n", "\ndata\n"));
  CHECK(job.run({"pr", "create", ".", ":(attr:x)a"}).exit_code == 1);
}

TEST_CASE("cli: pr create does not offer the commits of a fork as its own", "[cli][pr][security]") {
  PullRequestJob<FakeGitHub> job;
  std::ofstream(job.place.folder.path / "event.json")
      << R"({"pull_request":{"number":7,"head":{"sha":")" << job.place.head()
      << R"(","ref":"main","repo":{"full_name":"ada/r"}},"base":{"repo":{"full_name":"o/r"}}}})";
  job.environment["GITHUB_ACTIONS"] = "true";
  job.environment["GITHUB_REPOSITORY"] = "o/r";
  job.environment["GITHUB_SERVER_URL"] = job.fake.url();
  job.environment["GITHUB_EVENT_NAME"] = "pull_request_target";
  job.environment["GITHUB_EVENT_PATH"] = (job.place.folder.path / "event.json").string();
  auto const run = job.run({"pr", "create", "."});
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "the fork ada/r"));
  CHECK(job.fake.pulls().empty());
  CHECK(job.run({"pr", "create", "--target-branch=main", "."}).exit_code == 0);
}

TEST_CASE("cli: two jobs of one commit with different files keep both branches", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  auto const one = job.run({"pr", "create", "new.txt"});
  auto const other = job.run({"pr", "create", "--json", "README.md"});
  INFO(one.err << other.err);
  REQUIRE(one.exit_code == 0);
  REQUIRE(other.exit_code == 0);
  std::string const second = nlohmann::json::parse(other.out)["branch"];
  CHECK(second.starts_with(job.branch() + "-"));
  CHECK(job.in_origin({"diff", "--name-only", "main", job.branch()}) == "new.txt");
  CHECK(job.in_origin({"diff", "--name-only", "main", second}) == "README.md");
  CHECK(job.fake.pulls().size() == 2);
  // Each job again: the same branches; with changed content the job's own is replaced.
  CHECK(job.run({"pr", "create", "new.txt"}).out == one.out);
  job.place.put("README.md", "three\n");
  CHECK(nlohmann::json::parse(job.run({"pr", "create", "--json", "README.md"}).out)["branch"] == second);
  CHECK(job.in_origin({"show", second + ":README.md"}) == "three");
  CHECK(job.fake.pulls().size() == 2);
}

TEST_CASE("cli: a file that a merge has left in conflict is not offered, the others are", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  git(job.place.clone, {"checkout", "-q", "--", "README.md"});
  git(job.place.clone, {"checkout", "-q", "-b", "other"});
  job.place.put("README.md", "theirs\n");
  git(job.place.clone, {"commit", "-qam", "theirs"});
  git(job.place.clone, {"checkout", "-q", "main"});
  job.place.put("README.md", "ours\n");
  git(job.place.clone, {"commit", "-qam", "ours"});
  git(job.place.clone, {"push", "-q", "origin", "main"});
  git(job.place.clone, {"-c", "alias.try=!git merge -q --no-commit other || true", "try"});
  auto const run = job.run({"pr", "create", "."});
  INFO(run.err);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "README.md is in conflict"));
  CHECK(job.fake.pulls().empty());
  CHECK(job.run({"pr", "create", "new.txt"}).exit_code == 0);
}

TEST_CASE("cli: a dry run of pr create finds what the real run would find", "[cli][pr]") {
  PullRequestJob<FakeGitHub> job;
  for (std::vector<std::string> const& words :
       {std::vector<std::string>{"--target-branch=nosuch", "."}, {}, {"none*"}, {"--remote=nosuch", "."}, {"."}}) {
    std::vector<std::string> line{"pr", "create"};
    line.insert(line.end(), words.begin(), words.end());
    std::vector<std::string> dry = line;
    dry.push_back("--dry-run");
    auto const told = job.run(dry), real = job.run(line);
    INFO(told.out << told.err << real.err);
    CHECK(told.exit_code == real.exit_code);
    CHECK(told.out.empty() == real.out.empty());
    if (real.out.empty()) CHECK(told.err == real.err);
  }
}

TEST_CASE("cli: pr create --json says what there is to say in every case", "[cli][pr][json]") {
  PullRequestJob<FakeGitHub> job;
  CHECK(nlohmann::json::parse(job.run({"pr", "create", "--json", "--dry-run", "."}).out)["files"].size() > 1);
  CHECK(nlohmann::json::parse(job.run({"pr", "create", "--json", "none*"}).out)["action"] == "nothing");
}

namespace {

template <class Fake>
void merges(std::string const& driver, std::string const& api_path, std::string const& repository,
            std::string const& expected) {
  INFO(driver);
  PullRequestJob<Fake> job(driver, api_path, repository);
  auto const run = job.run({"pr", "create", "--squash", "--skip-ci", "--md", "."});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  auto const pull = job.fake.pulls().at(0);
  CHECK(pull.merge == expected);
  CHECK(run.out.substr(0, 16) == (driver == "gitlab" ? "[CML's Merge Req" : "[CML's Pull Requ"));
  CHECK(contains(pull.title, "[skip ci]") == (driver == "gitlab"));
  CHECK(contains(run.err, "merged"));
}

}  // namespace

TEST_CASE("cli: pr create merges on every forge in its own way", "[cli][pr]") {
  merges<FakeGitHub>("github", "/api/v3", "o/r", "later squash");
  merges<FakeGitLab>("gitlab", "/api/v4", "g/p", "later squash");
  merges<FakeBitbucket>("bitbucket", "", "w/r", "squash");
  merges<FakeGitea>("gitea", "/api/v1", "o/r", "later squash");
}

TEST_CASE("cli: mistakes with pr create are named before anything is written", "[cli][pr][errors]") {
  PullRequestJob<FakeGitHub> job;
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string part;
  };
  for (Case const& c : std::vector<Case>{
           {{"pr", "create", "--merge", "--squash", "."}, 1, "exclude each other"},
           {{"pr", "create", "--target-branch=nosuch", "."}, 1, "The target branch does not exist: nosuch"},
           {{"pr", "create", "--remote=nosuch", "."}, 1, "there is no remote \"nosuch\""},
           {{"pr", "create", "--remote=--upload-pack=x", "."}, 1, "remote"},
           {{"pr", "create", "--branch=--force", "."}, 1, "is not a valid name for a branch"},
           {{"pr", "create", "/etc/passwd"}, 1, "outside the repository"},
           {{"pr", "create", "--body-file=x", "."}, 1, "use --body"}}) {
    INFO(Catch::Detail::stringify(c.arguments));
    auto const run = job.run(c.arguments);
    INFO(run.err);
    CHECK(run.exit_code == c.exit_code);
    CHECK(run.out == "");
    CHECK(contains(run.err, c.part));
  }
  git(job.place.clone, {"checkout", "-q", "--detach"});
  CHECK(contains(job.run({"pr", "create", "."}).err, "give --target-branch"));
  CHECK(job.fake.pulls().empty());
  CHECK(job.in_origin({"branch", "--format=%(refname:short)"}) == "main");
  TemporaryFolder elsewhere;
  CHECK(contains(run_cml({"pr", "create", "."}, elsewhere.path, "", job.environment).err, "no git clone here"));
  auto const dry = job.run({"pr", "create", "--dry-run", "--target-branch=main", "."});
  CHECK(dry.exit_code == 0);
  CHECK(contains(dry.out, "would commit data/old.txt\n"));
  CHECK(job.in_origin({"branch", "--format=%(refname:short)"}) == "main");
}

TEST_CASE("cli: pr create pushes by SSH with the machine's own keys, and hands it no token", "[cli][pr][ssh]") {
  PullRequestJob<FakeGitHub> job;
  // An ssh that runs what the other side would run, in the folder of the server, and writes down what it is given.
  fs::path const ssh = job.place.folder.path / "ssh", log = job.place.folder.path / "ssh.log";
  std::ofstream(ssh) << "#!/bin/sh\necho \"$@\" >> " + log.string() + "\nenv >> " + log.string() +
                            "\nfor last; do :; done\ncd " + job.place.folder.path.string() +
                            "\neval \"$(echo \"$last\" | sed \"s|'/|'|\")\"\n";
  fs::permissions(ssh, fs::perms::owner_all);
  job.environment["GIT_SSH_COMMAND"] = ssh.string();
  int round = 0;
  for (std::string const& remote :
       {std::string("git@127.0.0.1:o/r.git"), std::string("ssh://git@127.0.0.1:2222/o/r.git")}) {
    INFO(remote);
    git(job.place.clone, {"remote", "set-url", "origin", remote});
    auto const run = job.run({"pr", "create", "--branch=ssh-" + std::to_string(++round), "."});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(job.in_origin({"show", "ssh-" + std::to_string(round) + ":new.txt"}) == "new");
    CHECK(git(job.place.clone, {"config", "remote.origin.url"}) == remote);
  }
  std::stringstream text;
  text << std::ifstream(log).rdbuf();
  CHECK(contains(text.str(), "git@127.0.0.1 git-receive-pack 'o/r.git'"));
  CHECK(contains(text.str(), "-p 2222"));
  CHECK_FALSE(contains(text.str(), "CML_GIT_LOGIN"));
  CHECK_FALSE(contains(text.str(), base64_encode("x-access-token:good-token")));
  std::ofstream(ssh) << "#!/bin/sh\necho 'git@127.0.0.1: Permission denied (publickey).' >&2\nexit 255\n";
  auto const refused = job.run({"pr", "create", "--branch=ssh-3", "."});
  INFO(refused.err);
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "the SSH key is missing or may not push"));
  CHECK(job.fake.pulls().size() == 2);
}

TEST_CASE("cli: pr create over TLS hands the token to the one server only, and never to an argument or a file",
          "[cli][pr][tls]") {
  PullRequestJob<FakeGitHub> job;
  auto const server = GitServer::open(job.place.folder.path, "x-access-token:good-token");
  if (!server) return;
  job.environment["CML_REPO"] = server->url() + "/o/r";
  job.environment["GIT_SSL_CAINFO"] = server->certificate();
  // What a checkout step leaves behind; a second Authorization header would be refused.
  git(job.place.clone, {"config", "http." + server->url() + "/.extraheader", "AUTHORIZATION: basic b2xkOm9sZA=="});
  git(job.place.clone, {"remote", "set-url", "origin", server->url() + "/o/r.git"});
  // A git that writes down how it is called.
  fs::create_directories(job.place.folder.path / "bin");
  fs::path const log = job.place.folder.path / "calls.log";
  std::ofstream(job.place.folder.path / "bin/git")
      << "#!/bin/sh\necho \"$@\" >> " + log.string() + "\nPATH=${PATH#*:} exec git \"$@\"\n";
  fs::permissions(job.place.folder.path / "bin/git", fs::perms::owner_all);
  job.environment["PATH"] = (job.place.folder.path / "bin").string() + ":" + std::getenv("PATH");
  std::string bytes(30u << 20, '\0');  // 30 MB that do not compress.
  std::uint64_t state = 1;
  for (char& byte : bytes)
    byte = static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
  job.place.put("model.bin", bytes);
  auto const run = job.run({"pr", "create", ".", "--log=debug"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(job.in_origin({"cat-file", "-s", job.branch() + ":model.bin"}) == std::to_string(bytes.size()));
  std::stringstream calls, config;
  calls << std::ifstream(log).rdbuf();
  config << std::ifstream(job.place.clone / ".git/config").rdbuf();
  std::string const encoded = base64_encode("x-access-token:good-token");
  CHECK(contains(calls.str(), "push"));
  for (std::string const& text : {calls.str(), config.str(), run.err, run.out}) {
    CHECK_FALSE(contains(text, "good-token"));
    CHECK_FALSE(contains(text, encoded));
  }
  // Another host than the forge's gets no token: the server asks for one.
  job.environment["CML_REPO"] = job.fake.url() + "/o/r";
  job.place.put("new.txt", "again");
  auto const other = job.run({"pr", "create", "."});
  CHECK(other.exit_code == 3);
  CHECK(contains(other.err, "check that --repo names the remote's host"));
}

TEST_CASE("cli: a wrong password, a protected branch and a lost lease end in one clear line, shallow clones work",
          "[cli][pr][tls]") {
  PullRequestJob<FakeGitHub> job;
  auto const server = GitServer::open(job.place.folder.path, "x-access-token:good-token");
  if (!server) return;
  job.environment["CML_REPO"] = server->url() + "/o/r";
  job.environment["GIT_SSL_CAINFO"] = server->certificate();
  git(job.place.clone,
      {"remote", "set-url", "origin", "https://somebody:old-secret@" + server->authority() + "/o/r.git"});
  job.environment["REPO_TOKEN"] = "wrong-token";
  auto const wrong = job.run({"pr", "create", "."});
  INFO(wrong.err);
  CHECK(wrong.exit_code == 3);
  CHECK(contains(wrong.err, "check REPO_TOKEN"));
  CHECK_FALSE(contains(wrong.err, "old-secret"));
  job.environment["REPO_TOKEN"] = "good-token";
  std::string const no_certificate = job.environment["GIT_SSL_CAINFO"];
  job.environment.erase("GIT_SSL_CAINFO");
  auto const untrusted = job.run({"pr", "create", "."});
  CHECK(untrusted.exit_code == 4);
  CHECK(contains(untrusted.err, "certificate"));
  job.environment["GIT_SSL_CAINFO"] = no_certificate;

  fs::path const hook = job.place.origin / "hooks/pre-receive";
  std::ofstream(hook) << "#!/bin/sh\necho 'main-* is protected by policy' >&2\nexit 1\n";
  fs::permissions(hook, fs::perms::owner_all);
  auto const refused = job.run({"pr", "create", "."});
  INFO(refused.err);
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "is protected by policy"));
  CHECK(job.fake.pulls().empty());
  fs::remove(hook);

  SpawnedProcess process;
  Git lease(process, job.place.clone, {job.place.clone / ".git", job.place.clone});
  setenv("GIT_SSL_CAINFO", no_certificate.c_str(), 1);
  lease.set_login(server->url() + "/o/r.git", Secret("x-access-token:good-token"));
  std::string const head = job.place.head();
  REQUIRE(lease.push("origin", head, "shared", std::nullopt));
  auto const seen = lease.remote_branch("origin", "shared");
  REQUIRE(seen);
  CHECK(*seen == head);
  git(job.place.clone, {"commit", "-q", "--allow-empty", "-m", "other"});
  git(job.place.clone,
      {"push", "-q", job.place.origin.string(), "HEAD:refs/heads/shared"});  // Somebody else, meanwhile.
  git(job.place.clone, {"commit", "-q", "--allow-empty", "-m", "mine"});
  for (auto const& expected : {std::optional<std::string>(head), std::optional<std::string>()}) {
    auto const lost = lease.push("origin", job.place.head(), "shared", expected);
    REQUIRE_FALSE(lost);
    INFO(lost.error().message);
    CHECK(lost.error().kind == ErrorKind::Conflict);
    CHECK(contains(lost.error().message, "run again"));
  }
  unsetenv("GIT_SSL_CAINFO");

  git(job.place.folder.path, {"clone", "-q", "--depth=1", "file://" + job.place.origin.string(), "shallow"});
  fs::path const shallow = job.place.folder.path / "shallow";
  git(shallow, {"remote", "set-url", "origin", server->url() + "/o/r.git"});
  std::ofstream(shallow / "new.txt") << "from a shallow clone";
  auto const run = run_cml({"pr", "create", "--branch=shallow", "."}, shallow, "", job.environment);
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(job.in_origin({"show", "shallow:new.txt"}) == "from a shallow clone");
  git(job.place.clone, {"commit", "-q", "--allow-empty", "-m", "more"});
  git(job.place.clone, {"push", "-q", job.place.origin.string(), "HEAD:refs/heads/main"});
  auto const prepared = run_cml({"ci", "--unshallow"}, shallow, "", job.environment);
  INFO(prepared.err);
  CHECK(prepared.exit_code == 0);
  CHECK(git(shallow, {"rev-parse", "origin/main"}) == job.place.head());
  CHECK(run_cml({"ci", "--fetch-depth=1"}, shallow, "", {{"GIT_SSL_CAINFO", no_certificate}}).exit_code == 3);
}
