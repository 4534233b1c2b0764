#pragma once

#include <string>

#include "vega/render/png.hpp"

namespace cml::vega {

// A JPEG of opaque pixels; `ppi` > 0 is written as its density, `quality` is from 1 to 100. Empty when there is not
// enough memory.
std::string encode_jpeg(PixelBuffer const& pixels, double ppi, int quality);

}  // namespace cml::vega
