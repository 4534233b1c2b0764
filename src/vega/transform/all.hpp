// Every transform: one line here, one row in registry.cpp.
#pragma once

#include "vega/transform/transform.hpp"

namespace cml::vega {

extern TransformType const kAggregate, kBin, kCollect, kContour, kCountPattern, kCross, kCrossFilter, kDensity, kDotBin,
    kExtent, kFilter, kFlatten, kFold, kForce, kFormula, kGeoJson, kGeoPath, kGeoPoint, kGeoShape, kGraticule, kHeatmap,
    kIdentifier, kImpute, kIsocontour, kJoinAggregate, kKde, kKde2d, kLinkPath, kLoess, kLookup, kNest, kPack,
    kPartition, kPie, kPivot, kProject, kQuantile, kRegression, kResolveFilter, kSample, kSequence, kStack, kStratify,
    kTimeUnit, kTree, kTreeLinks, kTreemap, kVoronoi, kWindow;

}  // namespace cml::vega
