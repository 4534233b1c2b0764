// The picture in memory, and painting one colour into it through a mask.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cml::vega {

struct Pixels {
  unsigned char* data;  // 32-bit words, alpha in the high byte, colours multiplied by it (CAIRO_FORMAT_ARGB32).
  int width, height, stride;
  int left = 0, top = 0, right = width, bottom = height;  // Where may be painted.

  std::uint32_t* row(int y) const {
    return reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
  }
};

struct SolidColor {
  double r, g, b, a;  // 0 to 1, not multiplied.
};

// A colour ready to be laid over pixels.
class Brush {
 public:
  explicit Brush(SolidColor const& c)
      : pixel_(byte(c.a) << 24 | byte(c.r * c.a) << 16 | byte(c.g * c.a) << 8 | byte(c.b * c.a)) {}

  std::uint32_t pixel() const { return pixel_; }  // The colour over nothing.

  // Lays the colour over a pixel, `mask` (0 to 255) of it.
  void paint(std::uint32_t& pixel, std::uint32_t mask) const {
    auto const source = multiply(pixel_, mask);
    pixel = source + multiply(pixel, 255 - (source >> 24));
  }
  // The same for a run of pixels.
  void paint(std::uint32_t* first, std::uint32_t* last, std::uint32_t mask) const {
    auto const source = multiply(pixel_, mask), keep = 255 - (source >> 24);
    if (keep == 0)
      std::fill(first, last, source);
    else
      for (; first < last; ++first) *first = source + multiply(*first, keep);
  }

 private:
  static std::uint32_t byte(double v) { return static_cast<std::uint32_t>(std::lround(v * 255)); }
  // The four channels of `pixel` times `by` / 255, rounded as pixman rounds them; two at a time, in halves of a word.
  static std::uint32_t multiply(std::uint32_t pixel, std::uint32_t by) {
    auto const halves = [by](std::uint32_t two) {
      two = two * by + 0x800080u;
      return (two + (two >> 8 & 0xff00ffu)) >> 8 & 0xff00ffu;
    };
    return halves(pixel & 0xff00ffu) | halves(pixel >> 8 & 0xff00ffu) << 8;
  }
  std::uint32_t pixel_;  // Colours multiplied by alpha, so that none is over it and no sum over 255.
};

}  // namespace cml::vega
