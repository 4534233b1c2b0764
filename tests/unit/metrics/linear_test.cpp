// Hostile metrics files: time in proportion to their length, bounded depth, rows and memory, and errors that say so.
#include <catch2/catch.hpp>

#include <functional>
#include <iostream>

#include "base/text.hpp"
#include "metrics/reader.hpp"
#include "report/compose/sources.hpp"
#include "support/doubling.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using namespace cml::metrics;

namespace {

Result<Document> read_hostile(std::string const& name, std::string bytes, Limits const& limits = {}) {
  MemoryFileSystem files;
  files.put("/project/" + name, std::move(bytes));
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  return read_document(source, name, limits);
}

std::string hostile_error(std::string const& name, std::string bytes) {
  auto const document = read_hostile(name, std::move(bytes));
  return document ? "" : document.error().message;
}

// "#" stands for the number of the round.
std::string rounds(std::size_t n, std::string const& text) {
  std::string result;
  for (std::size_t i = 0; i < n; ++i) result += replace_all(text, "#", std::to_string(i));
  return result;
}

using Make = std::function<std::string(std::size_t)>;

struct MetricsShape {
  std::string name;
  Make make;
};

std::vector<MetricsShape> const& linear_metrics() {
  auto const lines = [](char const* text, std::string before = "", std::string after = "") -> Make {
    return [=](std::size_t n) { return before + rounds(n, text) + after; };
  };
  static std::vector<MetricsShape> const shapes{
      {"m.json", lines("\"a#\":1,", "{", "\"b\":1}")},
      {"m.json", lines("\"a\":{\"b\":[1,", "{", "")},
      {"m.json", lines("{\"a\":1},", "[", "{\"a\":2}]")},
      {"m.json", lines("NaN,", "{\"a\":[", "1]}")},
      {"m.json", lines("1e999,", "{\"a\":[", "1]}")},
      {"m.json", lines("\\\"", "{\"a\":\"", "\"}")},
      {"m.yaml", lines("a#: 1\n")},
      {"m.yaml", lines("a#: &a# [1, 2]\n")},
      {"m.yaml", lines("  k#: 1\n", "a: &a\n", "b:\n  <<: *a\n  z: 1\n")},
      {"m.yaml", lines("- {a: 1}\n")},
      {"m.toml", lines("a# = 1\n")},
      {"m.toml", lines("[a#.b]\nc.d = 1\n")},
      {"m.toml", lines("[[a]]\nb = 1\n")},
      {"m.toml", lines("\"", "a = ", "")},
      {"m.toml", lines("#\n", "a = 1 ", "")},
      {"m.csv", lines("1,2.5,x#\n", "a,b,c\n")},
      {"m.csv", lines("\"\"", "a\n\"", "\"\n")},
      {"m.txt", lines("loss: 0.#, acc=0.5\n")},
      {"m.txt", lines("loss: 1, ")},
      {"m.xml", lines("<testcase name=\"a#\"><failure message=\"m\"/></testcase>", "<testsuite>", "</testsuite>")}};
  return shapes;
}

}  // namespace

TEST_CASE("metrics: every format is read in linear time", "[metrics][linear]") {
  for (MetricsShape const& shape : linear_metrics()) {
    INFO(shape.name << " " << shape.make(2));
    CHECK(doubling(shape.make, [&](std::string const& text) { return read_hostile(shape.name, text); }) < kLinear);
  }
}

TEST_CASE("metrics: 16 MiB of every format are read soon", "[.bench_scanners]") {
  double worst = 0;
  std::string worst_name;
  for (MetricsShape const& shape : linear_metrics()) {
    INFO(shape.name << " " << shape.make(2));
    std::string const text = of_about(kLargeReport, shape.make);
    double const seconds = processor_seconds([&] { (void)read_hostile(shape.name, text); });
    CHECK(seconds < kSoon);
    if (seconds > worst) worst = seconds, worst_name = shape.name + " " + shape.make(2);
  }
  std::cout << "metrics, 16 MiB of " << linear_metrics().size() << " shapes: at most " << worst << " s (" << worst_name
            << ")\n";
}

