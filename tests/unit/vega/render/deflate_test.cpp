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

struct Picture {
  std::size_t width, height;
  std::vector<std::uint32_t> pixels;
};
template <class Pixel>
Picture picture(std::size_t width, std::size_t height, Pixel pixel) {
  Picture out{width, height, {}};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) out.pixels.push_back(pixel(x, y));
  return out;
}

std::string packed(Picture const& picture) {
  std::string out;
  append_zlib(out, picture.pixels.data(), picture.width, picture.height);
  return out;
}
// The rows as PNG has them: a filter byte, then R, G, B and A of each pixel.
Bytes rows_of(Picture const& picture) {
  Bytes out;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    if (i % picture.width == 0) out.push_back(0);
    std::uint32_t const pixel = picture.pixels[i], alpha = pixel >> 24;
    for (int shift : {16, 8, 0}) {
      std::uint32_t const channel = pixel >> shift & 255;
      out.push_back(static_cast<unsigned char>(alpha == 0 ? 0 : (channel * 255 + alpha / 2) / alpha));
    }
    out.push_back(static_cast<unsigned char>(alpha));
  }
  return out;
}
// What a decoder of another's making reads; empty when it refuses.
Bytes unpacked(std::string const& stream, std::size_t size) {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decoder(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  Bytes out(size + 1);
  std::size_t actual = 0;
  if (libdeflate_zlib_decompress(decoder.get(), stream.data(), stream.size(), out.data(), out.size(), &actual) !=
      LIBDEFLATE_SUCCESS)
    return {};
  out.resize(actual);
  return out;
}

}  // namespace

TEST_CASE("what was packed is unpacked by another decoder, whatever the picture") {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::uint32_t> any;
  for (std::size_t width : {1u, 2u, 3u, 63u, 64u, 65u, 400u, 9000u})
    for (std::size_t height : {1u, 2u, 7u, 50u}) {
      for (auto const &drawn : {
               picture(width, height, [](auto, auto) { return 0xffffffffu; }),
               picture(width, height, [](auto, auto) { return 0u; }),
               picture(width, height,
                       [](auto x, auto y) { return static_cast<std::uint32_t>(x * 7 + y * 13) | 0xff000000u; }),
               picture(width, height,
                       [](auto x, auto y) { return x % 11 == 0 || y % 5 == 0 ? 0xff000000u : 0xffffffffu; }),
               picture(width, height, [](auto x, auto y) { return x == 0 && y % 3 == 0 ? 0xff000000u : 0xffffffffu; }),
               picture(width, height,
                       [&](auto x, auto y) { return x + 1 == width && y % 3 == 0 ? 0xff000000u : 0xffffffffu; }),
               picture(width, height, [](auto x, auto y) { return x > y ? 0xff0000ffu : 0x80402010u; }),
               picture(width, height,
                       [](auto x, auto y) { return (x / 4 + y / 4) % 2 == 0 ? 0xff0000ffu : 0x20100804u; }),
               picture(width, height, [&](auto, auto) { return any(random) | 0xff000000u; }),
               picture(width, height,
                       [&](auto x, auto) {
                         return any(random) % 9 == 0 ? 0xff102030u : 0xff000000u | static_cast<std::uint32_t>(x / 3);
                       }),
               picture(width, height,
                       [&](auto x, auto) {
                         return any(random) % 99 == 0 ? 0xff102030u : 0xff000000u | static_cast<std::uint32_t>(x % 23);
                       }),
           }) {
        INFO(width << " x " << height);
        auto const rows = rows_of(drawn);
        REQUIRE(unpacked(packed(drawn), rows.size()) == rows);
      }
    }
}

TEST_CASE("every length of a run is unpacked as it was, also where 258 bytes leave one or two over") {
  for (std::size_t width = 1; width <= 600; ++width) {
    INFO(width);
    for (auto const &drawn :
         {picture(width, 1, [&](auto x, auto) { return x + 1 == width ? 0xff000001u : 0xff090909u; }),
          picture(width, 3, [&](auto x, auto y) {
            return x + 1 == width && y == 2 ? 0xff000001u : 0xff090909u + static_cast<std::uint32_t>(x);
          })})
      REQUIRE(unpacked(packed(drawn), rows_of(drawn).size()) == rows_of(drawn));
  }
}

TEST_CASE("a picture of more tokens than one block holds is unpacked as it was") {
  std::mt19937 random(3);
  auto const noise = picture(300, 300, [&](auto, auto) { return static_cast<std::uint32_t>(random()) | 0xff000000u; });
  auto const rows = rows_of(noise);
  auto const stream = packed(noise);
  REQUIRE(unpacked(stream, rows.size()) == rows);
  REQUIRE(stream.size() < rows.size() * 1.02);  // Noise grows by little.
}

TEST_CASE("flat pictures become small") {
  REQUIRE(packed(picture(800, 600, [](auto, auto) { return 0xffffffffu; })).size() < 12'000);
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
