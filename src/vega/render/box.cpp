#include "vega/render/box.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cml::vega {
namespace {

constexpr int kBoxParts = 256;  // Of a pixel.

// An interval in parts, within [low, high] pixels.
struct Span {
  int first = 0, last = 0;
  Span(double from, double to, int low, int high) {
    auto const parts = [&](double v) {
      return static_cast<int>(
          std::lround(std::clamp(v, static_cast<double>(low), static_cast<double>(high)) * kBoxParts));
    };
    first = parts(from), last = parts(to);
  }
  bool empty() const { return first >= last; }
  int begin() const { return first / kBoxParts; }  // The pixels that it touches.
  int end() const { return (last + kBoxParts - 1) / kBoxParts; }
  int over(int pixel) const {
    return std::max(0, std::min(last, (pixel + 1) * kBoxParts) - std::max(first, pixel * kBoxParts));
  }
};

std::uint32_t mask_of(int area) {
  return static_cast<std::uint32_t>((area * 255 + kBoxParts * kBoxParts / 2) / (kBoxParts * kBoxParts));
}

}  // namespace

bool PixelBox::whole() const {
  for (double v : {left, top, right, bottom})
    if (!(std::fabs(v - std::round(v)) * 2 * kBoxParts < 1)) return false;
  return true;
}

void paint_frame(Pixels const& pixels, PixelBox const& outer, PixelBox const& inner, SolidColor const& color) {
  Span const across(outer.left, outer.right, pixels.left, pixels.right),
      down(outer.top, outer.bottom, pixels.top, pixels.bottom);
  if (across.empty() || down.empty()) return;
  bool const hollow = !inner.empty();
  Span const hole(inner.left, inner.right, pixels.left, pixels.right),
      hole_down(inner.top, inner.bottom, pixels.top, pixels.bottom);
  // Between these columns all pixels of a row are alike.
  std::array<int, 8> cuts{across.begin(), across.begin() + 1, across.end() - 1, across.end(),
                          hole.begin(),   hole.begin() + 1,   hole.end() - 1,   hole.end()};
  for (auto& cut : cuts) cut = std::clamp(cut, across.begin(), across.end());
  std::sort(cuts.begin(), cuts.end());
  Brush const brush(color);
  for (int y = down.begin(); y < down.end(); ++y) {
    int const high = down.over(y), hole_high = hollow ? hole_down.over(y) : 0;
    auto* const line = pixels.row(y);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
      if (cuts[i] < cuts[i + 1])
        if (auto const mask = mask_of(across.over(cuts[i]) * high - hole.over(cuts[i]) * hole_high))
          brush.paint(line + cuts[i], line + cuts[i + 1], mask);
  }
}

void BoxSink::rect(double x, double y, double width, double height) {
  ++boxes_;
  box_ = {std::min(x, x + width), std::min(y, y + height), std::max(x, x + width), std::max(y, y + height)};
}

}  // namespace cml::vega
