// Every transform: one line here, one row in registry.cpp.
#pragma once

#include "vega/transform/transform.hpp"

namespace cml::vega {

extern TransformType const kAggregate, kBin, kCollect, kDensity, kExtent, kFilter, kFlatten, kFold, kFormula, kGeoJson,
    kGeoPath, kGeoPoint, kGeoShape, kGraticule, kIdentifier, kImpute, kJoinAggregate, kKde, kLoess, kLookup, kPie,
    kPivot, kProject, kQuantile, kRegression, kSample, kSequence, kStack, kTimeUnit, kVoronoi, kWindow;

}  // namespace cml::vega
