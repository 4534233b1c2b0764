#include "vega/render/deflate.hpp"

#include <catch2/catch.hpp>
#include <libdeflate.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "vega/render/huffman.hpp"

using namespace cml::vega;

namespace {

using Bytes = std::vector<unsigned char>;

std::string packed(Bytes const& data, std::size_t stride) {
  std::string out;
  append_zlib(out, data.data(), data.size(), stride);
  return out;
}
// What a decoder of another's making reads; empty when it refuses.
Bytes unpacked(std::string const& stream, std::size_t size) {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decoder(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  Bytes out(size + 1);
  std::size_t actual = 0;
  if (libdeflate_zlib_decompress(decoder.get(), stream.data(), stream.size(), out.data(), out.size(), &actual) != LIBDEFLATE_SUCCESS) return {};
  out.resize(actual);
  return out;
}

// Rows as PNG has them: a filter byte, then pixels of four bytes.
template <class Pixel>
Bytes rows_of(std::size_t width, std::size_t height, Pixel pixel) {
  Bytes out;
  for (std::size_t y = 0; y < height; ++y) {
    out.push_back(0);
    for (std::size_t x = 0; x < width; ++x) {
      std::uint32_t const colour = pixel(x, y);
      for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<unsigned char>(colour >> shift & 255));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("what was packed is unpacked by another decoder, whatever the picture") {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::uint32_t> any;
  for (std::size_t width : {1u, 2u, 3u, 63u, 64u, 65u, 400u, 9000u})
    for (std::size_t height : {1u, 2u, 7u, 50u}) {
      for (auto const& data : {
               rows_of(width, height, [](auto, auto) { return 0xffffffffu; }),
               rows_of(width, height, [](auto x, auto y) { return static_cast<std::uint32_t>(x * 7 + y * 13) | 0xff000000u; }),
               rows_of(width, height, [](auto x, auto y) { return x % 11 == 0 || y % 5 == 0 ? 0xff000000u : 0xffffffffu; }),
               rows_of(width, height, [&](auto, auto) { return any(random); }),
               rows_of(width, height, [&](auto x, auto) { return any(random) % 9 == 0 ? 0xff102030u : static_cast<std::uint32_t>(x / 3); }),
           }) {
        INFO(width << " x " << height);
        REQUIRE(unpacked(packed(data, 4 * width + 1), data.size()) == data);
      }
    }
}

TEST_CASE("every length of a run is unpacked as it was, also where 258 bytes leave one or two over") {
  for (std::size_t length = 0; length <= 1100; ++length) {
    Bytes data(length, 9);
    data.push_back(1);
    INFO(length);
    REQUIRE(unpacked(packed(data, 64), data.size()) == data);
  }
  REQUIRE(unpacked(packed({}, 64), 0) == Bytes{});
}

TEST_CASE("a picture of more tokens than one block holds is unpacked as it was") {
  std::mt19937 random(3);
  Bytes data(300'000);
  for (auto& byte : data) byte = static_cast<unsigned char>(random() & 255);
  auto const stream = packed(data, 1001);
  REQUIRE(unpacked(stream, data.size()) == data);
  REQUIRE(stream.size() < data.size() * 1.02);  // Noise grows by little.
}

TEST_CASE("flat pictures become small") {
  auto const white = rows_of(800, 600, [](auto, auto) { return 0xffffffffu; });
  REQUIRE(packed(white, 3201).size() < 12'000);
}

TEST_CASE("codes of rare symbols are cut to the limit and stay complete") {
  // Fibonacci's numbers make the deepest tree.
  std::vector<std::uint32_t> counts{1, 1};
  while (counts.size() < 30) counts.push_back(counts[counts.size() - 1] + counts[counts.size() - 2]);
  for (int limit : {7, 15}) {
    std::vector<HuffmanCode> codes(counts.size());
    make_huffman_codes(counts, limit, codes);
    double kraft = 0;
    for (auto const& code : codes) {
      REQUIRE(code.length >= 1);
      REQUIRE(code.length <= limit);
      kraft += 1.0 / (1 << code.length);
    }
    REQUIRE(kraft == 1.0);
    REQUIRE(codes.back().length <= codes.front().length);
  }
}

TEST_CASE("a lone symbol has one bit and an absent one none") {
  std::vector<std::uint32_t> const counts{0, 5, 0};
  std::vector<HuffmanCode> codes(3);
  make_huffman_codes(counts, 7, codes);
  REQUIRE(codes[0].length == 0);
  REQUIRE(codes[1].length == 1);
}
