#include "vega/geo/reach.hpp"

#include <catch2/catch.hpp>

#include "vega/geo/projection.hpp"
#include "vega/value/json.hpp"

using namespace cml::vega;

namespace {

// A box of degrees, clockwise as GeoJSON for d3 winds its outer rings, or the other way.
std::string box(double west, double south, double east, double north, bool clockwise = true) {
  auto const at = [](double x, double y) { return "[" + std::to_string(x) + "," + std::to_string(y) + "]"; };
  auto const a = at(west, south), b = at(west, north), c = at(east, north), d = at(east, south);
  return R"({"type": "Polygon", "coordinates": [[)" + a + "," + (clockwise ? b : d) + "," + c + "," +
         (clockwise ? d : b) + "," + a + "]]}";
}
std::optional<geo::Reach> reach_of(std::string const& text) { return geo::reach(*parse_json(text)); }

}  // namespace

TEST_CASE("reach: how far lines, points and polygons spread", "[vega][geo]") {
  auto const area = reach_of(box(-104, 41, -111, 45, false));
  REQUIRE(area);
  CHECK(area->west == -111);
  CHECK(area->east == -104);
  auto const line = reach_of(R"({"type": "LineString", "coordinates": [[-120, 30], [10, 40]]})");
  REQUIRE(line);
  CHECK(line->east == 10);
  CHECK(reach_of(R"({"type": "Point", "coordinates": [1, 2]})"));
}

TEST_CASE("reach: not known of what may be seen anywhere", "[vega][geo]") {
  for (auto const& text :
       {box(-111, 41, -104, 45, false), std::string(R"({"type": "Sphere"})"),
        std::string(R"({"type": "Point", "coordinates": [null, "x"]})"),
        std::string(R"({"type": "Point", "coordinates": [200, 2]})"),
        std::string(R"({"type": "LineString", "coordinates": [[-170, 50], [170, 50]]})"),
        std::string(R"({"type": "Polygon", "coordinates": [[[-5, 80], [-125, 80], [115, 80], [-5, 80]]]})"),
        std::string(R"({"type": "Polygon", "coordinates": [[[1, 1], [1, 2], [1, 1]]]})")}) {
    INFO(text);
    CHECK_FALSE(reach_of(text));
  }
}

TEST_CASE("albersUsa: leaving out parts that cannot see an object changes nothing", "[vega][geo]") {
  auto const projection = Projection::make(*parse_json(R"({"type": "albersUsa"})"), "p");
  // A point of the other side of the world is never seen, but makes the reach too wide for any part to be left out.
  auto const among_all = [](std::string const& one) {
    return R"({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [179, 0]},)"
           R"( {"type": "Point", "coordinates": [-179, 0]}, )" +
           one + "]}";
  };
  for (double west = -180; west < 170; west += 7)
    for (double south : {-40.0, 15.0, 30.0, 55.0, 68.0})
      for (bool clockwise : {true, false})
        for (double width : {0.5, 9.0, 40.0}) {
          auto const text = box(west, south, std::min(west + width, 180.0), south + 8, clockwise);
          INFO(text);
          CHECK(geo_outline(projection.get(), *parse_json(text), 4.5)->text() ==
                geo_outline(projection.get(), *parse_json(among_all(text)), 4.5)->text());
        }
}

TEST_CASE("albersUsa: a place is projected as a point object is", "[vega][geo]") {
  auto const projection = Projection::make(*parse_json(R"({"type": "albersUsa"})"), "p");
  for (auto [longitude, latitude] :
       {std::pair(-122.4, 37.8), {-149.9, 61.2}, {-157.8, 21.3}, {-74.0, 40.7}, {2.3, 48.9}, {-66.1, 18.4}}) {
    INFO(longitude << " " << latitude);
    auto const outline =
        geo_outline(projection.get(),
                    Value::object({{"type", "Point"}, {"coordinates", Value::array({longitude, latitude})}}), 4.5);
    auto const at = (*projection)(longitude, latitude);
    REQUIRE(at.has_value() == !outline->empty());
    if (!at) continue;
    CHECK(at->first == outline->points[0].x);
    CHECK(at->second == outline->points[0].y);
  }
}