TEST_CASE("metrics: TOML's dotted keys and headers are bounded in depth", "[metrics][security]") {
  std::string const dots = rounds(20'000, ".a");
  for (std::string const& text :
       {"a" + dots + " = 1\n", "[a" + dots + "]\nb = 1\n", "[[a" + dots + "]]\nb = 1\n", "x = {a" + dots + " = 1}\n",
        "[a" + rounds(60, ".a") + "]\nb" + rounds(60, ".a") + "=1\n",
        "x = " + rounds(90, "{a.a = ") + "1" + rounds(90, "}") + "\n"}) {
    INFO(text.substr(0, 30));
    CHECK(contains(hostile_error("t.toml", text), "t.toml: as TOML: line "));
    CHECK(contains(hostile_error("t.toml", text), "is nested deeper than 100 levels; write it flatter"));
  }
  // What only looks deep.
  for (std::string const& text :
       {"a = \"" + dots + "\"\n", "a = 1 #" + dots + "\n", "\"a" + dots + "\" = 1\n", "a = '''\n" + dots + "'''\n",
        "a = [" + rounds(500, "1.5, ") + "]\n", "a" + rounds(90, ".a") + " = 1\n", rounds(500, "[a#.b.c]\nd.e = 1.5\n"),
        "a = [" + rounds(500, "{b.c = 1.5}, ") + "]\n"}) {
    INFO(text.substr(0, 30));
    CHECK(read_hostile("t.toml", text));
  }
}

TEST_CASE("metrics: YAML's anchors are bounded in all, and aliases in depth", "[metrics][security]") {
  std::string nested;
  for (int i = 0; i < 99; ++i) nested += "&a" + std::to_string(i) + " [";
  nested += rounds(20'000, "1,");
  CHECK(contains(hostile_error("m.yaml", "x: " + nested + std::string(99, ']') + "\n"),
                 "anchors hold more than 500000 values between them; anchor smaller parts"));
  std::string deep = "a0: &a0 " + std::string(50, '[') + std::string(50, ']') + "\n";
  deep += "a1: &a1 " + std::string(60, '[') + "*a0" + std::string(60, ']') + "\n";
  CHECK(contains(hostile_error("m.yaml", deep), "m.yaml: as YAML: line 2: is nested deeper than 100 levels"));
  CHECK(read_hostile("m.yaml", "a: &a [1]\nb: [*a, *a]\nc: {<<: {x: 1, y: 2}, x: 3}\n"));
}

TEST_CASE("metrics: more values than people read are left out, and a note says so", "[metrics][security]") {
  auto const many = read_hostile("m.json", "{" + rounds(30'000, "\"a#\":1,") + "\"b\":1}");
  REQUIRE(many);
  CHECK(many->metrics.size() == 10'000);
  REQUIRE(many->notes.size() == 1);
  CHECK(many->notes[0] ==
        "holds 30001 values; the first 10000 are read. Write the ones that matter into a file of their own");
  auto const csv = read_hostile("m.csv", "metric,value\n" + rounds(12'000, "a#,1\n"));
  REQUIRE(csv);
  CHECK(csv->metrics.size() == 10'000);
  CHECK(csv->notes.size() == 1);
  // A long key stands in the name of each value below it, and in that of each table.
  std::string const key(1 << 20, 'k');
  for (char const* entry : {"\"a#\":1,", "\"a#\":[{\"c\":1}],"}) {
    auto const named = read_hostile("m.json", "{\"" + key + "\":{" + rounds(5000, entry) + "\"b\":1}}");
    REQUIRE(named);
    CHECK(named->metrics.size() < 10);
    CHECK(named->tables.size() < 10);
    CHECK_FALSE(named->notes.empty());
  }
}

TEST_CASE("metrics: the cells of all tables of a tree are bounded together", "[metrics][security]") {
  Limits few;
  few.max_record_cells = 100;
  std::string const table = "[" + rounds(5, "{\"a#\":1},") + "{\"b\":1}]";  // 36 cells.
  CHECK(read_hostile("m.json", "{\"x\":" + table + ",\"y\":" + table + "}", few));
  CHECK_FALSE(read_hostile("m.json", "{\"x\":" + table + ",\"y\":" + table + ",\"z\":" + table + "}", few));
}

TEST_CASE("metrics: a number too large for a double is infinite, and the rest is read", "[metrics]") {
  auto const document =
      read_hostile("m.json", R"({"a": 1e999, "b": -1E+400, "c": 0.5, "d": "1e999", "e": 1e-999, "f": 1e5})");
  INFO((document ? "" : document.error().message));
  REQUIRE(document);
  std::string text;
  for (Metric const& metric : document->metrics) text += metric.name + "=" + to_python(metric.value) + " ";
  CHECK(text == "a=inf b=-inf c=0.5 d=1e999 e=0.0 f=100000.0 ");
  auto const digits = read_hostile("m.json", "{\"a\": " + std::string(400, '9') + ", \"b\": 1}");
  REQUIRE(digits);
  CHECK(to_python(digits->metrics.at(0).value) == "inf");
  CHECK(contains(hostile_error("m.json", R"({"a": 1e, "b": 1})"), "parse error"));
}
