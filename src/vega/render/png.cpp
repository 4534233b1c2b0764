// PNG of a picture that is whole in memory.
#include "vega/render/png.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include <libdeflate.h>

#include "vega/render/deflate.hpp"

namespace cml::vega {
namespace {

void append_number(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 255);
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_number(out, static_cast<std::uint32_t>(data.size()));
  auto const start = out.size();
  out.append(type).append(data);
  append_number(out, libdeflate_crc32(0, out.data() + start, out.size() - start));
}

}  // namespace

PixelBuffer::PixelBuffer(int width, int height, std::uint32_t pixel)
    : width_(width),
      height_(height),
      memory_(static_cast<std::uint32_t*>(std::malloc(std::size_t{4} * count())), &std::free) {
  if (!ok()) return;
  auto* const first = memory_.get();  // The other rows are copies: that is several times faster than a loop over words.
  std::fill_n(first, width_, pixel);
  for (int y = 1; y < height_; ++y)
    std::memcpy(first + static_cast<std::ptrdiff_t>(y) * width_, first,
                std::size_t{4} * static_cast<std::size_t>(width_));
}

std::string encode_png(PixelBuffer const& pixels, double ppi) {
  auto const width = static_cast<std::size_t>(pixels.width()), height = static_cast<std::size_t>(pixels.height());
  std::string packed;
  append_zlib(packed, pixels.words(), width, height);
  if (packed.size() > 0x7fffffff) return {};

  std::string out("\x89PNG\r\n\x1a\n", 8), header;
  out.reserve(packed.size() + 128);
  append_number(header, static_cast<std::uint32_t>(width));
  append_number(header, static_cast<std::uint32_t>(height));
  header.append("\x08\x06\0\0\0", 5);  // 8 bits, RGBA; the only compression, filtering and order but interlacing.
  append_chunk(out, "IHDR", header);
  if (ppi > 0) {
    std::string density;
    auto const per_metre = static_cast<std::uint32_t>(std::lround(ppi / 0.0254));
    append_number(density, per_metre);
    append_number(density, per_metre);
    append_chunk(out, "pHYs", density + '\x01');
  }
  append_chunk(out, "IDAT", packed);
  append_chunk(out, "IEND", {});
  return out;
}

}  // namespace cml::vega
