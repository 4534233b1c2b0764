// Recorded metrics: what lines say, what a course of values tells, and hostile lines.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/text.hpp"
#include "report/trend/record_store.hpp"
#include "report/trend/recorded.hpp"
#include "report/trend/statistics.hpp"
#include "report/trend/trend.hpp"

using namespace cml;
using namespace cml::report;

namespace {

std::string sha_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(40 - digits.size(), '0') + digits;
}

// A repeatable noise between -0.5 and 0.5.
double noise(int i) {
  unsigned value = static_cast<unsigned>(i) * 2654435761u;
  value ^= value >> 15;
  value *= 2246822519u;
  value ^= value >> 13;
  return value / 4294967296.0 - 0.5;
}

std::string line(int commit, double value, std::string const& branch = "main", std::string const& name = "acc") {
  return line_of({sha_of(commit), branch, 1'700'000'000 + 3600 * commit, {{"m.json", {{name, value}}}}}) + "\n";
}

std::vector<double> values_of(Recorded const& recorded, std::size_t series) {
  std::vector<double> values;
  for (auto const& point : recorded.series.at(series).points) values.push_back(point.value);
  return values;
}

}  // namespace

TEST_CASE("records: lines come back, in the order of their commits, with what JSON has no numbers for",
          "[report][trend]") {
  Record record{sha_of(2), "main", 1'700'007'200, {{"m.json", {{"a.b", 0.1}, {"nan", NAN}}}, {"t.csv", {{"x", 3}}}}};
  record.values["m.json"].emplace_back("up", INFINITY);
  CHECK(line_of(record) == R"({"commit":")" + sha_of(2) +
                               R"(","branch":"main","time":1700007200,"values":{"m.json":{"a.b":0.1,"nan":"NaN",)"
                               R"("up":"Infinity"},"t.csv":{"x":3.0}}})");
  Recorded const recorded = read_records({line_of(record) + "\n", line(1, 0.5, "main", "a.b")});
  CHECK(recorded.notes.empty());
  REQUIRE(recorded.commits.size() == 2);
  CHECK(recorded.commits[0].sha == sha_of(1));
  REQUIRE(recorded.series.size() == 4);
  CHECK(values_of(recorded, 0) == std::vector<double>{0.5, 0.1});
  CHECK(std::isnan(values_of(recorded, 1)[0]));
  CHECK(std::isinf(values_of(recorded, 2)[0]));
}

TEST_CASE("records: lines of one commit add up, and the later one counts", "[report][trend]") {
  Recorded const recorded =
      read_records({line(1, 0.25) + line(2, 0.5) + line(1, 0.75), line(1, 3, "main", "loss"), line(1, 9, "other")});
  CHECK(recorded.commits.size() == 3);  // A commit counts for each branch that has it.
  auto const main = commits_of(recorded, "main", 0);
  REQUIRE(main.size() == 2);
  auto const acc = points_at(recorded.series[0], main);
  REQUIRE(acc.size() == 2);
  CHECK(acc[0].value == 0.75);
  CHECK(acc[1].value == 0.5);
  CHECK(points_at(recorded.series[1], main).size() == 1);
  CHECK(commits_of(recorded, "main", 1) == std::vector<std::uint32_t>{main[1]});
  CHECK(commits_of(recorded, "main", 0, sha_of(2)) == std::vector<std::uint32_t>{main[0]});
  CHECK(commits_of(recorded, "gone", 0).empty());
}

TEST_CASE("records: what is no record is left out and said, and the rest is read", "[report][trend][security]") {
  std::string const good = line(1, 0.5);
  RecordLimits limits;
  limits.max_line = 1000;
  limits.max_series = 3;
  for (std::string const& bad :
       {std::string("{"), std::string("[]"), std::string("null"), std::string(R"({"commit":"x"})"),
        R"({"commit":")" + std::string(40, 'g') + R"(","branch":"main","time":1,"values":{}})",
        R"({"commit":")" + sha_of(3) + R"(","branch":"","time":1,"values":{}})",
        R"({"commit":")" + sha_of(3) + R"(","branch":"main","values":{}})",
        R"({"commit":")" + sha_of(3) + R"(","branch":"main","time":"soon","values":{}})", std::string(5000, '['),
        "{\"a\":" + std::string(100, '[') + "1" + std::string(100, ']') + "}",
        R"({"commit":")" + sha_of(3) + R"(","branch":"main","time":1,"values":{"f":{")" + std::string(1001, 'n') +
            "\":1}}}",
        std::string("\xff\xfe\x00garbage", 10)}) {
    INFO(bad.substr(0, 80));
    Recorded const recorded = read_records({bad + "\n" + good}, limits);
    CHECK(recorded.commits.size() == 1);
    REQUIRE(recorded.notes.size() == 1);
    CHECK(recorded.notes[0] == "1 record cannot be read and are left out");
  }
  std::string many;
  for (int i = 0; i < 9; ++i) many += line(1, i, "main", "m" + std::to_string(i));
  Recorded const cut = read_records({many}, limits);
  CHECK(cut.series.size() == 3);
  CHECK(contains(cut.notes.at(0), "the rest is left out"));
  limits.max_commits = 2;
  Recorded const newest = read_records({line(3, 3) + line(1, 1) + line(2, 2)}, limits);
  CHECK(values_of(newest, 0) == std::vector<double>{2, 3});
  CHECK(newest.notes.at(0) == "1 old commits are left out");
  // What a later version may say besides is passed over.
  Recorded const later = read_records({R"({"v":{"x":[1,{"y":2}]},"commit":")" + sha_of(1) +
                                       R"(","branch":"main","time":1,"values":{"f":{"a":1,"b":{"c":2},"d":[3]}}})"});
  CHECK(later.notes.empty());
  CHECK(later.series.size() == 1);
}

