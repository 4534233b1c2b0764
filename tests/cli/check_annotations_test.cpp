// Findings of linters and thresholds that were met, as annotations of a check run and as GitLab's report.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "support/fake_github.hpp"
#include "support/fake_gitlab.hpp"
#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct CheckedProject : ReportProject {
  CheckedProject() {
    put("src/a.py", "x\n");
    put("data/b.csv", "x\n");
    put("report.md", "# Report\n");
    put("m.json", R"({"acc": 0.5})");
    commit();
    environment["REPO_TOKEN"] = "good-token";
    environment["CML_API_URL"] = fake.url() + "/api/v3";
    environment["CML_REPO"] = fake.url() + "/o/r";
    environment["CML_DRIVER"] = "github";
  }
  json annotations() {
    json all = json::array();
    for (std::string const& body : fake.checks) {
      json const output = json::parse(body)["output"];
      if (output.contains("annotations"))
        all.insert(all.end(), output["annotations"].begin(), output["annotations"].end());
    }
    return all;
  }
  FakeGitHub fake;
};

json finding(std::string const& uri, std::string const& level, std::string const& text, int line = 3) {
  return {{"ruleId", "R1"},
          {"level", level},
          {"message", {{"text", text}}},
          {"locations",
           {{{"physicalLocation", {{"artifactLocation", {{"uri", uri}}}, {"region", {{"startLine", line}}}}}}}}};
}

std::string sarif(json results) {
  return json{{"version", "2.1.0"},
              {"runs", {{{"tool", {{"driver", {{"name", "lint"}}}}}, {"results", std::move(results)}}}}}
      .dump();
}

}  // namespace

