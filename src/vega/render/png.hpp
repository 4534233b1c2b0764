#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace cml::vega {

// Pixels as cairo draws them (CAIRO_FORMAT_ARGB32, rows of 4 * width bytes), all of them `pixel` at first. The memory
// is not asked for zeroed: allocators give such memory back to the kernel first, and taking it anew for every picture
// costs a tenth of drawing it.
class PixelBuffer {
 public:
  PixelBuffer(int width, int height, std::uint32_t pixel = 0);
  bool ok() const { return memory_ != nullptr; }
  unsigned char* pixels() { return reinterpret_cast<unsigned char*>(memory_.get()); }
  std::uint32_t const* words() const { return memory_.get(); }
  int width() const { return width_; }
  int height() const { return height_; }
  int stride() const { return width_ * 4; }

 private:
  std::size_t count() const { return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_); }
  int width_, height_;
  std::unique_ptr<std::uint32_t, decltype(&std::free)> memory_;
};

// An RGBA PNG; `ppi` > 0 is written as pHYs. Empty when it would be over 2 GB.
std::string encode_png(PixelBuffer const& pixels, double ppi);

}  // namespace cml::vega
