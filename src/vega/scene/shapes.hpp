// The outlines of items (d3-shape and vega-scenegraph paths) and their bounding boxes.
#pragma once

#include <functional>
#include <string>

#include "vega/scene/path.hpp"
#include "vega/scene/scene.hpp"
#include "vega/scene/text.hpp"

namespace cml::vega {

// Arc, symbol, shape, path and rect outlines. Arc, symbol and shape are relative to the item's (x, y); rect and path
// are not. False when the item has no outline.
bool trace_item(Mark const& mark, std::size_t item, PathSink& sink);
// Two circles of a trail that follow each other, and what lies between their widths.
struct TrailPiece {
  double x1, y1, r1, x2, y2, r2;
};
void each_trail_piece(Mark const& trail, std::function<void(TrailPiece const&)> const& each);
// The one outline of a line, area or trail mark.
void trace_nested(Mark const& mark, PathSink& sink);
// A group's rectangle with its corner radii, at (x, y).
void trace_group(Mark const& group, std::size_t item, double x, double y, PathSink& sink);
// Half-pixel correction of a group's stroke.
double group_stroke_offset(Mark const& group, std::size_t item);
bool has_corner_radius(Mark const& mark, std::size_t item);
void trace_symbol(std::string_view shape, double size, PathSink& sink);

// Grows `bounds` by the item's stroke.
void bound_stroke(Mark const& mark, std::size_t item, Bounds& bounds, bool miter);
// Recomputes the boxes of items and mark. Groups: the boxes of the marks inside must be current.
void compute_bounds(Mark& mark, SceneContext& context);
Bounds item_bounds(Mark const& mark, std::size_t item, SceneContext& context);
// The address of an image mark's picture: its own, or that of the image that a transform has made.
std::string image_url(Mark const& mark, std::size_t item);
// Placement of an image item: where it is drawn, keeping its aspect unless told not to.
bool image_box(Mark const& mark, std::size_t item, double natural_width, double natural_height, Bounds& box);

}  // namespace cml::vega
