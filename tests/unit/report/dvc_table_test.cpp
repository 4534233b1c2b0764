// What DVC prints, derived from how DVC reads, compares, rounds, sorts and lays out: a row a corner case.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"
#include "report/compose/tables.hpp"

using namespace cml;
using namespace cml::report;

namespace {

std::vector<metrics::Metric> values_of(std::string const& json) {
  auto document = metrics::document_of(metrics::parse_json(json), {});
  INFO((document ? "" : document.error().message));
  REQUIRE(document);
  return std::move(document->metrics);
}

std::string table_of(std::string const& before, std::string const& after, bool params) {
  auto const a = values_of(before), b = values_of(after);
  return dvc_table(pair_up("m.json", &a, &b), {"HEAD", "workspace", params, true, {}});
}

// The cells of the only row, "Metric, old, new, change"; empty when there is none.
std::string row_of(std::string const& before, std::string const& after, bool params = false) {
  auto const lines = split(table_of(before, after, params), '\n');
  REQUIRE(lines.size() >= 3);
  if (lines.size() == 3) return "";
  std::string row;
  auto const cells = split(lines[2], '|');
  for (std::size_t i = 2; i + 1 < cells.size(); ++i) row += (i == 2 ? "" : ", ") + std::string(trim(cells[i]));
  return row;
}

struct Case {
  char const *before, *after, *row;
};

}  // namespace

TEST_CASE("report: DVC's table of metrics, corner by corner", "[report][dvc]") {
  for (auto const& c : {
           // Numbers: five decimals, rounded half to even on what the binary number is; whole numbers stay whole.
           Case{R"({"a": 0.1234567})", R"({"a": 0.7654321})", "a, 0.12346, 0.76543, 0.64198"},
           {R"({"a": 0.0042})", R"({"a": 0.0043})", "a, 0.0042, 0.0043, 0.0001"},
           {R"({"a": 2.675})", R"({"a": 0.000005})", "a, 2.675, 1e-05, -2.675"},  // 0.000005 is a little above.
           {R"({"a": 1})", R"({"a": 3})", "a, 1, 3, 2"},
           {R"({"a": 1})", R"({"a": 1.5})", "a, 1, 1.5, 0.5"},
           {R"({"a": 1.0})", R"({"a": 1})", ""},
           {R"({"a": 1e22})", R"({"a": 1e16})", "a, 1e+22, 1e+16, -9.99999e+21"},
           {R"({"a": 0.1})", R"({"a": 0.3})", "a, 0.1, 0.3, 0.2"},
           {R"({"a": 0.0})", R"({"a": -0.000001})", "a, 0.0, -0.0, -0.0"},
           {R"({"a": 9007199254740993})", R"({"a": 9007199254740992})", "a, 9007199254740993, 9007199254740992, -1"},
           // A change too small to be seen is still a change.
           {R"({"a": 0.1})", R"({"a": 0.1000001})", "a, 0.1, 0.1, 0.0"},
           {R"({"a": NaN})", R"({"a": NaN})", "a, nan, nan, nan"},
           {R"({"a": Infinity})", R"({"a": -Infinity})", "a, inf, -inf, -inf"},
           {R"({"a": Infinity})", R"({"a": Infinity})", ""},
           // Truth values are numbers.
           {R"({"a": true})", R"({"a": false})", "a, True, False, -1"},
           {R"({"a": true})", R"({"a": 1})", ""},
           {R"({"a": false})", R"({"a": 0.0})", ""},
           {R"({"a": true})", R"({"a": 0.5})", "a, True, 0.5, -0.5"},
           // Text is compared, not subtracted; a number in quotes is text.
           {R"({"a": "x"})", R"({"a": "y"})", "a, x, y, -"},
           {R"({"a": "1"})", R"({"a": 1})", "a, 1, 1, -"},
           // What one side does not have.
           {R"({})", R"({"a": 1})", "a, -, 1, -"},
           {R"({"a": 1.5})", R"({})", "a, 1.5, -, -"},
           {R"({"a": null})", R"({})", ""},
           {R"({"a": null})", R"({"a": 2})", "a, -, 2, -"},
           // Lists and empty objects are no metrics.
           {R"({"a": [1, 2]})", R"({"a": [3]})", ""},
           {R"({"a": [1, 2]})", R"({"a": 3})", "a, -, 3, -"},
           {R"({"a": {}})", R"({"a": 3})", "a, -, 3, -"},
           // Nested names are joined by dots.
           {R"({"a": {"b": {"c": 1}}})", R"({"a": {"b": {"c": 2}}})", "a.b.c, 1, 2, 1"},
           // A file that is one value has no name for it.
           {"1", "3", ", 1, 3, 2"},
           {"0.5", "0.75", ", 0.5, 0.75, 0.25"},
       }) {
    INFO(c.before << " -> " << c.after);
    CHECK(row_of(c.before, c.after) == c.row);
  }
}

