// Canonical Huffman codes as DEFLATE uses them (RFC 1951, 3.2.2).
#pragma once

#include <cstdint>
#include <span>

namespace cml::vega {

struct HuffmanCode {
  std::uint16_t bits = 0;   // Reversed, so that it is written from the lowest bit.
  std::uint8_t length = 0;  // 0: the symbol does not occur.
};

// The codes of symbols that occur `counts` times, none longer than `limit` bits; at most 288 symbols. A single symbol
// gets one bit.
void make_huffman_codes(std::span<std::uint32_t const> counts, int limit, std::span<HuffmanCode> codes);

}  // namespace cml::vega
