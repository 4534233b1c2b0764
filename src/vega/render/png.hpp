#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace cml::vega {

// Pixels as cairo draws them (CAIRO_FORMAT_ARGB32, rows of 4 * width bytes), transparent at first, with room in front so that they
// become PNG's rows in place: a large picture is in memory once.
class PixelBuffer {
 public:
  PixelBuffer(int width, int height);
  bool ok() const { return memory_ != nullptr; }
  unsigned char* pixels() { return memory_.get() + slack_; }
  int width() const { return width_; }
  int height() const { return height_; }
  int stride() const { return width_ * 4; }

 private:
  friend std::string encode_png(PixelBuffer, double);
  int width_, height_;
  std::size_t slack_;
  std::unique_ptr<unsigned char, decltype(&std::free)> memory_;
};

// An RGBA PNG; `ppi` > 0 is written as pHYs. Uses the buffer up. Empty when memory runs out.
std::string encode_png(PixelBuffer pixels, double ppi);

}  // namespace cml::vega
