#include "vega/transform/transform.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "support/fake_scope.hpp"
#include "support/fixture.hpp"
#include "vega/expr/coerce.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;
using cml::test::close;
using cml::test::FakeScope;

namespace {

Value json(std::string_view text) { return *parse_json(text); }

struct Run {
  FakeScope scope;
  Diagnostics diagnostics;
  Value signal;

  TableRef table(TableRef input, Value const& transforms) {
    for (auto const& transform : transforms.items()) {
      TransformContext context{scope, "data[0].transform[0]", diagnostics, {}};
      input = apply_transform(input, transform, context);
      signal = context.signal;
      if (transform["signal"].is_string()) scope.signals[std::string(transform["signal"].string())] = signal;
    }
    return input;
  }
  std::string error(std::string_view rows, std::string_view transform) {
    try {
      table(Table::from_rows(json(rows).items()), Value::array({json(transform)}));
    } catch (EngineError const& e) {
      return e.error().message;
    }
    return "";
  }
};

// The rows as objects, of some fields only.
Value rows_of(Table const& table, Value const& only, std::size_t limit) {
  Array out;
  for (std::size_t i = 0; i < std::min(limit, table.size()); ++i) {
    auto const row = table.row(i);
    if (!only.is_array()) {
      out.push_back(row);
      continue;
    }
    Object picked;
    for (auto const& name : only.items()) picked[name.string()] = row[name.string()];
    out.emplace_back(std::move(picked));
  }
  return out;
}

}  // namespace

TEST_CASE("transforms: every case the reference answered", "[vega][transform]") {
  auto const cases = cml::test::fixture("transforms");
  REQUIRE(cases.size() > 150);
  TimeZone const before = local_zone();
  set_local_zone(TimeZone());
  auto const& data = cases.at(0)["data"];
  for (std::size_t i = 1; i < cases.size(); ++i) {
    auto const& c = cases.at(i);
    INFO(to_json(c["data"]) << " " << to_json(c["transform"]) << "\nexpected " << to_json(c["result"]).substr(0, 1500) << "\n" << to_json(c["out"]).substr(0, 300));
    Run run;
    run.scope.datasets["other"] = Table::from_rows(data["other"].items());
    if (c["random"].is_number()) run.scope.seed = c["random"].number();
    for (auto const& signal : c["signals"].items()) run.scope.signals[std::string(signal["name"].string())] = signal["value"];
    auto const table = run.table(Table::from_rows(data[c["data"].string()].items()), c["transform"]);
    auto const rows = rows_of(*table, c["only"], c["keep"].is_number() ? static_cast<std::size_t>(c["keep"].number()) : 1000000);
    INFO("got      " << to_json(rows).substr(0, 1500) << "\n" << to_json(run.signal).substr(0, 300));
    CHECK(close(rows, c["result"], c["precision"].number_or(1e-10)));
    if (c.has("out")) {
      if (run.signal.is_object() && c["out"].is_object()) {
        for (auto const& [key, value] : c["out"].properties()) CHECK(close(run.signal[key], value, 1e-12));
      } else {
        CHECK(close(run.signal, c["out"], 1e-12));
      }
    }
  }
  set_local_zone(before);
}