TEST_CASE("report: DVC's table of parameters, corner by corner", "[report][dvc]") {
  for (auto const& c : {
           // All digits, as Python writes them.
           Case{R"({"lr": 0.00001})", R"({"lr": 0.123456789})", "lr, 1e-05, 0.123456789"},
           {R"({"n": 100000000000000000.0})", R"({"n": 10000.0})", "n, 1e+17, 10000.0"},
           {R"({"a": true})", R"({"a": 1})", ""},
           {R"({"a": null})", R"({})", ""},
           {R"({"a": null})", R"({"a": "x"})", "a, -, x"},
           {R"({"a": "None"})", R"({"a": null})", "a, None, -"},
           // Lists are printed whole, those of one element by it when both sides have one.
           {R"({"a": [1, 2]})", R"({"a": [1, 3]})", "a, \\[1, 2\\], \\[1, 3\\]"},
           {R"({"a": [1]})", R"({"a": [2]})", "a, 1, 2"},
           {R"({"a": [1]})", R"({"a": [1.0]})", ""},
           {R"({"a": 1})", R"({"a": [1]})", "a, 1, \\[1\\]"},
           {R"({"a": []})", R"({"a": ["x", null, true]})", "a, \\[\\], \\['x', None, True\\]"},
           {R"({"a": [{"b": 1}]})", R"({"a": [{"b": 2}, 3]})", "a, \\[{'b': 1}\\], \\[{'b': 2}, 3\\]"},
           {R"({"a": ["it's"]})", R"({"a": ["it's", "so"]})", "a, \\[\"it's\"\\], \\[\"it's\", 'so'\\]"},
       }) {
    INFO(c.before << " -> " << c.after);
    CHECK(row_of(c.before, c.after, true) == c.row);
  }
}

TEST_CASE("report: DVC's table is laid out as its table library does it, also when it has no row", "[report][dvc]") {
  CHECK(table_of(R"({"x.b": 5, "a.d.e": 3, "a.b.c": 1, "B": 1})", R"({"x.b": 6, "a.d.e": 4, "a.b.c": 2, "B": 2})",
                 false) ==
        "| Path   | Metric   | HEAD   | workspace   | Change   |\n"
        "|--------|----------|--------|-------------|----------|\n"
        "| m.json | B        | 1      | 2           | 1        |\n"
        "| m.json | a.b.c    | 1      | 2           | 1        |\n"
        "| m.json | a.d.e    | 3      | 4           | 1        |\n"
        "| m.json | x.b      | 5      | 6           | 1        |\n");
  CHECK(table_of(R"({"a": 1})", R"({"a": 1})", false) ==
        "| Path   | Metric   | HEAD   | workspace   | Change   |\n"
        "|--------|----------|--------|-------------|----------|\n");
  CHECK(table_of(R"({"a": 1})", R"({"a": 1})", true) ==
        "| Path   | Param   | HEAD   | workspace   |\n"
        "|--------|---------|--------|-------------|\n");
}
