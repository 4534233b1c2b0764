#include "vega/geo/projection.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "support/fixture.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/table.hpp"

using namespace cml::vega;
using cml::test::close;

namespace {

// Rings and points of path data.
std::pair<double, double> count(std::string_view path) {
  double rings = 0, points = 0;
  for (char c : path) {
    rings += c == 'M';
    points += c == 'M' || c == 'L' || c == 'Z';
  }
  return {rings, points};
}

Value spec_of(Value spec, Value const& objects) {
  if (spec["fit"].is_string()) spec.set("fit", objects[spec["fit"].string()]);
  return spec;
}

}  // namespace

TEST_CASE("projections: what is projected comes back", "[vega][geo]") {
  for (char const* type : {"albers", "azimuthalEqualArea", "azimuthalEquidistant", "conicConformal", "conicEqualArea",
                           "conicEquidistant", "equalEarth", "equirectangular", "gnomonic", "mercator", "mollweide",
                           "naturalEarth1", "orthographic", "stereographic", "transverseMercator", "identity"}) {
    INFO(type);
    auto const projection = Projection::make(
        Value::object({{"type", type}, {"rotate", Value::array({10, -20, 5})}, {"reflectX", true}}), "projections[0]");
    auto const point = (*projection)(-7, 31);
    REQUIRE(point);
    auto const [longitude, latitude] = projection->invert(point->first, point->second);
    CHECK(longitude == Approx(-7).epsilon(1e-6));
    CHECK(latitude == Approx(31).epsilon(1e-6));
  }
}

TEST_CASE("projections: every case the reference answered", "[vega][geo]") {
  auto const cases = cml::test::fixture("projections");
  REQUIRE(cases.size() > 300);
  auto const& objects = cases.at(0)["objects"];
  for (std::size_t i = 1; i < cases.size(); ++i) {
    auto const& c = cases.at(i);
    auto const name = c["object"].string();
    INFO(to_json(c["spec"]) << " " << name);
    if (c["spec"].is_undefined()) {
      CHECK(sphere_area(objects[name]) == Approx(c["area"].number()).margin(1e-9));
      INFO(to_json(c["bounds"]) << " " << to_json(sphere_bounds(objects[name])));
      CHECK(close(sphere_bounds(objects[name]), c["bounds"], 1e-9));
      // A graticule is symmetrical: what is left of its centroid is rounding.
      if (name != "graticule") CHECK(close(sphere_centroid(objects[name]), c["centroid"], 1e-9));
      continue;
    }
    auto const projection = Projection::make(spec_of(c["spec"], objects), "projections[0]");
    if (c.has("project")) {
      for (auto const& pair : c["project"].items()) {
        auto const got = (*projection)(pair.at(0).at(0).number(), pair.at(0).at(1).number());
        INFO(to_json(pair));
        REQUIRE(got.has_value() == pair.at(1).is_array());
        if (got) CHECK(close(Value::array({got->first, got->second}), pair.at(1), 1e-9));
      }
      for (auto const& pair : c["invert"].items()) {
        auto const [longitude, latitude] = projection->invert(pair.at(0).at(0).number(), pair.at(0).at(1).number());
        INFO("invert " << to_json(pair) << " " << longitude << " " << latitude);
        CHECK(close(Value::array({longitude, latitude}), pair.at(1), 1e-9));
      }
      CHECK(projection->scale() == Approx(c["scale"].number()).epsilon(1e-9));
      continue;
    }
    auto const& object = objects[name];
    auto const path = geo_outline(projection.get(), object, 4.5)->text();
    auto const [rings, points] = count(path);
    INFO(path.substr(0, 300));
    CHECK(rings == c["rings"].number());
    // A point that lies on a clip edge to the last bit may count as either side: one more or less is no difference.
    CHECK(std::fabs(points - c["points"].number()) <= 2 + 0.01 * points);
    CHECK(plane_area(projection.get(), object) == Approx(c["area"].number()).epsilon(1e-6).margin(1e-6));
    CHECK(close(plane_bounds(projection.get(), object), c["bounds"], 1e-6));
    if (name != "graticule") CHECK(close(plane_centroid(projection.get(), object), c["centroid"], 1e-6));
    if (c["path"].is_string() && points == c["points"].number())
      CHECK(geo_outline(projection.get(), object, 4.5)->text(3) == c["path"].string());
  }
}

TEST_CASE("projections: a table of features or geometries is fitted as the list of its rows is", "[vega][geo]") {
  auto const rows =
      *parse_json(R"([{"type":"Feature","id":7,"geometry":{"type":"LineString","coordinates":[[-10,5],[20,40]]}},
    {"type":"Feature"},{"type":"Point","coordinates":[30,-20]},{"id":8}])");
  auto const fitted = [](Value const& object) {
    auto const projection = Projection::make(
        Value::object({{"type", "mercator"}, {"size", Value::array({300, 200})}, {"fit", object}}), "projections[0]");
    return std::pair(projection->scale(), projection->translate());
  };
  CHECK(fitted(Value(Table::from_rows(rows.items()))) == fitted(rows));
}

TEST_CASE("projections: what is wrong is named", "[vega][geo]") {
  auto const error = [](std::string_view text) -> std::string {
    try {
      Projection::make(*parse_json(text), "projections[0]");
    } catch (EngineError const& e) {
      return e.error().message;
    }
    return "";
  };
  CHECK(error(R"({"type": "flat"})").find("projections[0].type: unknown projection \"flat\"") == 0);
  CHECK(error(R"({"scale": "big"})").find("projections[0].scale: a number was expected") == 0);
  CHECK(error(R"({"translate": [1]})").find("projections[0].translate: 2 numbers were expected") == 0);
  CHECK(error(R"({"clipExtent": [1, 2]})").find("projections[0].clipExtent") == 0);
  CHECK(error(R"({"fit": {"type": "Polygon"}, "size": [10, 10]})").empty());
}

TEST_CASE("projections: broken geometry draws nothing and does not crash", "[vega][geo]") {
  auto const projection = Projection::make(*parse_json(R"({"type": "orthographic"})"), "p");
  for (auto text : {"null", "1", "{}", "[]", R"({"type": "Polygon"})", R"({"type": "Polygon", "coordinates": 5})",
                    R"({"type": "Polygon", "coordinates": [[], [[1]], [[1, 2]], [["a", "b"], [null, 1], [1, 2]]]})",
                    R"({"type": "LineString", "coordinates": [[0, 0], [1e308, 1e308], [null, null]]})",
                    R"({"type": "Feature", "geometry": null})",
                    R"({"type": "MultiPolygon", "coordinates": [[[[0, 0], [0, 90], [180, -90], [0, 0]]]]})"}) {
    INFO(text);
    CHECK_NOTHROW(geo_outline(projection.get(), *parse_json(text), 4.5));
    CHECK_NOTHROW(sphere_bounds(*parse_json(text)));
    CHECK_NOTHROW(plane_centroid(projection.get(), *parse_json(text)));
  }
  std::string deep = R"({"type": "Point", "coordinates": [0, 0]})";
  for (int i = 0; i < 100; ++i) deep = R"({"type": "GeometryCollection", "geometries": [)" + deep + "]}";
  CHECK_THROWS_AS(geo_outline(projection.get(), *parse_json(deep), 4.5), EngineError);
}
