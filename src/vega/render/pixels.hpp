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

  std::uint32_t* row(int y) const { return reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride); }
};

struct SolidColor {
  double r, g, b, a;  // 0 to 1, not multiplied.
};

// A colour ready to be laid over pixels.
class Brush {
 public:
  explicit Brush(SolidColor const& c) : alpha_(byte(c.a)), red_(byte(c.r * c.a)), green_(byte(c.g * c.a)), blue_(byte(c.b * c.a)) {}

  std::uint32_t pixel() const { return alpha_ << 24 | red_ << 16 | green_ << 8 | blue_; }  // The colour over nothing.

  // Lays the colour over a pixel, `mask` (0 to 255) of it.
  void paint(std::uint32_t& pixel, std::uint32_t mask) const {
    if (mask == 255 && alpha_ == 255) {
      pixel = this->pixel();
      return;
    }
    std::uint32_t const under = pixel, keep = 255 - multiply(alpha_, mask);
    auto const mix = [&](std::uint32_t source, int shift) { return std::min(multiply(source, mask) + multiply(under >> shift & 255, keep), 255u) << shift; };
    pixel = mix(alpha_, 24) | mix(red_, 16) | mix(green_, 8) | mix(blue_, 0);
  }

  // The same for a run of pixels.
  void paint(std::uint32_t* first, std::uint32_t* last, std::uint32_t mask) const {
    if (mask == 255 && alpha_ == 255) std::fill(first, last, pixel());
    else
      for (; first < last; ++first) paint(*first, mask);
  }

 private:
  static std::uint32_t byte(double v) { return static_cast<std::uint32_t>(std::lround(v * 255)); }
  // a * b / 255, rounded, as pixman multiplies 8-bit channels.
  static std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
    std::uint32_t const t = a * b + 128;
    return (t + (t >> 8)) >> 8;
  }
  std::uint32_t alpha_, red_, green_, blue_;
};

}  // namespace cml::vega
