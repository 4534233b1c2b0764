// Table: the transforms this engine knows.
#include <algorithm>
#include <array>
#include <cmath>

#include "vega/transform/all.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr std::array kTransforms{
    &kAggregate,  &kBin,      &kCollect,    &kContour,       &kCountPattern, &kCross,     &kCrossFilter,
    &kDensity,    &kDotBin,   &kExtent,     &kFilter,        &kFlatten,      &kFold,      &kForce,
    &kFormula,    &kGeoJson,  &kGeoPath,    &kGeoPoint,      &kGeoShape,     &kGraticule, &kHeatmap,
    &kIdentifier, &kImpute,   &kIsocontour, &kJoinAggregate, &kKde,          &kKde2d,     &kLinkPath,
    &kLoess,      &kLookup,   &kNest,       &kPack,          &kPartition,    &kPie,       &kPivot,
    &kProject,    &kQuantile, &kRegression, &kResolveFilter, &kSample,       &kSequence,  &kStack,
    &kStratify,   &kTimeUnit, &kTree,       &kTreeLinks,     &kTreemap,      &kVoronoi,   &kWindow};
// Vega's other transforms, so that a message can tell "not yet" from a spelling mistake.
constexpr std::array<std::string_view, 2> kUnsupported{"label", "wordcloud"};

std::string lower(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// Every transform goes over all rows, for each of the fields and operations that it is given, and many sort.
void count_work(Table const& input, Value const& transform) {
  auto const rows = static_cast<double>(input.size());
  double asked = 1;
  for (auto const& entry : transform.properties()) asked += static_cast<double>(entry.second.items().size());
  budget::steps(1000 + rows * asked * (4 + std::log2(rows + 1)));
}

}  // namespace

std::span<TransformType const* const> all_transforms() { return kTransforms; }

TransformType const* find_transform(std::string_view name) {
  auto const wanted = lower(name);
  for (auto const* type : kTransforms)
    if (type->name == wanted) return type;
  return nullptr;
}

TableRef apply_transform(TableRef input, Value const& transform, TransformContext& context) {
  auto const name = transform["type"].string();
  auto const* type = find_transform(name);
  if (!type) {
    auto const wanted = lower(name);
    bool const known = std::find(kUnsupported.begin(), kUnsupported.end(), wanted) != kUnsupported.end();
    if (known) fail_unsupported(context.path, "the transform \"" + std::string(name) + "\" is not supported");
    fail(context.path, "unknown transform \"" + std::string(name.substr(0, 60)) + "\"");
  }
  for (auto const& [key, value] : transform.properties()) {
    if (key == "type" || key == "signal" || key == "as" || key == "comment" || key == "description") continue;
    if (std::find(type->parameters.begin(), type->parameters.end(), key.view()) == type->parameters.end())
      context.diagnostics.warn(context.path, "the transform " + std::string(type->name) + " has no parameter \"" +
                                                 std::string(key.view()) + "\"");
  }
  context.signal = Value();
  budget::Place const place(context.path);
  count_work(*input, transform);
  return type->apply(std::move(input), transform, context);
}

}  // namespace cml::vega
