#include "vega/geo/stream.hpp"

#include "vega/value/error.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {
namespace {

constexpr int kMaxDepth = 64;

void point(Value const& position, GeoSink& sink) { sink.point(position.at(0).to_number(), position.at(1).to_number()); }
void line(Value const& positions, GeoSink& sink, std::size_t closed) {
  auto const n = positions.size();
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

void stream(Value const& object, GeoSink& sink, int depth) {
  if (depth > kMaxDepth) fail("", "geometry collections nested deeper than " + std::to_string(kMaxDepth));
  if (auto const* table = object.table()) {
    for (std::size_t row = 0; row < table->size(); ++row) stream(table->row(row), sink, depth + 1);
    return;
  }
  if (object.is_array()) {
    for (auto const& one : object.items()) stream(one, sink, depth + 1);
    return;
  }
  auto const type = object["type"].string();
  auto const& coordinates = object["coordinates"];
  if (type == "Feature") stream(object["geometry"], sink, depth + 1);
  else if (type == "FeatureCollection") stream(object["features"], sink, depth + 1);
  else if (type == "GeometryCollection") stream(object["geometries"], sink, depth + 1);
  else if (type == "Sphere") sink.sphere();
  else if (type == "Point") point(coordinates, sink);
  else if (type == "MultiPoint")
    for (auto const& one : coordinates.items()) point(one, sink);
  else if (type == "LineString") line(coordinates, sink, 0);
  else if (type == "MultiLineString")
    for (auto const& one : coordinates.items()) line(one, sink, 0);
  else if (type == "Polygon") polygon(coordinates, sink);
  else if (type == "MultiPolygon")
    for (auto const& one : coordinates.items()) polygon(one, sink);
}

}  // namespace

void stream_geometry(Value const& object, GeoSink& sink) { stream(object, sink, 0); }

}  // namespace cml::vega
