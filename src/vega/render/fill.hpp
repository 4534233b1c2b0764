// Filling outlines straight into pixels. Charts are thousands of small outlines, most of them letters; what a general
// scan converter prepares for each costs far more than the few pixels. Coverage is the exact area under each edge, so
// it is as good as the reference's sampling, and differs from it by less than a 30th of a pixel's weight.
#pragma once

#include <vector>

#include "vega/render/flatten.hpp"
#include "vega/render/pixels.hpp"

namespace cml::vega {

// How much of each pixel of a box is covered, 0 to 255, row by row; (left, top) is the box's place.
struct Mask {
  int left = 0, top = 0, width = 0, height = 0;
  std::vector<std::uint8_t> coverage;
};
// Lays a colour over the pixels under a mask moved by (x, y).
void paint_mask(Pixels const& pixels, Mask const& mask, int x, int y, Brush const& brush);

// Takes outlines, open ones closed as canvas fills them, and paints their inside (non-zero winding).
class FillSink final : public Flattener<FillSink> {
 public:
  // Begins a new outline; coordinates are in the user space that `to_device` maps to pixels.
  void start(Affine const& to_device);
  void close() override;

  // False, with nothing painted: too large for this way to be the quicker one, or not finite.
  bool paint(Pixels const& pixels, SolidColor const& color);
  // The same as a mask, not cut to a picture.
  bool mask(Mask& out);

 private:
  friend class Flattener<FillSink>;
  struct Edge {
    PixelPoint from, to;
  };
  struct Box {
    double left, top, right, bottom;
    bool empty() const { return !(left < right && top < bottom); }
  };
  void begin_outline() {}
  void end_outline() { close(); }
  void leave_along(PixelPoint, PixelPoint, PixelPoint) {}
  void arrive_along(PixelPoint, PixelPoint, PixelPoint) {}
  void edge_to(PixelPoint to, bool) {
    edges_.push_back({at_, to});
    at_ = to;
  }
  bool accumulate(Box& box);
  template <class Each>
  void sweep(Box const& box, Each each) const;
  void cover(Edge edge, double left, double top, std::size_t stride, double right, double bottom);

  std::vector<Edge> edges_;
  std::vector<float> area_;
};

}  // namespace cml::vega
