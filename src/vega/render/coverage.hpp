// Which part of each pixel a union of pieces covers. A stroke is thousands of small convex pieces (a quadrilateral for
// each segment, a wedge for each corner) that overlap; adding up their areas would count twice what two of them cover.
// So each pixel keeps 64 samples as the bits of a word, and pieces are united by "or". What of a pixel lies on one side
// of a line is looked up, by the line's direction and distance from the middle: as many samples as the exact area says,
// those that lie farthest on that side. So a single edge is exact to a 64th, and two pieces that share an edge neither
// overlap along it nor leave a gap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

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
      auto* const marks = marks_.data() + static_cast<std::size_t>(row) * words_;
      for (std::size_t word = 0; word < words_; ++word)
        for (; marks[word] != 0; marks[word] &= marks[word] - 1) {
          auto const tile = static_cast<int>(64 * word) + __builtin_ctzll(marks[word]);
          auto* const samples = at(tile * kTile, row);
          for (int x = 0; x < kTile; ++x) {
            if (samples[x] == 0) continue;
            each(left_ + tile * kTile + x, top_ + row, mask_of(samples[x]));
            samples[x] = 0;
          }
        }
    }
  }

 private:
  static constexpr int kTile = 8;  // Pixels of a row that stand together, those of the row below next to them: most
                                   // pieces of dense lines are high and narrow.
  static std::uint32_t mask_of(std::uint64_t samples) {
    if (~samples == 0) return 255;
    // The number of bits; without the instruction for it, which not every processor has.
    samples -= samples >> 1 & 0x5555555555555555u;
    samples = (samples & 0x3333333333333333u) + (samples >> 2 & 0x3333333333333333u);
    samples = (samples + (samples >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (static_cast<std::uint32_t>(samples * 0x0101010101010101u >> 56) * 255 + 32) / 64;
  }
  struct Side;
  std::uint64_t* at(int x, int row) const {
    return samples_.data() +
           (static_cast<std::size_t>(x / kTile) * static_cast<std::size_t>(height_) + static_cast<std::size_t>(row)) *
               kTile +
           static_cast<std::size_t>(x % kTile);
  }
  // Calls each(x, samples) for the pixels of a row from `begin` to before `end`.
  template <class Each>
  void visit(int row, int begin, int end, Each each) const {
    while (begin < end) {
      int const stop = std::min(end, begin / kTile * kTile + kTile);
      for (auto* samples = at(begin, row); begin < stop; ++begin, ++samples) each(begin, *samples);
    }
  }
  void mark(int row, int first, int last);
  void add_row(int row, std::span<Side const* const> sides, double from, double to);
  void add_rows(int begin, int end, Side const& a, Side const& b);

  int left_ = 0, top_ = 0, width_ = 0, height_ = 0;
  std::size_t words_ = 0;
  // Words that begin as zeros. Zeroed memory is asked of the system, which makes pages of it only where it is used.
  class Words {
   public:
    void need(std::size_t count);
    std::uint64_t* data() const { return words_.get(); }

   private:
    struct Free {
      void operator()(std::uint64_t* words) const { std::free(words); }
    };
    std::unique_ptr<std::uint64_t[], Free> words_;
    std::size_t size_ = 0;
  };
  Words samples_;  // By pixel; zero between take() and add().
  Words marks_;    // By row: bits of tiles in which something may be covered.
};

}  // namespace cml::vega
