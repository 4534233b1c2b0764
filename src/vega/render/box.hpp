// Upright boxes and frames straight into pixels: bars, cells, grid lines and ticks are most of what a chart has, and
// cairo prepares more for each than it paints.
#pragma once

#include "vega/render/pixels.hpp"
#include "vega/scene/path.hpp"

namespace cml::vega {

// In pixels; a part of a pixel is covered by its area.
struct PixelBox {
  double left, top, right, bottom;
  bool empty() const { return !(left < right && top < bottom); }
  bool whole() const;  // Are all sides between pixels?
};

// Paints `outer` without `inner`, which may be empty. Sides are rounded to 1/256 of a pixel, as cairo does.
void paint_frame(Pixels const& pixels, PixelBox const& outer, PixelBox const& inner, SolidColor const& color);

// Takes an outline and tells whether it is one box.
class BoxSink final : public PathSink {
 public:
  void move_to(double, double) override { other_ = true; }
  void line_to(double, double) override { other_ = true; }
  void curve_to(double, double, double, double, double, double) override { other_ = true; }
  void quad_to(double, double, double, double) override { other_ = true; }
  void arc(double, double, double, double, double, bool) override { other_ = true; }
  void rect(double x, double y, double width, double height) override;
  void close() override {}
  // Null: it is none, or without area.
  PixelBox const* box() const { return boxes_ == 1 && !other_ && !box_.empty() ? &box_ : nullptr; }

 private:
  PixelBox box_{0, 0, 0, 0};
  int boxes_ = 0;
  bool other_ = false;
};

}  // namespace cml::vega
