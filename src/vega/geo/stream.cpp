#include "vega/geo/stream.hpp"

#include <unordered_set>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {
namespace {

constexpr int kMaxDepth = 64;

void point(Value const& position, GeoSink& sink) { sink.point(position.at(0).to_number(), position.at(1).to_number()); }
void line(Value const& positions, GeoSink& sink, std::size_t closed) {
  auto const n = positions.size();
  budget::steps(100 * n);
  sink.line_start();
  for (std::size_t i = 0; i + closed < n; ++i) point(positions.at(i), sink);
  sink.line_end();
}
void polygon(Value const& rings, GeoSink& sink) {
  sink.polygon_start();
  for (auto const& ring : rings.items())
    if (ring.size() > 1) line(ring, sink, 1);
  sink.polygon_end();
}

// Calls visit(geometry) for every geometry in the object.
template <class Visit>
void each_geometry(Value const& object, Visit const& visit, int depth) {
  budget::steps(50);
  if (depth > kMaxDepth) fail("", "geometry collections nested deeper than " + std::to_string(kMaxDepth));
  if (auto const* table = object.table()) {
    for (std::size_t row = 0; row < table->size(); ++row) {
      // Rows of features need not be made: all that counts is one cell.
      bool const feature = table->get(row, "type").string() == "Feature";
      each_geometry(feature ? table->get(row, "geometry") : table->row(row), visit, depth + (feature ? 2 : 1));
    }
    return;
  }
  if (object.is_array()) {
    for (auto const& one : object.items()) each_geometry(one, visit, depth + 1);
    return;
  }
  auto const type = object["type"].string();
  if (type == "Feature")
    each_geometry(object["geometry"], visit, depth + 1);
  else if (type == "FeatureCollection")
    each_geometry(object["features"], visit, depth + 1);
  else if (type == "GeometryCollection")
    each_geometry(object["geometries"], visit, depth + 1);
  else
    visit(object);
}

void stream(Value const& geometry, GeoSink& sink) {
  auto const type = geometry["type"].string();
  auto const& coordinates = geometry["coordinates"];
  if (type == "Sphere")
    sink.sphere();
  else if (type == "Point")
    point(coordinates, sink);
  else if (type == "MultiPoint") {
    budget::steps(100 * coordinates.items().size());
    for (auto const& one : coordinates.items()) point(one, sink);
  } else if (type == "LineString")
    line(coordinates, sink, 0);
  else if (type == "MultiLineString")
    for (auto const& one : coordinates.items()) line(one, sink, 0);
  else if (type == "Polygon")
    polygon(coordinates, sink);
  else if (type == "MultiPolygon")
    for (auto const& one : coordinates.items()) polygon(one, sink);
}

}  // namespace

void stream_geometry(Value const& object, GeoSink& sink) {
  each_geometry(
      object, [&](Value const& geometry) { stream(geometry, sink); }, 0);
}

Array distinct_geometries(Value const& object) {
  Array out;
  std::unordered_set<void const*> seen;
  each_geometry(
      object,
      [&](Value const& geometry) {
        if (seen.insert(geometry.identity()).second) out.push_back(geometry);
      },
      0);
  return out;
}

}  // namespace cml::vega
