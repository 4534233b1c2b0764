// Level lines of a grid of numbers, by marching squares.
#pragma once

#include <vector>

#include "vega/value/value.hpp"

namespace cml::vega {

// A grid of width x height numbers, row by row, of which x1 to x2 and y1 to y2 is the part that was asked for: what
// lies around it is there for the kernels at the edge.
struct Raster {
  std::vector<double> values;
  double width = 0, height = 0;
};

// One MultiPolygon of GeoJSON for each threshold, with the threshold as "value": what is at or above it. `smooth` puts
// points where a straight line between neighbours would reach the threshold.
std::vector<Value> contours_of(Raster const& raster, std::vector<double> const& thresholds, bool smooth);

// The thresholds between the least (or 0, with `zero`) and the greatest of the values: `count` of them, or about as
// many at round numbers.
std::vector<double> levels_between(std::vector<double> const& values, double count, bool nice, bool zero);

}  // namespace cml::vega
