// How items are stroked and blended, as canvas understands their channels.
#pragma once

#include <string_view>

#include <cairo.h>

#include "vega/render/stroke.hpp"
#include "vega/scene/scene.hpp"
#include "vega/value/color.hpp"

namespace cml::vega {

SolidColor solid_color(Rgb const& rgb, double alpha);
cairo_operator_t blend_operator(std::string_view name);  // OVER for an unknown name.

// A gradient over a box, which the caller destroys.
cairo_pattern_t* gradient_pattern(Value const& gradient, double alpha, Bounds const& box);

// In units of the scene. A width of 0: nothing shows. Dashes that canvas refuses are none.
StrokeStyle stroke_style(Mark const& mark, std::size_t item);
void set_stroke_style(cairo_t* cr, StrokeStyle const& style);

}  // namespace cml::vega
