#pragma once

#include <cstdint>
#include <string>

namespace cml::vega {

// Premultiplied ARGB rows (stride in bytes) to an 8-bit RGBA PNG. ppi 0: no pHYs chunk. Empty when memory runs out.
std::string encode_png(unsigned char const* pixels, int width, int height, int stride, double ppi);

}  // namespace cml::vega
