#include "vega/scene/path.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "vega/scene/curves.hpp"
#include "vega/value/outline.hpp"

using namespace cml::vega;

namespace {

std::string curve_of(char const* name, std::initializer_list<std::pair<double, double>> points) {
  SvgPathSink sink;
  auto const curve = make_curve(name, false, std::nan(""), sink);
  REQUIRE(curve);
  curve->line_start();
  for (auto const& [x, y] : points) curve->point(x, y);
  curve->line_end();
  return sink.data();
}

}  // namespace

// Expected strings are d3-shape's own for the same points.
TEST_CASE("curves: lines through four points are d3's", "[vega][scene]") {
  std::initializer_list<std::pair<double, double>> const points{{0, 0}, {10, 20}, {20, 10}, {30, 30}};
  CHECK(curve_of("linear", points) == "M0,0L10,20L20,10L30,30");
  CHECK(curve_of("linear-closed", points) == "M0,0L10,20L20,10L30,30Z");
  CHECK(curve_of("step", points) == "M0,0L5,0L5,20L15,20L15,10L25,10L25,30L30,30");
  CHECK(curve_of("step-after", points) == "M0,0L10,0L10,20L20,20L20,10L30,10L30,30");
  CHECK(curve_of("step-before", points) == "M0,0L0,20L10,20L10,10L20,10L20,30L30,30");
  CHECK(curve_of("basis", points) ==
        "M0,0L1.667,3.333C3.333,6.667,6.667,13.333,10,15C13.333,16.667,16.667,13.333,20,15C23.333,16.667,26.667,23.333,"
        "28.333,26.667L30,30");
  CHECK(curve_of("monotone", points) ==
        "M0,0C3.333,10,6.667,20,10,20C13.333,20,16.667,10,20,10C23.333,10,26.667,20,30,30");
  CHECK(curve_of("cardinal", points) ==
        "M0,0C0,0,6.667,18.333,10,20C13.333,21.667,16.667,8.333,20,10C23.333,11.667,30,30,30,30");
}

TEST_CASE("curves: an unknown name is no curve", "[vega][scene]") {
  SvgPathSink sink;
  CHECK_FALSE(make_curve("wavy", false, 0, sink));
}

TEST_CASE("path: SVG data of every command reads and draws, malformed data is refused", "[vega][scene]") {
  bool ok = false;
  auto const path = parse_path("M1,2 l3 4h5V6c1,1 2,2 3,3s1 1 2 2q1,1,2,0t2,2a5 5 0 0110 0z", ok);
  REQUIRE(ok);
  SvgPathSink sink;
  draw_path(sink, path, 0, 0, 1, 1);
  CHECK(sink.data().substr(0, 26) == "M1,2L4,6L9,6L9,6C10,7,11,8");
  CHECK(sink.data().back() == 'Z');
  for (auto text : {"M1", "M1,2Lx", "Z1", "M1,2A1,1,0,2,0,1,1"}) {
    INFO(text);
    parse_path(text, ok);
    CHECK_FALSE(ok);
  }
}

TEST_CASE("path: an outline draws as its text does", "[vega][scene][geo]") {
  Outline outline;
  outline.points = {{0.1, 0.2}, {10.7, 1e-7}, {10, 20}, {1, 2}, {3, -4}, {5, 6}, {7, 8.5}};
  outline.runs = {{Outline::Kind::Ring, 3}, {Outline::Kind::Line, 5}, {Outline::Kind::Dot, 6}, {Outline::Kind::Dot, 7}};
  outline.dot_radius = 1.25;
  bool ok = false;
  auto const path = parse_path(outline.text(), ok);
  REQUIRE(ok);
  for (auto [sx, sy] : {std::pair(1.0, 1.0), {2.0, -3.0}}) {
    SvgPathSink from_text, from_numbers;
    draw_path(from_text, path, 0, 0, sx, sy);
    draw_outline(from_numbers, outline, sx, sy);
    CHECK(from_numbers.data() == from_text.data());
  }
}

TEST_CASE("path: boxes hold curves and arcs, not their control points", "[vega][scene]") {
  BoundsSink sink;
  sink.move_to(0, 0);
  sink.curve_to(0, 100, 100, 100, 100, 0);
  CHECK(sink.bounds().y2 == Approx(75));
  BoundsSink quarter;
  quarter.arc(0, 0, 10, 0, 3.14159265358979 / 2, false);
  CHECK(quarter.bounds().x1 == Approx(0).margin(1e-9));
  CHECK(quarter.bounds().x2 == Approx(10));
}
