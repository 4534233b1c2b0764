// Options that say what of the values matters, by the real binary.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cmath>

#include "support/report_project.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

TEST_CASE("cli: rows are selected, and thresholds count for those that are not shown", "[cli][report-measures]") {
  ReportProject p;
  p.put("m.json", R"({"acc": 0.5, "loss": 1.5, "lr": 0.1})");
  auto const shown = p.run({"report", "create", "--metrics", "m.json", "--select", "acc,loss", "--exclude", "loss",
                            "--fail-if", "loss > 1"});
  CHECK(shown.exit_code == 2);
  CHECK(contains(shown.out, "| acc | 0.5 |"));
  CHECK_FALSE(contains(shown.out, "| loss |"));
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json", "--select", "nope"}).out,
                 "--select nope: no metric or parameter of that name"));
}

TEST_CASE("cli: the best value of a curve is shown and judged when it is named", "[cli][report-measures]") {
  ReportProject p;
  p.put("log.csv", "epoch,val_acc\n0,0.5\n1,0.75\n2,0.625\n");
  auto const run = p.run(
      {"report", "create", "--metrics", "log.csv", "--select", "best(val_acc)", "--fail-if", "best(val_acc) < 0.8"});
  CHECK(run.exit_code == 2);
  CHECK(contains(run.out, "| best(val_acc) | 0.75 |"));
  CHECK(p.run({"report", "create", "--metrics", "log.csv", "--fail-if", "best(val_acc) < 0.7"}).exit_code == 0);
  CHECK(contains(p.run({"report", "create", "--metrics", "log.csv", "--fail-if", "best(epoch) < 1"}).out,
                 "which way is good is not known"));
}

TEST_CASE("cli: a report makes its folder, and hints name what can be fetched", "[cli][report-measures]") {
  ReportProject p;
  p.put("m.json", R"({"acc": 0.5})");
  p.commit();
  CHECK(p.run({"report", "create", "--metrics", "m.json", "-o", "new/folder/r.md"}).exit_code == 0);
  CHECK(contains(p.get("new/folder/r.md"), "| acc | 0.5 |"));
  CHECK(contains(p.run({"report", "create", "--metrics", "m.json", "--compare", "origin/cnn-16"}).err,
                 "git fetch origin cnn-16"));
  p.put("mlruns/0/meta.yaml", "experiment_id: '0'\n");
  CHECK(contains(p.run({"report", "create", "--metrics", "mlruns"}).out, "is an MLflow store in which no run"));
}

TEST_CASE("cli: several revisions are columns, and a wrong one is a line", "[cli][report-measures]") {
  ReportProject p;
  for (char const* acc : {"0.25", "0.5"}) {
    p.put("m.json", std::string("{\"acc\": ") + acc + "}");
    p.commit();
    p.git({"tag", std::string("v") + acc});
  }
  p.put("m.json", R"({"acc": 0.75})");
  auto const run = p.run({"report", "create", "--metrics", "m.json", "--compare", "v0.5", "--compare", "v0.25",
                          "--compare", "v9", "--regressions"});
  CHECK(run.exit_code == 0);
  CHECK(contains(run.out, "| Metric | v0.5 | v0.25 | workspace | Change | % |  |"));
  CHECK(contains(run.out, "| acc | 0.50 | 0.25 | **0.75** | +0.25 | +50.0% | ▲ ✅ |"));
  CHECK(contains(run.out, "none worse, 1 better, 0 neither against v0.5"));
  CHECK(contains(run.out, "\"v9\" is not a revision"));
}

TEST_CASE("cli: seeds are one run, its change is judged by their noise", "[cli][report-measures]") {
  ReportProject p;
  for (int seed = 0; seed < 3; ++seed)
    p.put("seeds/" + std::to_string(seed) + "/m.json", "{\"acc\": " + std::to_string(0.5 + 0.1 * seed) + "}");
  p.commit();
  for (int seed = 0; seed < 3; ++seed)
    p.put("seeds/" + std::to_string(seed) + "/m.json", "{\"acc\": " + std::to_string(0.48 + 0.1 * seed) + "}");
  auto const run = p.run({"report", "create", "--repeats", "seeds/*/m.json", "--compare", "main", "--json"});
  INFO(run.err);
  auto const parsed = json::parse(run.out, nullptr, false);
  REQUIRE(parsed.is_object());
  json const row = parsed["blocks"][0]["rows"][0];
  CHECK(row["new"] == Approx(0.58));
  CHECK(row["new_noise"] == Approx(0.1 / std::sqrt(3.0)));
  CHECK(row["within_noise"] == true);
  CHECK_FALSE(row.contains("judgement"));
  p.put("seeds/1/m.json", "{");
  CHECK(p.run({"report", "create", "--repeats", "seeds/*/m.json", "--fail-if", "acc < 0.1"}).exit_code == 2);
}

TEST_CASE("cli: a table of tests that are green says so, one that is red what changed", "[cli][report-measures]") {
  ReportProject p;
  p.put("j.xml", "<testsuite><testcase name=\"a\"/></testsuite>");
  p.commit();
  auto const green = p.run({"report", "create", "--table", "j.xml", "--compare", "main"});
  CHECK(green.out == "*j.xml: no test fails.*\n");
  p.put("j.xml", "<testsuite><testcase name=\"a\"><failure message=\"m\"/></testcase></testsuite>");
  CHECK(contains(p.run({"report", "create", "--table", "j.xml", "--compare", "main"}).out,
                 "| test | main | outcome | message |\n| --- | --- | --- | --- |\n| a | did not fail | failed | m |"));
}
