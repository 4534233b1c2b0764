#include "vega/scale/scale.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml::vega;

namespace {

ScalePtr make(
    std::string const& type, Array domain, Array range, void (*adjust)(ScaleConfig&) = [](ScaleConfig&) {}) {
  ScaleConfig config;
  config.name = "s";
  config.type = type;
  config.domain = std::move(domain);
  config.range = std::move(range);
  config.zero = false;
  adjust(config);
  return Scale::make(config, [](std::string) {});
}
std::string printed(Array const& values) { return to_json(Value(values)); }

}  // namespace

TEST_CASE("scale: continuous scales map, clamp and invert as d3's do", "[vega][scale]") {
  struct Row {
    char const* type;
    double domain[2], input, output;
  };
  for (auto const& row : {Row{"linear", {0, 10}, 2.5, 25},
                          {"log", {1, 1000}, 10, 100.0 / 3},
                          {"sqrt", {0, 100}, 25, 50},
                          {"pow", {0, 10}, 5, 50},
                          {"symlog", {0, 10}, 0, 0},
                          {"linear", {10, 0}, 2.5, 75},
                          {"linear", {5, 5}, 7, 50}}) {
    INFO(row.type);
    auto const scale = make(row.type, {row.domain[0], row.domain[1]}, {0, 100});
    CHECK(scale->map(row.input).number() == Approx(row.output));
    if (row.domain[0] != row.domain[1]) CHECK(scale->invert(row.output).number() == Approx(row.input));
  }
  auto const clamped = make("linear", {0, 10}, {0, 100}, [](ScaleConfig& c) { c.clamp = true; });
  CHECK(clamped->map(20).number() == 100);
  CHECK(clamped->map(nullptr).is_undefined());
  CHECK(clamped->map("x").is_undefined());
  CHECK(make("linear", {0, 5, 10}, {0, 100, 0})->map(7.5).number() == 50);
}

TEST_CASE("scale: nice, zero and padding widen the domain", "[vega][scale]") {
  auto const nice = make("linear", {0.134, 0.867}, {0, 100}, [](ScaleConfig& c) { c.nice = true; });
  CHECK(printed(nice->domain()) == "[0.1,0.9]");
  auto const zero = make("linear", {3, 9}, {0, 100}, [](ScaleConfig& c) { c.zero = true; });
  CHECK(printed(zero->domain()) == "[0,9]");
  auto const padded = make("linear", {0, 100}, {0, 100}, [](ScaleConfig& c) { c.padding = 10; });
  CHECK(printed(padded->domain()) == "[-12.5,112.5]");
  auto const log = make("log", {3, 420}, {0, 1}, [](ScaleConfig& c) { c.nice = true; });
  CHECK(printed(log->domain()) == "[1,1000]");
}

TEST_CASE("scale: bands divide the range with inner and outer padding", "[vega][scale]") {
  auto const band =
      make("band", {"a", "b", "c"}, {0, 120}, [](ScaleConfig& c) { c.padding_inner = 0.2, c.padding_outer = 0.1; });
  CHECK(band->step() == Approx(40));
  CHECK(band->bandwidth() == Approx(32));
  CHECK(band->map("b").number() == Approx(44));
  CHECK(band->map("missing").is_undefined());
  CHECK(band->invert(50).string() == "b");
  auto const point = make("point", {"a", "b", "c"}, {0, 100});
  CHECK(point->map("c").number() == Approx(100));
  CHECK(point->bandwidth() == 0);
  auto const step = make("band", {"a", "b"}, {}, [](ScaleConfig& c) { c.range.reset(), c.range_step = 20; });
  CHECK(printed(step->range()) == "[0,40]");
}

TEST_CASE("scale: discretizing scales choose by thresholds", "[vega][scale]") {
  auto const quantize = make("quantize", {0, 10}, {"a", "b"});
  CHECK(quantize->map(4.9).string() == "a");
  CHECK(quantize->map(5).string() == "b");
  auto const threshold = make("threshold", {1, 5}, {"low", "mid", "high"});
  CHECK(threshold->map(1).string() == "mid");
  CHECK(threshold->map(9).string() == "high");
  auto const quantile = make("quantile", {1, 2, 3, 4, 100}, {"x", "y"});
  CHECK(quantile->map(3).string() == "y");
  CHECK(quantile->thresholds().front() == 3);
}

TEST_CASE("scale: colour ranges interpolate, schemes sample", "[vega][scale]") {
  auto const ramp = make("linear", {0, 1}, {"#000", "#fff"});
  CHECK(ramp->ramp() == Ramp::Sequential);
  CHECK(ramp->map(0.5).string() == "rgb(128, 128, 128)");
  ScaleConfig config;
  config.type = "ordinal";
  config.domain = Array{"a", "b"};
  config.scheme = "tableau10";
  auto const ordinal = Scale::make(config, [](std::string) {});
  CHECK(ordinal->map("b").string() == "#f58518");
  config.scheme = "no such scheme";
  CHECK_THROWS_AS(Scale::make(config, [](std::string) {}), EngineError);
}

TEST_CASE("scale: an unknown type is refused by name", "[vega][scale]") {
  ScaleConfig config;
  config.name = "x";
  config.type = "cubic";
  try {
    auto const scale = Scale::make(config, [](std::string) {});
    FAIL("accepted");
  } catch (EngineError const& e) {
    CHECK(e.error().message.find("\"cubic\"") != std::string::npos);
  }
}

TEST_CASE("scale: tick counts bend to bins and minimum steps, candidates to the range", "[vega][scale]") {
  auto const linear = make("linear", {0, 10}, {0, 100});
  CHECK(printed(linear->ticks(5)) == "[0,2,4,6,8,10]");
  CHECK(effective_tick_count(*linear, 40, 1).number() == 11);
  CHECK(printed(valid_ticks(*linear, {-1, 9, 3, 30}, Value())) == "[3,9]");
  CHECK(linear->ticks(1e12).size() < 200000);
}

TEST_CASE("scale: an ordinal scale without a domain takes values in the order of the rows, and only those",
          "[vega][scale]") {
  auto const colors = [] {
    return make("ordinal", {}, {"red", "green", "blue"}, [](ScaleConfig& c) { c.domain_implicit = true; });
  };
  ColumnBuilder cells;
  for (char const* text : {"b", "a", "b"}) cells.push_string(text);
  auto const column = cells.finish();
  auto const mapped = colors()->map_column(*column);
  CHECK(mapped->at(0).string() == "red");
  CHECK(mapped->at(1).string() == "green");
  CHECK(mapped->at(2).string() == "red");
}
