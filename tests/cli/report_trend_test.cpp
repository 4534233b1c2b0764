// Metrics are recorded in the repository by the real binary, and trends and baselines are made from them.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

// A project with a remote that others can push to.
struct RecordedProject : ReportProject {
  RecordedProject() {
    git({"init", "-q", "--bare", "-b", "main", remote().string()});
    git({"remote", "add", "origin", remote().string()});
  }
  std::filesystem::path remote() const { return elsewhere.path / "remote.git"; }
  std::string on_remote(std::vector<std::string> words) {
    words.insert(words.begin(), "--git-dir=" + remote().string());
    return git(words);
  }
  // A commit whose metrics are these, on main and pushed.
  void commit_with(double acc, double loss) {
    put("m.json", json{{"acc", acc}, {"loss", loss}}.dump());
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", "state", "--date=" + std::to_string(1'700'000'000 + ++commits_)});
    git({"push", "-q", "origin", "main"});
  }
  void record(double acc, double loss) {
    commit_with(acc, loss);
    auto const run = this->run({"report", "record", "--metrics", "m.json"});
    INFO(run.out << run.err);
    REQUIRE(run.exit_code == 0);
  }

 private:
  int commits_ = 0;
};

std::map<std::string, std::string> with(std::map<std::string, std::string> environment,
                                        std::map<std::string, std::string> const& more) {
  for (auto const& [name, value] : more) environment[name] = value;
  return environment;
}

}  // namespace

TEST_CASE("cli: what is recorded on pushes is a baseline and a trend for everybody", "[cli][report-trend]") {
  RecordedProject p;
  for (int i = 0; i < 4; ++i) p.record(0.5 + 0.01 * i, 1.0 - 0.1 * i);
  CHECK(p.on_remote({"rev-list", "--count", "refs/cml/metrics"}) == "1");
  CHECK(p.on_remote({"ls-tree", "--name-only", "refs/cml/metrics"}) == "000000.jsonl");
  CHECK(p.git({"branch", "--list"}) == "* main");

  // A clone that has never seen the ref, on a branch of its own.
  p.git({"update-ref", "-d", "refs/cml/metrics"});
  p.git({"checkout", "-q", "-b", "topic"});
  p.put("m.json", R"({"acc": 0.25, "loss": 0.5, "extra": 1})");
  p.commit();
  auto const report = p.run({"report", "create", "--metrics", "m.json", "--baseline", "median:main:3", "--history", "3",
                             "--compare", "last:main", "--fail-if", "change(acc) < -0.1", "-o", "r.md"});
  INFO(report.err);
  CHECK(report.exit_code == 2);
  std::string const text = p.get("r.md");
  CHECK(contains(text, "| Metric | median of 3 on main | "));
  CHECK(contains(text, "| acc | 0.52 ± 0.015 | 0.53 | **0.25** | -0.27 | -51.9% | ▼ ❌ |"));
  CHECK(contains(text, "| extra |  |  | **1** |  |  | new |"));
  CHECK(contains(text, "r_files/sparkline-"));
  // From a folder below, the same files count.
  std::filesystem::create_directories(p.folder.path / "sub");
  auto const below = run_cml({"report", "create", "--metrics", "../m.json", "--baseline", "best:main"},
                             p.folder.path / "sub", "", p.environment);
  CHECK(contains(below.out, "| acc | 0.53 | **0.25** |"));

  auto const trend = p.run({"report", "trend", "-o", "trend.md", "--html", "site/index.html", "--badge",
                            "site/acc.svg:acc", "--title", "Course"});
  INFO(trend.err);
  REQUIRE(trend.exit_code == 0);
  CHECK(trend.out == "site/index.html\nsite/acc.svg\ntrend.md\n");
  std::string const markdown = p.get("trend.md"), page = p.get("site/index.html");
  CHECK(contains(markdown, "# Course\n"));
  CHECK(contains(markdown, "4 commits of main"));
  CHECK(contains(markdown, "| acc |"));
  CHECK(std::filesystem::exists(p.folder.path / "trend_files/trend-1.png"));
  CHECK(contains(page, "content=\"default-src 'none'; img-src data:; media-src data:; style-src"));
  CHECK(contains(page, "src=\"data:image/png;base64,"));
  for (char const* outside : {"http://", "https://", "<script", "src=\"trend", "_files/"})
    CHECK_FALSE(contains(page, outside));
  CHECK(contains(p.get("site/acc.svg"), ">0.53</text>"));
  auto const printed = p.run({"report", "trend", "--json"});
  CHECK(json::parse(printed.out)["blocks"][1]["rows"][0]["history"].size() == 4);
}

