// Lines that are straight on the sphere bend in the plane: points are added until the error is below a pixel's fraction
// (d3-geo's adaptive resampling).
#pragma once

#include <functional>
#include <memory>

#include "vega/geo/raw.hpp"
#include "vega/geo/stream.hpp"

namespace cml::vega::geo {

// `precision` is the greatest distance in the plane; 0 projects the points alone.
std::unique_ptr<GeoSink> resample(RawProjection project, double precision, GeoSink& next);

}  // namespace cml::vega::geo