TEST_CASE("trend: a step is found where it is, noise and one wild value are none", "[report][trend]") {
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) values.push_back((i < 37 ? 1.0 : 1.4) + 0.2 * noise(i));
  CHECK(change_points(values) == std::vector<std::size_t>{37});
  std::vector<double> flat;
  for (int i = 0; i < 200; ++i) flat.push_back(1 + noise(i));
  CHECK(change_points(flat).empty());
  flat[100] = 1e9;
  CHECK(change_points(flat).empty());
  CHECK(change_points(std::vector<double>(50, 3.5)).empty());
  CHECK(change_points({}).empty());
  // Two steps, of values without any noise.
  std::vector<double> steps(20, 1.0);
  steps.insert(steps.end(), 20, 2.0);
  steps.insert(steps.end(), 20, 1.5);
  CHECK(change_points(steps) == std::vector<std::size_t>{20, 40});
}

TEST_CASE("trend: a drift has Sen's slope, noise has none", "[report][trend]") {
  std::vector<double> values, flat;
  for (int i = 0; i < 40; ++i) values.push_back(5 - 0.1 * i + 0.3 * noise(i));
  auto const drift = drift_of(values);
  REQUIRE(drift);
  CHECK(drift->slope == Approx(-0.1).epsilon(0.1));
  CHECK(drift->over == 40);
  for (int i = 0; i < 40; ++i) flat.push_back(noise(i));
  CHECK_FALSE(drift_of(flat));
  CHECK_FALSE(drift_of(std::vector<double>(40, 1.0)));
  CHECK_FALSE(drift_of({1, 2, 3}));
  CHECK(median_of({4, 1, 3, 2}) == 2.5);
  CHECK(std::isnan(median_of({})));
  CHECK(scatter_of({1, 2, 3, 4, 100}) == Approx(1.4826));
}

