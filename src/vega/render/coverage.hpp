// Which part of each pixel a union of pieces covers. A stroke is thousands of small convex pieces (a quadrilateral for
// each segment, a wedge for each corner) that overlap; adding up their areas would count twice what two of them cover.
// So each pixel keeps 64 samples as the bits of a word, and pieces are united by "or". What of a pixel lies on one side
// of a line is looked up, by the line's direction and distance from the middle: as many samples as the exact area says,
// those that lie farthest on that side. So a single edge is exact to a 64th, and two pieces that share an edge neither
// overlap along it nor leave a gap.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "vega/render/flatten.hpp"
#include "vega/render/pixels.hpp"

namespace cml::vega {

class Coverage {
 public:
  // A box of pixels, nothing of it covered. What the one before covered must have been taken.
  void start(int left, int top, int right, int bottom);
  // A convex polygon, its corners in order, either way round, in the picture's pixels.
  void add(std::span<PixelPoint const> corners);
  // A sector of a circle: from a point of it on, `sweep` radians, at most half a turn or a whole one.
  void add_sector(PixelPoint middle, PixelPoint from, double sweep);
  // Calls each(x, y, mask) for every pixel of which something is covered, mask 1 to 255, and uncovers it.
  template <class Each>
  void take(Each each) {
    for (int row = 0; row < height_; ++row) {
      for (std::size_t word = 0; word < words_; ++word) {
        auto& marks = marks_[static_cast<std::size_t>(row) * words_ + word];
        for (; marks != 0; marks &= marks - 1) {
          auto const column = static_cast<int>(64 * word) + __builtin_ctzll(marks);
          auto& tile = tile_of_[place_of(column, row)];
          auto& samples = tiles_[tile - 1];
          for (int x = 0; x < kTile; ++x)
            if (auto const of_pixel = samples[static_cast<std::size_t>(x)]; of_pixel != 0)
              each(left_ + column * kTile + x, top_ + row, mask_of(of_pixel));
          samples = {};
          tile = 0;
        }
      }
    }
    used_ = 0;
  }

 private:
  static constexpr int kTile = 8;  // Pixels of a row, a cache line of samples.
  using Tile = std::array<std::uint64_t, kTile>;
  static std::uint32_t mask_of(std::uint64_t samples) {
    if (~samples == 0) return 255;
    // The number of bits; without the instruction for it, which not every processor has.
    samples -= samples >> 1 & 0x5555555555555555u;
    samples = (samples & 0x3333333333333333u) + (samples >> 2 & 0x3333333333333333u);
    samples = (samples + (samples >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (static_cast<std::uint32_t>(samples * 0x0101010101010101u >> 56) * 255 + 32) / 64;
  }
  struct Side;
  std::size_t place_of(int column,
                       int row) const {  // Column by column: most pieces of dense lines are high and narrow.
    return static_cast<std::size_t>(column) * static_cast<std::size_t>(height_) + static_cast<std::size_t>(row);
  }
  // Calls each(x, samples) for the pixels of a row from `begin` to before `end`.
  template <class Each>
  void visit(int row, int begin, int end, Each each) {
    while (begin < end) {
      int const column = begin / kTile, stop = std::min(end, column * kTile + kTile);
      auto& tile = tile_of_[place_of(column, row)];
      if (tile == 0) tile = add_tile(column, row);
      auto* samples = tiles_[tile - 1].data() + begin % kTile;
      for (; begin < stop; ++begin, ++samples) each(begin, *samples);
    }
  }
  std::uint32_t add_tile(int column, int row);
  void add_row(int row, std::span<Side const* const> sides, double from, double to);
  void add_rows(int begin, int end, Side const& a, Side const& b);

  int left_ = 0, top_ = 0, width_ = 0, height_ = 0;
  std::size_t words_ = 0;
  // Numbers that begin as zeros. Zeroed memory is asked of the system, which makes pages of it only where it is used.
  template <class Number>
  class Zeros {
   public:
    void need(std::size_t count) {
      if (count <= size_) return;
      numbers_.reset();  // What there was is zero, too.
      size_ = 0;
      numbers_.reset(static_cast<Number*>(std::calloc(count, sizeof(Number))));
      if (!numbers_) throw std::bad_alloc();
      size_ = count;
    }
    Number& operator[](std::size_t at) const { return numbers_[at]; }

   private:
    struct Free {
      void operator()(Number* numbers) const { std::free(numbers); }
    };
    std::unique_ptr<Number[], Free> numbers_;
    std::size_t size_ = 0;
  };
  // Only the tiles that something covers are made, next to each other: a line's box is mostly empty, and its pages and
  // cache lines would cost a small chart more than the line. All of it is zero between take() and add().
  Zeros<std::uint32_t> tile_of_;  // By column and row of tiles: one more than the index of its samples, or 0.
  Zeros<std::uint64_t> marks_;    // By row: bits of the columns that have a tile.
  std::vector<Tile> tiles_;
  std::size_t used_ = 0;
};

}  // namespace cml::vega
