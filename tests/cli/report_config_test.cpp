// cml.yaml: found further up, not dropped in silence, written for what is there.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

#include "report/compose/options.hpp"
#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

TEST_CASE("cli: a cml.yaml or cml.yml is found from a sub-folder, and its paths count from its own",
          "[cli][report-config]") {
  for (char const* name : {"cml.yaml", "cml.yml"}) {
    ReportProject p;
    p.put(name, "report:\n  metrics: out/m.json\n  plot: {file: out/l.csv, y: loss}\n  compare: old.json\n");
    p.put("out/m.json", R"({"acc": 0.5})");
    p.put("old.json", R"({"acc": 0.25})");
    p.put("out/l.csv", "step,loss\n0,1\n1,2\n");
    p.put("sub/deep/x", "");
    auto const run = run_cml({"report", "create", "--json"}, p.folder.path / "sub/deep", "", p.environment);
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    json const report = json::parse(run.out);
    CHECK(report["blocks"][0]["rows"][0]["old"] == 0.25);
    CHECK(report["blocks"][1]["kind"] == "plot");
    CHECK(contains(report["blocks"][1]["notes"][0].get<std::string>(), "old.json holds single values"));
    p.put(name, "report:\n  metrix: out/m.json\n");
    CHECK(contains(run_cml({"report", "create"}, p.folder.path / "sub/deep", "", p.environment).err,
                   std::string("../../") + name + ":2: unknown key \"metrix\"; did you mean metrics?"));
  }
}

TEST_CASE("cli: gates of a cml.yaml that the line sets aside are named", "[cli][report-config]") {
  ReportProject p;
  p.put("cml.yaml", "report:\n  metrics: m.json\n  fail-if: [acc < 0.9]\n");
  p.put("m.json", R"({"acc": 0.5})");
  CHECK(p.run({"report", "create"}).exit_code == 2);
  auto const aside = p.run({"report", "create", "--metrics", "m.json"});
  CHECK(aside.exit_code == 0);
  CHECK(
      contains(aside.err, "cml.yaml is not read, since the line names what to show: 1 thresholds in it do not count"));
  CHECK(p.run({"report", "create", "--config", "cml.yaml", "--metrics", "m.json"}).exit_code == 2);
  p.put("cml.yaml", "report:\n  metrics: m.json\n");
  CHECK(p.run({"report", "create", "--metrics", "m.json"}).err.empty());
}

TEST_CASE("cli: gates of a cml.yaml stay where it says so, and --strict minds those that do not",
          "[cli][report-config]") {
  ReportProject p;
  p.put("m.json", R"({"score": 0.5})");
  p.put("cml.yaml",
        "report:\n  metrics: other.json\n  better: {score: lower}\n  fail-if: [score < 0.9]\n  gates: always\n");
  auto const kept = p.run({"report", "create", "--metrics", "m.json"});
  CHECK(kept.exit_code == 2);
  CHECK(contains(kept.out, "score &lt; 0.9: it is 0.5"));
  CHECK_FALSE(contains(kept.out, "other.json"));
  p.put("cml.yaml", "report:\n  metrics: m.json\n  fail-if: [score < 0.9]\n");
  auto const strict = p.run({"report", "create", "--metrics", "m.json", "--strict"});
  CHECK(strict.exit_code == 1);
  CHECK(contains(strict.err, "1 thresholds in it do not count"));
  p.put("cml.yaml", "report:\n  metrix: m.json\n  fail-if: [score < 0.9]\n");
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json"}).err, "it has a mistake: cml.yaml:2: unknown key"));
}

TEST_CASE("cli: a cml.yaml says where its comment goes and what it is called, and names no other thread",
          "[cli][report-config]") {
  ReportProject p;
  p.put("m.json", R"({"acc": 0.5})");
  p.put("cml.yaml", "report:\n  metrics: m.json\n  target: commit\n  watermark-title: nightly\n");
  p.commit();
  p.environment["CML_DRIVER"] = "local";
  auto const place = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"comment", "update", "--dry-run", "--json"});
    auto const run = p.run(words);
    INFO(run.out << run.err);
    return run.out;
  };
  CHECK(contains(place({}), "\"target\":\"commit "));
  CHECK(contains(place({}), "nightly"));
  CHECK_FALSE(contains(place({"--target", "pr/3"}), "\"target\":\"commit "));
  CHECK(contains(place({"--watermark-title", "mine"}), "mine"));
  for (char const* other : {"pr/3", "issue/1", "commit/abc"}) {
    p.put("cml.yaml", std::string("report:\n  metrics: m.json\n  target: ") + other + "\n");
    CHECK(contains(p.run({"comment", "update", "--dry-run"}).err, "cml.yaml:3: target: "));
  }
}

