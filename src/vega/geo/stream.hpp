// GeoJSON as a stream of points, lines and rings (d3-geo's streams): what clips, projects and measures it are links of
// one chain.
#pragma once

#include "vega/value/value.hpp"

namespace cml::vega {

class GeoSink {
 public:
  virtual ~GeoSink() = default;
  virtual void point(double x, double y) = 0;
  virtual void line_start() {}
  virtual void line_end() {}
  virtual void polygon_start() {}
  virtual void polygon_end() {}
  virtual void sphere() {}
};

// A geometry, a feature, a collection of either, or a list or table of them. Anything else is nothing. Polygon rings
// leave out their repeated last point. Collections nested too deep fail (EngineError).
void stream_geometry(Value const& object, GeoSink& sink);

// The geometries in an object, without their features and collections; one that several features share stands once.
Array distinct_geometries(Value const& object);

}  // namespace cml::vega
