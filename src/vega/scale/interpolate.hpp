// Interpolators between two or more range values, as d3-interpolate has them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "vega/value/value.hpp"

namespace cml::vega {

using Interpolator = std::function<Value(double)>;
using InterpolatorFactory = std::function<Interpolator(Value const&, Value const&)>;

// Chosen by the type of the second value: numbers, colours (rgb), other strings by the numbers in them, dates, arrays.
Interpolator interpolate_values(Value const& a, Value const& b);
Interpolator interpolate_round(Value const& a, Value const& b);
// "rgb", "hsl", "hsl-long", "lab", "hcl", "hcl-long", "cubehelix", "cubehelix-long"; gamma NaN is the default.
// Other names give interpolate_values.
InterpolatorFactory color_interpolation(std::string_view name, double gamma);
// Equal pieces over [0, 1].
Interpolator piecewise(InterpolatorFactory const& factory, Array const& values);

}  // namespace cml::vega
