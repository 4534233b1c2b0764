// Map projections: geometry clipped, projected, resampled where lines bend, and placed in the plane (d3-geo).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "vega/geo/stream.hpp"
#include "vega/value/outline.hpp"

namespace cml::vega {

class Projection {
 public:
  // From a spec with signals resolved: type, scale, translate, center, rotate, parallels, precision, clipAngle,
  // clipExtent, reflectX, reflectY, pointRadius; fit (GeoJSON, or a list of it) with extent or size. Fails
  // (EngineError) with `path` on an unknown type or malformed numbers.
  static std::shared_ptr<Projection const> make(Value const& spec, std::string const& path);
  virtual ~Projection() = default;

  // Longitude and latitude in degrees; nothing when the point is clipped away (composite projections only).
  virtual std::optional<std::pair<double, double>> operator()(double longitude, double latitude) const = 0;
  // The way back: degrees of a point of the plane, NaN where there are none.
  virtual std::pair<double, double> invert(double x, double y) const = 0;
  // Streams an object through the projection into the plane.
  virtual void project(Value const& object, GeoSink& sink) const = 0;
  virtual double scale() const = 0;
  virtual std::pair<double, double> translate() const = 0;

  double point_radius = 4.5;

  // Outlines made before, by the identity of a feature's geometry: panels of a trellis draw the same shapes. Each keeps
  // its geometry alive.
  struct Known {
    Value geometry, outline;
  };
  mutable std::unordered_map<void const*, Known> outlines;
};

// The outline of an object; empty when nothing is visible. Without a projection coordinates are taken as they are.
Ref<Outline> geo_outline(Projection const* projection, Value const& object, double point_radius);

// Measures in the plane, through a projection.
double plane_area(Projection const* projection, Value const& object);
Value plane_bounds(Projection const* projection, Value const& object);    // [[x0, y0], [x1, y1]]
Value plane_centroid(Projection const* projection, Value const& object);  // [x, y]
// Measures on the sphere, in degrees; the area in steradians.
double sphere_area(Value const& object);
Value sphere_bounds(Value const& object);
Value sphere_centroid(Value const& object);
// What the expression functions answer: "area", "bounds", "centroid", "scale", "translate"; undefined for others.
Value geo_measure(std::string_view measure, Projection const* projection, Value const& object);

}  // namespace cml::vega