TEST_CASE("cli: what linters found stands beside the lines, the worst first", "[cli][annotations]") {
  CheckedProject p;
  json suppressed = finding("src/a.py", "error", "accepted");
  suppressed["suppressions"] = {{{"kind", "inSource"}}};
  p.put("lint.sarif",
        sarif({finding("src/a.py", "note", "small"), finding("src/a.py", "error", "bad @all <b>\x1b[31m"),
               finding("file://" + (p.folder.path / "data/b.csv").string(), "warning", "absolute"), suppressed}));
  p.put("lint.rdjson",
        R"({"source": {"name": "checker"}, "diagnostics": [{"message": "from rdjson", "severity": "ERROR",
     "location": {"path": "./data/b.csv", "range": {"start": {"line": 2}, "end": {"line": 4}}},
     "code": {"value": "C2"}}]})");
  p.put("lint.jsonl", R"({"message": "from a line", "location": {"path": "src/a.py"}, "severity": "INFO"})"
                      "\n");
  auto const run = p.run({"check", "create", "--annotations", "lint.sarif", "--annotations", "lint.rdjson",
                          "--annotations", "lint.jsonl", "report.md", "--json"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(json::parse(run.out)["annotations"] == 5);
  json const all = p.annotations();
  REQUIRE(all.size() == 5);
  CHECK(all[0]["annotation_level"] == "failure");
  CHECK(all[0]["path"] == "src/a.py");
  CHECK(all[0]["start_line"] == 3);
  CHECK(all[0]["title"] == "lint: R1");
  CHECK_FALSE(contains(all[0]["message"].get<std::string>(), "\x1b"));
  CHECK(all[1]["path"] == "data/b.csv");
  CHECK(all[1]["end_line"] == 4);
  CHECK(all[1]["title"] == "checker: C2");
  CHECK(all[2]["message"] == "absolute");
  CHECK(all[2]["path"] == "data/b.csv");
  CHECK(all[4]["annotation_level"] == "notice");
}

TEST_CASE("cli: more findings than GitHub takes at once go in several requests, and no more than a thousand",
          "[cli][annotations]") {
  CheckedProject p;
  json results = json::array();
  for (int i = 0; i < 1100; ++i) results.push_back(finding("src/a.py", i == 1099 ? "error" : "warning", "f", i + 1));
  p.put("lint.sarif", sarif(results));
  auto const run = p.run({"check", "create", "--annotations", "lint.sarif", "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  CHECK(p.fake.checks.size() == 20);
  json const all = p.annotations();
  CHECK(all.size() == 1000);
  CHECK(all[0]["start_line"] == 1100);
  CHECK(contains(run.err, "100 of 1100 findings are left out"));
}

TEST_CASE("cli: no finding leads out of the workspace, and what is no report is said", "[cli][annotations][security]") {
  CheckedProject p;
  json results = json::array();
  for (char const* uri : {"../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "src/%2e%2e/%2e%2e/x", "", "gone.py",
                          ".git/config", "src/a.py%00"})
    results.push_back(finding(uri, "error", "m | <script> @team [x](y)"));
  results.push_back(finding("src/a.py", "error", "line", -5));
  p.put("lint.sarif", sarif(results));
  p.put("bad.json", R"({"a": 1})");
  p.put("deep.json", std::string(100'000, '['));
  auto const run = p.run({"check", "create", "--annotations", "lint.sarif", "--annotations", "bad.json",
                          "--annotations", "deep.json", "--annotations", "gone.json", "report.md"});
  INFO(run.err);
  CHECK(run.exit_code == 0);
  json const all = p.annotations();
  REQUIRE(all.size() == 1);
  CHECK(all[0]["path"] == "src/a.py");
  CHECK(all[0]["start_line"] == 1);
  std::string const summary = json::parse(p.fake.checks.at(0))["output"]["summary"];
  CHECK(contains(summary, "- ❌ lint: R1: m "));
  CHECK_FALSE(contains(summary, "<script>"));
  CHECK_FALSE(contains(summary, " @team"));
  CHECK(contains(run.err, "annotations bad.json: is neither SARIF nor rdjson"));
  CHECK(contains(run.err, "gone.json: No such file"));
  CHECK(p.run({"check", "create", "--strict", "--annotations", "bad.json", "report.md"}).exit_code == 1);
}

TEST_CASE("cli: a threshold that was met is an annotation, and the check a failure", "[cli][annotations]") {
  CheckedProject p;
  auto const run =
      p.run({"check", "create", "--metrics", "m.json", "--fail-if", "acc < 0.9", "--warn-if", "acc < 0.8"});
  INFO(run.err);
  CHECK(run.exit_code == 2);
  json const check = json::parse(p.fake.checks.at(0));
  CHECK(check["conclusion"] == "failure");
  CHECK(contains(check["output"]["summary"].get<std::string>(), "| acc | 0.5 |"));
  json const all = p.annotations();
  REQUIRE(all.size() == 2);
  CHECK(all[0]["path"] == "m.json");
  CHECK(contains(all[0]["message"].get<std::string>(), "acc < 0.9: it is 0.5"));
  CHECK(all[1]["annotation_level"] == "warning");
  CHECK(p.run({"check", "create", "--conclusion", "neutral", "--metrics", "m.json", "--fail-if", "acc < 0.9"})
            .exit_code == 2);
  CHECK(json::parse(p.fake.checks.back())["conclusion"] == "neutral");
  CHECK(p.run({"check", "create"}).exit_code == 1);
}

TEST_CASE("cli: where checks have no annotations GitLab's report has them, and the rest is said",
          "[cli][annotations]") {
  CheckedProject p;
  FakeGitLab lab;
  p.environment["CML_API_URL"] = lab.url() + "/api/v4";
  p.environment["CML_REPO"] = lab.url() + "/o/r";
  p.environment["CML_DRIVER"] = "gitlab";
  p.put("lint.sarif", sarif({finding("src/a.py", "error", "bad"), finding("src/a.py", "error", "bad")}));
  auto const without = p.run({"check", "create", "--annotations", "lint.sarif", "report.md"});
  INFO(without.err);
  CHECK(contains(without.err, "gitlab shows none beside lines; --code-quality FILE writes its report"));
  p.run({"check", "create", "--annotations", "lint.sarif", "--code-quality", "gl.json", "report.md"});
  json const report = json::parse(p.get("gl.json"));
  REQUIRE(report.size() == 2);
  CHECK(report[0]["severity"] == "major");
  CHECK(report[0]["location"]["path"] == "src/a.py");
  CHECK(report[0]["location"]["lines"]["begin"] == 3);
  CHECK(report[0]["fingerprint"] != report[1]["fingerprint"]);
}