TEST_CASE("cli: jobs that record at once lose nothing", "[cli][report-trend]") {
  RecordedProject p;
  p.record(0.5, 1);
  constexpr int kJobs = 5;
  std::vector<std::thread> jobs;
  std::vector<int> codes(kJobs);
  for (int job = 0; job < kJobs; ++job) {
    std::string const name = "part" + std::to_string(job) + ".json";
    p.put(name, R"({"acc": )" + std::to_string(job) + "}");
    jobs.emplace_back([&, name, job] {
      codes[static_cast<std::size_t>(job)] = p.run({"report", "record", "--metrics", name}).exit_code;
    });
  }
  for (auto& job : jobs) job.join();
  CHECK(codes == std::vector<int>(kJobs, 0));
  std::string const lines = p.on_remote({"cat-file", "blob", "refs/cml/metrics:000000.jsonl"});
  for (int job = 0; job < kJobs; ++job) CHECK(contains(lines, "part" + std::to_string(job) + ".json"));
}

TEST_CASE("cli: pull requests, tags and commits of no branch record nothing, and say so", "[cli][report-trend]") {
  RecordedProject p;
  p.commit_with(0.5, 1);
  std::map<std::string, std::string> const github{{"GITHUB_REPOSITORY", "o/r"}, {"CI", "true"}};
  auto const run = [&](std::map<std::string, std::string> const& more, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"report", "record", "--metrics", "m.json"});
    return run_cml(words, p.folder.path, "", with(with(p.environment, github), more), "cml");
  };
  auto const pull = run({{"GITHUB_REF", "refs/pull/7/merge"}, {"GITHUB_BASE_REF", "main"}}, {"--branch", "main"});
  CHECK(pull.exit_code == 1);
  CHECK(contains(pull.err, "this run is of pull request 7; run cml report record in the pipeline of pushes alone"));
  auto const tag = run({{"GITHUB_REF", "refs/tags/v1"}, {"GITHUB_REF_NAME", "v1"}, {"GITHUB_REF_TYPE", "tag"}});
  CHECK(tag.exit_code == 1);
  CHECK(contains(tag.err, "this run is of a tag (GITHUB_REF_TYPE)"));
  p.git({"checkout", "-q", "--detach"});
  auto const detached = p.run({"report", "record", "--metrics", "m.json"});
  CHECK(detached.exit_code == 1);
  CHECK(contains(detached.err, "HEAD is detached); give --branch"));
  CHECK(p.on_remote({"for-each-ref", "refs/cml"}).empty());
  CHECK(p.run({"report", "record", "--metrics", "m.json", "--branch", "main", "--dry-run"}).exit_code == 0);
  CHECK(p.on_remote({"for-each-ref", "refs/cml"}).empty());
  CHECK(p.run({"report", "record", "--metrics", "m.json", "--branch", "main"}).exit_code == 0);
  CHECK_FALSE(p.on_remote({"for-each-ref", "refs/cml"}).empty());
  p.put("text.json", R"({"name": "x"})");
  CHECK(contains(p.run({"report", "record", "--metrics", "text.json", "--branch", "main"}).err,
                 "no metric with a number was found"));
}

