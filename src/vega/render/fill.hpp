// Filling outlines straight into pixels. Charts are thousands of small outlines, most of them letters; what a general
// scan converter prepares for each costs far more than the few pixels. Coverage is the exact area under each edge, so
// it is as good as the reference's sampling, and differs from it by less than a 30th of a pixel's weight.
#pragma once

#include <vector>

#include "vega/render/pixels.hpp"
#include "vega/scene/path.hpp"

namespace cml::vega {

inline constexpr double kFarthest = 1e6;  // Pixels; coordinates beyond are left to cairo, which cuts them.

struct Affine {
  double xx = 1, yx = 0, xy = 0, yy = 1, x0 = 0, y0 = 0;  // x' = xx x + xy y + x0; y' = yx x + yy y + y0.
};

// How much of each pixel of a box is covered, 0 to 255, row by row; (left, top) is the box's place.
struct Mask {
  int left = 0, top = 0, width = 0, height = 0;
  std::vector<std::uint8_t> coverage;
};
// Lays a colour over the pixels under a mask moved by (x, y).
void paint_mask(Pixels const& pixels, Mask const& mask, int x, int y, Brush const& brush);

// Takes outlines, open ones closed as canvas fills them, and paints their inside (non-zero winding).
class FillSink final : public PathSink {
 public:
  // Begins a new outline; coordinates are in the user space that `to_device` maps to pixels.
  void start(Affine const& to_device);
  void move_to(double x, double y) override;
  void line_to(double x, double y) override;
  void curve_to(double x1, double y1, double x2, double y2, double x, double y) override;
  void quad_to(double x1, double y1, double x, double y) override;
  void arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) override;
  void rect(double x, double y, double width, double height) override;
  void close() override;

  // False, with nothing painted: too large for this way to be the quicker one, or not finite.
  bool paint(Pixels const& pixels, SolidColor const& color);
  // The same as a mask, not cut to a picture.
  bool mask(Mask& out);

 private:
  struct Point {
    double x, y;
  };
  struct Edge {
    Point from, to;
  };
  struct Box {
    double left, top, right, bottom;
    bool empty() const { return !(left < right && top < bottom); }
  };
  bool accumulate(Box& box);
  template <class Each>
  void sweep(Box const& box, Each each) const;
  Point device(double x, double y) const { return {m_.xx * x + m_.xy * y + m_.x0, m_.yx * x + m_.yy * y + m_.y0}; }
  void edge_to(Point to);
  void cover(Edge edge, double left, double top, std::size_t stride, double right, double bottom);

  Affine m_;
  std::vector<Edge> edges_;
  std::vector<float> area_;
  Point at_{0, 0}, first_{0, 0};  // In pixels.
  bool open_ = false;
};

}  // namespace cml::vega