TEST_CASE("trend: a baseline is said by way, branch and count", "[report][trend]") {
  auto const median = parse_recorded_baseline("median:feature/x:7");
  REQUIRE(median);
  CHECK(median->branch == "feature/x");
  CHECK(median->count == 7);
  CHECK(parse_recorded_baseline("median:main")->count == 20);
  CHECK(parse_recorded_baseline("last:main")->count == 1);
  for (char const* other :
       {"main", "mean:main:3", "median:", "median:main:0", "median:main:x", "median::3", "HEAD:a.b"})
    CHECK_FALSE(parse_recorded_baseline(other));

  std::string lines;
  for (int i = 1; i <= 5; ++i) lines += line(i, i == 3 ? 100 : i) + line(i, -i, "main", "loss");
  Recorded const recorded = read_records({lines + line(9, 50, "other")});
  auto const value = [&](char const* text, std::size_t series) {
    auto const values = baseline_values(recorded, *parse_recorded_baseline(text), {}, sha_of(5));
    REQUIRE(values);
    return *metrics::number_of(values->files.at("m.json").at(series).value);
  };
  CHECK(value("median:main:3", 0) == 4);
  CHECK(value("best:main", 0) == 100);
  CHECK(value("best:main", 1) == -4);  // Lower is better.
  CHECK(value("last:main", 0) == 4);   // The present commit does not count.
  auto const named = baseline_values(recorded, *parse_recorded_baseline("median:main:20"), {}, "");
  CHECK(named->name == "median of 5 on main");
  CHECK(*named->files.at("m.json")[0].noise == Approx(2.9652));
  auto const none = baseline_values(recorded, *parse_recorded_baseline("median:gone:20"), {}, "");
  REQUIRE_FALSE(none);
  CHECK(contains(none.error().message, "no metrics are recorded for gone; there are some for main, other"));
}

TEST_CASE("trend: the report tells what changed, drifts, and stands where", "[report][trend]") {
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += line(i, (i < 40 ? 0.8 : 0.9) + 0.01 * noise(i));
  for (int i = 0; i < 60; ++i) lines += line(i, 1 - 0.01 * i + 0.001 * noise(i), "main", "val_loss");
  Recorded const recorded = read_records({lines});
  TrendSettings settings;
  settings.branch = "main";
  settings.select = {"acc"};
  auto const model = trend_of(recorded, settings);
  REQUIRE(model);
  std::string const text = to_json(*model);
  CHECK(contains(text, "60 commits of main, 2023-11-14 to 2023-11-17"));
  CHECK(contains(text, "**acc** rose from 0.8"));
  CHECK(contains(text, " at 0000000 (2023-11-16) ✅"));
  settings.select = {"val_loss"};
  settings.last = 30;
  CHECK(contains(to_json(*trend_of(recorded, settings)), "drifts down by 0.0"));
  settings.select = {"nope"};
  CHECK_FALSE(trend_of(recorded, settings));
  settings.branch = "gone";
  CHECK_FALSE(trend_of(recorded, settings));
}

TEST_CASE("trend: a badge is one SVG that its texts cannot leave", "[report][trend][security]") {
  std::string const name = "a\"><script>x</script>&\n";
  Recorded const recorded = read_records({line(1, 0.5, "main", name) + line(2, 0.75, "main", "acc") + line(1, 0.5)});
  TrendSettings settings;
  settings.branch = "main";
  auto const model = trend_of(recorded, settings);
  REQUIRE(model);
  auto const badge = badge_of(*model, name);
  REQUIRE(badge);
  CHECK_FALSE(contains(*badge, "<script"));
  CHECK(contains(*badge, ">none</text>"));  // The newest commit has it no more.
  CHECK(contains(*badge_of(*model, "acc"), "#1a7f37"));
  CHECK(contains(*badge_of(*model, "acc"), ">0.75</text>"));
  auto const wrong = badge_of(*model, "acd");
  REQUIRE_FALSE(wrong);
  CHECK(contains(wrong.error().message, "did you mean acc?"));
}

TEST_CASE("records: a place is a ref, a branch or a folder", "[report][trend]") {
  CHECK(name_of(*parse_record_place("")) == "refs/cml/metrics");
  CHECK(parse_record_place("branch:cml-metrics")->name == "refs/heads/cml-metrics");
  CHECK(name_of(*parse_record_place("dir:a b")) == "folder a b");
  for (char const* wrong : {"branch:", "dir:", "s3://bucket/x", "main"}) CHECK_FALSE(parse_record_place(wrong));
}
