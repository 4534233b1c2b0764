// From pixels as cairo draws them to those of a PNG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cml::vega {

inline std::uint32_t swap_red_and_blue(std::uint32_t p) {
  return (p & 0xff00ff00u) | (p >> 16 & 255) | (p & 255) << 16;
}

// A pixel of CAIRO_FORMAT_ARGB32, its colours divided by its alpha again: R, G, B, A from the lowest byte.
inline std::uint32_t straighten(std::uint32_t p) {
  std::uint32_t const a = p >> 24;
  if (a == 255) return swap_red_and_blue(p);
  if (a == 0) return 0;
  auto const straight = [a](std::uint32_t c) { return ((c & 255) * 255 + a / 2) / a & 255; };
  return straight(p >> 16) | straight(p >> 8) << 8 | straight(p) << 16 | a << 24;
}

// One row, to bytes R, G, B, A.
inline void straighten(std::uint32_t const* source, unsigned char* target, std::size_t width) {
  constexpr std::size_t kBatch =
      8;  // Mostly all opaque: then without a branch, so that the compiler takes them at once.
  std::uint32_t words[kBatch];
  std::size_t x = 0;
  for (; x + kBatch <= width; x += kBatch) {
    std::memcpy(words, source + x, sizeof words);
    std::uint32_t opaque = 0xff000000u;
    for (auto word : words) opaque &= word;
    if (opaque == 0xff000000u)
      for (auto& word : words) word = swap_red_and_blue(word);
    else
      for (auto& word : words) word = straighten(word);
    std::memcpy(target + 4 * x, words, sizeof words);
  }
  for (; x < width; ++x) {
    auto const word = straighten(source[x]);
    std::memcpy(target + 4 * x, &word, 4);
  }
}

}  // namespace cml::vega
