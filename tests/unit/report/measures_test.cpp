// What is made of values before they are compared, and how the comparison reads.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/text.hpp"
#include "report/compose/measures.hpp"
#include "report/compose/tables.hpp"
#include "support/read_metrics.hpp"

using namespace cml;
using namespace cml::report;
using namespace cml::test;

namespace {

metrics::Document read_well(std::string const& name, std::string const& bytes) {
  auto document = read_bytes(name, bytes);
  REQUIRE(document);
  return std::move(*document);
}

Row row_of(std::string const& name, double before, double after, Direction better = Direction::Higher) {
  Row row{"f", name};
  row.old_value = before;
  row.new_value = after;
  row.better = better;
  return row;
}

std::string shown(std::vector<metrics::Metric> const& values) {
  std::string text;
  for (auto const& metric : values) text += metric.name + "=" + metrics::to_python(metric.value) + " ";
  return text;
}

}  // namespace

TEST_CASE("measures: the best value of a curve is the highest, or the lowest where lower is better",
          "[report][measures]") {
  auto const log =
      read_well("log.csv", "epoch,val_acc,val_loss,score_x\n0,0.5,0.25,1\n1,0.75,0.125,2\n2,0.625,0.5,3\n");
  std::vector<std::string> unknown;
  CHECK(shown(best_values(log, {"best(val_*)"}, {}, unknown)) == "best(val_acc)=0.75 best(val_loss)=0.125 ");
  CHECK(unknown.empty());
  CHECK(best_values(log, {"best(epoch)"}, {}, unknown).empty());
  CHECK(unknown == std::vector<std::string>{"epoch"});
}

TEST_CASE("measures: of several seeds each metric has its mean and standard error", "[report][measures]") {
  std::vector<metrics::Document> seeds;
  for (char const* text : {R"({"acc": 0.5, "n": "x"})", R"({"acc": 0.75})", R"({"acc": 1.0, "late": 1})"})
    seeds.push_back(read_well("m.json", text));
  std::vector<PartlyThere> partly;
  auto const means = mean_values(seeds, partly);
  CHECK(shown(means) == "acc=0.75 late=1.0 ");
  CHECK(*means[0].noise == Approx(0.25 / std::sqrt(3.0)));
  CHECK_FALSE(means[1].noise);  // Of one run nothing is known.
  REQUIRE(partly.size() == 1);
  CHECK(partly[0].name == "late");
  CHECK(partly[0].files == 1);
}

TEST_CASE("measures: a change within the tolerance or the noise is none", "[report][measures]") {
  Row row = row_of("acc", 0.5, 0.48);
  CHECK((row.judgement() == Judgement::Worse));
  row.tolerance = tolerance_of(row, *parse_tolerance("loss=1,acc=0.02"));
  CHECK(row.within_noise());
  CHECK((row.judgement() == Judgement::Neutral));
  CHECK(contains(diff_table({row}, {}), "| -0.02 | -4.0% | ≈ |"));
  row.tolerance = tolerance_of(row, *parse_tolerance("3%"));
  CHECK_FALSE(row.within_noise());
  row.old_noise = 0.01, row.new_noise = 0.01;
  CHECK(row.within_noise());  // 0.02 is less than two standard errors of the difference, 0.028.
  CHECK(contains(diff_table({row}, {}), "| 0.50 ± 0.01 | **0.48 ± 0.01** |"));
  CHECK(contains(parse_tolerance("acc=much").error().message, "is not a tolerance; write 0.01, 2% or NAME=0.01"));
  CHECK_FALSE(parse_tolerance("-1"));
}

TEST_CASE("measures: regressions come first, and a verdict says it in one line", "[report][measures]") {
  std::vector<Row> rows{row_of("same", 1, 1), row_of("acc", 0.5, 0.75), row_of("f1", 0.5, 0.25),
                        row_of("loss", 1, 2, Direction::Lower)};
  regressions_first(rows);
  CHECK(rows[0].name == "f1");
  CHECK(rows[1].name == "loss");
  CHECK(rows[2].name == "acc");
  CHECK(verdict_of(rows, "main") == "2 worse (f1 -50.0%, loss +100%), 1 better, 1 neither against main");
  CHECK(verdict_of({}, "main") == "none worse, 0 better, 0 neither against main");
}

TEST_CASE("measures: rows are selected by patterns", "[report][measures]") {
  CHECK(is_selected("val.acc", {}, {}));
  CHECK(is_selected("val.acc", {"acc"}, {}));
  CHECK_FALSE(is_selected("val.loss", {"acc"}, {}));
  CHECK_FALSE(is_selected("val.acc", {"val.*"}, {"acc"}));
}

TEST_CASE("measures: tests that began to fail come before those that failed already, then the mended",
          "[report][measures]") {
  auto const report = [](std::string const& failing) {
    std::string xml = "<testsuite>";
    for (char c : failing) xml += std::string("<testcase name=\"") + c + "\"><failure message=\"m\"/></testcase>";
    return read_well("j.xml", xml + "<testcase name=\"z\"/></testsuite>");
  };
  auto const now = report("ab"), before = report("bc");
  auto const table = with_transitions(&now.tables[0], &before.tables[0], "main");
  REQUIRE(table.rows() == 3);
  std::string text;
  for (std::size_t i = 0; i < 3; ++i)
    text += metrics::to_python(table.columns[0].at(i)) + ":" + metrics::to_python(table.columns[1].at(i)) + ">" +
            metrics::to_python(table.columns[2].at(i)) + " ";
  CHECK(text == "a:did not fail>failed b:failed>failed c:failed>fails no more ");
}

TEST_CASE("measures: a name of many units is no deep stack, and comparing names is counted",
          "[report][measures][security]") {
  CHECK(name_matches("a", "a (s) (t)"));
  CHECK(name_matches("a (s)", "x/a (s) (t)"));
  std::string long_name = "a";
  for (int i = 0; i < 400'000; ++i) long_name += " (b)";
  CHECK_FALSE(name_matches("a", long_name));
  MatchWork const work;
  CHECK_FALSE(MatchWork::over());
  for (int i = 0; i < 10'000 && !MatchWork::over(); ++i) (void)name_matches("*a*b*c*d", std::string(100'000, 'a'));
  CHECK(MatchWork::over());
  CHECK_FALSE(name_matches("a", "a"));
  std::vector<Threshold> const gates{parse_threshold("a < 1", true).value()};
  std::vector<std::string> unmatched;
  std::vector<Row> const rows{row_of("a", 1, 0)};
  CHECK(check(gates, {rows, {}, false}, unmatched).size() ==
        1);  // It fails; nothing passes because it was not looked at.
}
