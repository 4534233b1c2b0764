// Scales and projections of the chart, by name.
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"

namespace cml::vega {
namespace {

std::string name(Call const& c) { return c[0].is_string() ? std::string(c[0].string()) : std::string(); }
Value list_or_empty(Value value) { return value.is_undefined() ? Value(Array()) : value; }

Value bandspace(Call const& c) {
  auto const number = [&c](std::size_t i) { return c[i].truthy() ? c.number(i) : 0.0; };
  double const count = number(0), space = count - number(1) + number(2) * 2;
  return count ? (space > 0 ? space : 1) : 0;
}
Value bandwidth(Call const& c) {
  auto const width = c.scope.bandwidth(name(c));
  return width.is_undefined() ? Value(0) : width;
}
Value gradient(Call const& c) {
  double const count = c.number(3);
  return c.scope.gradient(name(c), c[1], c[2], count > 0 ? count : 15);
}
template <char const* measure>
Value geo(Call const& c) {
  return c.scope.geo(measure, name(c), c[1]);
}
constexpr char kArea[] = "area", kBounds[] = "bounds", kCentroid[] = "centroid", kScale[] = "scale",
               kTranslate[] = "translate", kShape[] = "shape";

Value scale(Call const& c) { return c.scope.scale(name(c), c[1]); }
Value range(Call const& c) { return list_or_empty(c.scope.range(name(c))); }

constexpr FunctionType kScales[] = {
    {"scale", 1, -1, scale},
    {"invert", 1, -1, [](Call const& c) { return c.scope.invert(name(c), c[1]); }},
    {"domain", 1, -1, [](Call const& c) { return list_or_empty(c.scope.domain(name(c))); }},
    {"range", 1, -1, range},
    {"bandwidth", 1, -1, bandwidth},
    {"bandspace", 1, -1, bandspace},
    {"gradient", 3, -1, gradient},
    {"_scale", 2, -1, scale},
    {"_range", 1, -1, range},
    {"_bandwidth", 1, -1, bandwidth},
    {"geoArea", 2, -1, geo<kArea>},
    {"geoBounds", 2, -1, geo<kBounds>},
    {"geoCentroid", 2, -1, geo<kCentroid>},
    {"geoScale", 1, -1, geo<kScale>},
    {"geoTranslate", 1, -1, geo<kTranslate>},
    {"geoShape", 2, -1, geo<kShape>},
};

}  // namespace

std::span<FunctionType const> scale_functions() { return kScales; }

}  // namespace cml::vega