TEST_CASE("cli: records lie in a branch or a folder where that is wanted, and replace nobody's files",
          "[cli][report-trend]") {
  RecordedProject p;
  p.record(0.5, 1);
  std::string const before = p.on_remote({"rev-parse", "main"});
  auto const refused = p.run({"report", "record", "--metrics", "m.json", "--records", "branch:main"});
  CHECK(refused.exit_code == 1);
  CHECK(contains(refused.err, "branch main: it holds other files than recorded metrics"));
  CHECK(p.on_remote({"rev-parse", "main"}) == before);
  for (std::string const place : {"branch:cml-metrics", "dir:kept/here"}) {
    for (double acc : {0.25, 0.75}) {
      p.put("m.json", json{{"acc", acc}}.dump());
      auto const run = p.run({"report", "record", "--metrics", "m.json", "--records", place});
      INFO(run.err);
      CHECK(run.exit_code == 0);
    }
    // The second replaced the first: it was of the same commit.
    CHECK(contains(p.run({"report", "trend", "--records", place}).out, "| acc |  | 0.75 | **0.75** |"));
  }
  CHECK(contains(p.get("kept/here/000000.jsonl"), "\"acc\":0.25"));
  CHECK(contains(p.on_remote({"for-each-ref"}), "refs/heads/cml-metrics"));
  // Without a remote the ref is this clone's.
  p.git({"remote", "remove", "origin"});
  auto const alone = p.run({"report", "record", "--metrics", "m.json"});
  CHECK(alone.exit_code == 0);
  CHECK(contains(alone.err, "the clone has no remote, so refs/cml/metrics is kept here alone"));
}

TEST_CASE("cli: no records are a line in the report and meet a gate", "[cli][report-trend]") {
  RecordedProject p;
  p.commit_with(0.5, 1);
  auto const run = p.run(
      {"report", "create", "--metrics", "m.json", "--baseline", "median:main:20", "--fail-if", "change(acc) < -0.1"});
  CHECK(run.exit_code == 2);
  CHECK(contains(run.out, "no metrics are recorded for main"));
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json", "--baseline", "mean:main"}).err,
                 "is not median:BRANCH:N, last:BRANCH or best:BRANCH:N"));
  auto const trend = p.run({"report", "trend"});
  CHECK(trend.exit_code == 1);
  CHECK(contains(trend.err, "no metrics are recorded for main; cml report record in its pipeline does so"));
  p.put("cml.yaml", "report:\n  metrics: m.json\n  baseline: last:main\n  records: dir:../../etc\n");
  CHECK(contains(p.run({"report", "create"}).out, "outside"));
}

TEST_CASE("cli: records that somebody has damaged cost their lines alone", "[cli][report-trend][security]") {
  RecordedProject p;
  p.record(0.5, 1);
  p.record(0.6, 1);
  std::string const good = p.on_remote({"cat-file", "blob", "refs/cml/metrics:000000.jsonl"});
  std::string const name = "<img src=x onerror=alert(1)>|\\u001b[31m@all";
  std::string const sha(40, 'a');
  p.put("shard", good + "\n{\"commit\":\"" + sha +
                     "\",\"branch\":\"main\",\"time\":99999999999999999,\"values\":{\"f\":{\"" + name +
                     "\":1e308}}}\n{broken\n");
  std::string const blob = p.git({"hash-object", "-w", "shard"});
  std::string const link = p.git({"rev-parse", "HEAD:m.json"});
  p.put("tree", "100644 blob " + blob + "\t000000.jsonl\n120000 blob " + link + "\t000001.jsonl\n040000 tree " +
                    p.git({"rev-parse", "HEAD^{tree}"}) + "\t000002.jsonl\n");
  std::string const tree = p.git({"-c", "alias.t=!git mktree < tree", "t"});
  p.git({"push", "-q", "-f", "origin", p.git({"commit-tree", tree, "-m", "x"}) + ":refs/cml/metrics"});
  auto const trend = p.run({"report", "trend", "--html", "t.html", "-o", "t.md", "--last", "0"});
  INFO(trend.err);
  CHECK(trend.exit_code == 0);
  CHECK(contains(trend.err, "1 record cannot be read and are left out"));
  CHECK(contains(p.get("t.md"), "3 commits of main"));
  CHECK_FALSE(contains(p.get("t.md"), "<img src=x"));
  CHECK_FALSE(contains(p.get("t.html"), "<img src=x"));
  CHECK_FALSE(contains(p.get("t.md"), "\x1b"));
  CHECK(p.run({"report", "trend", "--strict"}).exit_code == 1);
  CHECK(p.run({"report", "record", "--metrics", "m.json"}).exit_code == 1);  // Others' files are not replaced.
}
