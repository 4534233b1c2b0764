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

std::uint32_t swap_red_and_blue(std::uint32_t p) { return (p & 0xff00ff00u) | (p >> 16 & 255) | (p & 255) << 16; }
std::uint32_t straighten(std::uint32_t p) {
  std::uint32_t const a = p >> 24;
  if (a == 255) return swap_red_and_blue(p);
  if (a == 0) return 0;
  auto const straight = [a](std::uint32_t c) { return ((c & 255) * 255 + a / 2) / a & 255; };
  return straight(p >> 16) | straight(p >> 8) << 8 | straight(p) << 16 | a << 24;
}
// One row from premultiplied ARGB words to RGBA bytes; `target` may overlap `source` from below.
void straighten(unsigned char const* source, unsigned char* target, std::size_t width) {
  constexpr std::size_t kBatch = 8;  // Mostly all opaque: then without a branch, so that the compiler takes them at once.
  std::uint32_t words[kBatch];
  std::size_t x = 0;
  for (; x + kBatch <= width; x += kBatch) {
    std::memcpy(words, source + 4 * x, sizeof words);
    std::uint32_t opaque = 0xff000000u;
    for (auto word : words) opaque &= word;
    if (opaque == 0xff000000u)
      for (auto& word : words) word = swap_red_and_blue(word);
    else
      for (auto& word : words) word = straighten(word);
    std::memcpy(target + 4 * x, words, sizeof words);
  }
  for (; x < width; ++x) {
    std::memcpy(words, source + 4 * x, 4);
    words[0] = straighten(words[0]);
    std::memcpy(target + 4 * x, words, 4);
  }
}

}  // namespace

// Each row needs one byte more in front, so the pixels start `height` bytes in, rounded up to a word.
PixelBuffer::PixelBuffer(int width, int height)
    : width_(width), height_(height), slack_((static_cast<std::size_t>(height) + 15) / 16 * 16),
      memory_(static_cast<unsigned char*>(std::calloc(slack_ + static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 4, 1)), &std::free) {}

std::string encode_png(PixelBuffer pixels, double ppi) {
  auto const width = static_cast<std::size_t>(pixels.width_), height = static_cast<std::size_t>(pixels.height_);
  auto* const rows = pixels.memory_.get();
  for (std::size_t y = 0; y < height; ++y) {
    auto* const target = rows + y * (4 * width + 1);
    straighten(pixels.pixels() + y * 4 * width, target + 1, width);
    *target = 0;  // Filter type: none; on flat colours the others make nothing smaller.
  }
  auto const size = height * (4 * width + 1);
  std::string packed;
  append_zlib(packed, rows, size, 4 * width + 1);
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
