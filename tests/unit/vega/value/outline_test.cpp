#include "vega/value/outline.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "vega/value/json.hpp"

using namespace cml::vega;

namespace {

// A ring, a line and a dot.
Ref<Outline> sample() {
  auto outline = make_ref<Outline>();
  outline->points = {{0, 0}, {10.12345, 0}, {10, 20}, {1, 2}, {3, -4}, {5, 6}};
  outline->runs = {{Outline::Kind::Ring, 3}, {Outline::Kind::Line, 5}, {Outline::Kind::Dot, 6}};
  outline->dot_radius = 1.5;
  return outline;
}

}  // namespace

TEST_CASE("outline: rings, lines and dots read as path data", "[vega][value][geo]") {
  CHECK(sample()->text() == "M0,0L10.12345,0L10,20ZM1,2L3,-4M5,6m0,1.5a1.5,1.5 0 1,1 0,-3a1.5,1.5 0 1,1 0,3z");
  CHECK(sample()->text(3) == "M0,0L10.123,0L10,20ZM1,2L3,-4M5,6m0,1.5a1.5,1.5 0 1,1 0,-3a1.5,1.5 0 1,1 0,3z");
  CHECK(Outline().text().empty());
  CHECK(Outline().empty());
}

TEST_CASE("outline: as a value it is no text until text is asked for", "[vega][value][geo]") {
  Value const value(sample());
  CHECK(value.outline() != nullptr);
  CHECK(value.truthy());
  CHECK_FALSE(value.is_string());
  CHECK(value.to_string() == sample()->text());
  CHECK(to_json(value) == "\"" + sample()->text() + "\"");
  CHECK(value == Value(value));
  CHECK_FALSE(value == Value(sample()));
  CHECK(Value(1).outline() == nullptr);
}

TEST_CASE("outline: a coordinate that is no number spoils all of it", "[vega][value][geo]") {
  auto const outline = sample();
  CHECK(outline->finite());
  outline->points[1].y = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(outline->finite());
  auto const wide = sample();
  wide->dot_radius = std::numeric_limits<double>::infinity();
  CHECK_FALSE(wide->finite());
  wide->runs.pop_back(), wide->points.pop_back();
  CHECK(wide->finite());
}