TEST_CASE("cli: report init writes a cml.yaml that works, and over nothing", "[cli][report-config]") {
  ReportProject p;
  p.put("metrics.json", R"({"acc": 0.5})");
  p.put("params.yaml", "lr: 0.1\n");
  p.put("junit.xml", "<testsuite><testcase name=\"a\"/></testsuite>");
  CHECK(contains(p.run({"report", "init", "--dry-run"}).out, "- metrics: metrics.json\n"));
  CHECK(p.get("cml.yaml").empty());
  auto const written = p.run({"report", "init", "--json"});
  INFO(written.err);
  REQUIRE(written.exit_code == 0);
  CHECK(json::parse(written.out)["written"] == true);
  auto const report = p.run({"report", "create"});
  CHECK(contains(report.out, "| acc | 0.5 |"));
  CHECK(contains(report.out, "| lr | 0.1 |"));
  CHECK(contains(report.out, "*junit.xml: no test fails.*"));
  p.put("cml.yaml", "report:\n  metrics: own.json\n");
  CHECK(contains(p.run({"report", "init"}).err, "cml.yaml is there and stays as it is"));
  CHECK(p.get("cml.yaml") == "report:\n  metrics: own.json\n");
}

TEST_CASE("report: the schema of cml.yaml has the keys that there are", "[report][report-config]") {
  std::ifstream file(CML_SOURCE_DIR "/docs/schemas/cml-yaml.json");
  json const schema = json::parse(file, nullptr, false);
  REQUIRE(schema.is_object());
  std::set<std::string> known{"blocks"}, keys, in_blocks;
  for (auto const& option : report::options()) known.emplace(option.name);
  for (auto const& option : report::config_options()) known.emplace(option.name);
  for (auto const& [key, value] : schema["properties"]["report"]["properties"].items()) keys.insert(key);
  for (auto const& [key, value] : schema["$defs"]["block"]["properties"].items()) in_blocks.insert(key);
  CHECK(keys == known);
  in_blocks.insert("blocks");
  CHECK(in_blocks == known);
}

TEST_CASE("cli: a second report section is refused, and a second file named", "[cli][report-config]") {
  ReportProject p;
  p.put("m.json", R"({"acc": 0.5})");
  p.put("cml.yaml", "report:\n  metrics: m.json\nreport:\n  fail-if: acc < 0.9\n");
  auto const twice = p.run({"report", "create"});
  CHECK(twice.exit_code != 0);
  CHECK(contains(twice.err, "cml.yaml:3: has a second report section (the first is in line 1)"));
  p.put("cml.yaml", "report:\n  metrics: m.json\n");
  p.put("cml.yml", "report:\n  fail-if: acc < 0.9\n");
  auto const beside = p.run({"report", "create"});
  CHECK(beside.exit_code == 0);
  CHECK(contains(beside.err, "cml.yml is not read, since there is a cml.yaml beside it"));
}

TEST_CASE("cli: what a cml.yaml asks for is bounded as a whole, and no gate passes beyond it",
          "[cli][report-config][security]") {
  auto const many = [](int count, auto const& line) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line(std::to_string(i));
    return text;
  };
  std::string const name(50, 'a');
  ReportProject p;
  p.put("m.json", "{" + many(9000, [&](auto const& i) { return "\"" + name + i + "\":" + i + ","; }) + "\"z\":1}");
  std::string const blocks = "report:\n  blocks: [{metrics: m.json}]\n";
  auto const patterns = [&](std::string const& after) {
    return many(2'000, [&](auto const& i) { return "\"*a*a*a*b" + i + "\"" + after + ", "; });
  };
  struct Row {
    std::string config, said;
  };
  for (Row const& row :
       std::vector<Row>{{blocks + "  select: [" + patterns("") + "z]\n", "takes too long; use fewer or shorter ones"},
                        {blocks + "  fail-if: [" +
                             many(2'000, [&](auto const& i) { return "\"*a*a*a*b" + i + " < 1\", "; }) + "z < 0]\n",
                         "takes too long; use fewer or shorter ones"},
                        {"report:\n  blocks:\n" + many(3000, [](auto const&) { return "    - metrics: m.json\n"; }),
                         "asks for 3000 things, and at most 2000 are shown"},
                        {"report:\n  blocks:\n" + many(30, [](auto const&) { return "    - metrics: m.json\n"; }),
                         "more than 200000 values together"},
                        {"report:\n  blocks: [{metrics: z.json}]\n  compare: [" +
                             many(30, [](auto const& i) { return "HEAD~" + i + ","; }) + " HEAD]\n",
                         "more than 21 revisions to compare with"}}) {
    INFO(row.config.substr(0, 100));
    p.put("cml.yaml", row.config);
    auto const run = run_cml({"report", "create"}, p.folder.path, "", p.environment);
    INFO(run.err.substr(0, 500));
    CHECK(run.exit_code != 0);
    CHECK(run.exit_code < 70);
    CHECK(contains(run.err, row.said));
  }
  std::string deep = "a";
  for (int i = 0; i < 400'000; ++i) deep += " (b)";
  p.put("m.json", "{\"" + deep + "\": 1, \"z\": 1}");
  p.put("cml.yaml", blocks + "  fail-if: [a < 1]\n");
  CHECK(run_cml({"report", "create"}, p.folder.path, "", p.environment).exit_code < 70);
}
