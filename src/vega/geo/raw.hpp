// Raw projections: from longitude and latitude in radians to the plane at unit scale, and back (d3-geo,
// d3-geo-projection).
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "vega/geo/sphere.hpp"

namespace cml::vega::geo {

struct PlanePoint {
  double x = 0, y = 0;
};
using RawProjection = std::function<PlanePoint(double lambda, double phi)>;
struct RawMap {
  RawProjection project;
  std::function<Angles(double x, double y)> invert;
};

enum class Family { Plain, Conic, Mercator, TransverseMercator, Identity, AlbersUsa };
struct ProjectionType {
  std::string_view name;  // In lower case.
  Family family;
  double scale;
  double clip_angle;  // Degrees; 0: the antimeridian is cut instead.
  PlanePoint center;
  PlanePoint parallels;  // Degrees; conic projections only.
  RawMap (*make)(double phi0, double phi1);
};
ProjectionType const* find_projection_type(std::string_view name);  // Null when unknown; capitals do not matter.
std::string_view projection_names();

}  // namespace cml::vega::geo
