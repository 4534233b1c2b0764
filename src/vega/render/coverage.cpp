#include "vega/render/coverage.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <new>

#include "vega/render/side_table.hpp"
#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr std::size_t kMostCorners = 64;

}  // namespace

// One side of a polygon: where it runs, and how far inside of it a point lies, in steps.
struct Coverage::Side {
  double x, y, low, high, slope;     // A point of it, its ends in y, and dx/dy.
  float normal_x, normal_y, offset;  // Of steps: normal_x * x + normal_y * y - offset.
  std::uint64_t const* table;        // From the middle of the SideTable.

  double at(double of_y) const { return x + (of_y - y) * slope; }
  float steps(float at_x, float at_y) const { return normal_x * at_x + (normal_y * at_y - offset); }
  std::uint64_t inside(float steps) const {
    constexpr float kBeyond = kReach + 1;
    // Rounded by adding so much that no fraction is left: a call of lrint for each pixel would be most of the work.
    constexpr float kWhole = 12582912;  // 1.5 * 2^23.
    float const shifted = std::min(kBeyond, std::max(-kBeyond, steps)) + kWhole;
    return table[std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kWhole)];
  }
};

void Coverage::start(int left, int top, int right, int bottom) {
  left_ = left, top_ = top, width_ = std::max(0, right - left), height_ = std::max(0, bottom - top);
  auto const columns = (static_cast<std::size_t>(width_) + kTile - 1) / kTile;
  words_ = (columns + 63) / 64;
  tile_of_.need(columns * static_cast<std::size_t>(height_));
  marks_.need(words_ * static_cast<std::size_t>(height_));
}

std::uint32_t Coverage::add_tile(int column, int row) {
  marks_[static_cast<std::size_t>(row) * words_ + static_cast<std::size_t>(column) / 64] |= std::uint64_t{1}
                                                                                            << (column % 64);
  if (used_ == tiles_.size()) tiles_.resize(std::max<std::size_t>(64, 2 * used_));
  return static_cast<std::uint32_t>(++used_);
}

// Unites the pixels of a row that lie between `from` and `to` with what all of the sides leave of them.
void Coverage::add_row(int row, std::span<Side const* const> sides, double from, double to) {
  int const first = whole(std::floor(from), 0, width_), last = whole(std::ceil(to), 0, width_);
  if (first >= last) return;
  float const y = static_cast<float>(row) + 0.5f;
  auto const unite = [&](int begin, int end) {
    visit(row, begin, end, [&](int x, std::uint64_t& samples) {
      auto inside = kAll;
      for (auto const* side : sides) inside &= side->inside(side->steps(static_cast<float>(x) + 0.5f, y));
      samples |= inside;
    });
  };
  constexpr int kLong = 12;  // Pixels from which those that are wholly inside are worth finding.
  if (last - first < kLong) return unite(first, last);
  double in = first, out = last;
  for (auto const* side : sides) {
    // Wholly inside from kReach + 1 steps on.
    double const need = kReach + 1 - static_cast<double>(side->steps(0, y));
    if (side->normal_x > 0)
      in = std::max(in, std::ceil(need / side->normal_x - 0.5) + 1);
    else if (side->normal_x < 0)
      out = std::min(out, std::floor(need / side->normal_x - 0.5));
    else if (need > 0)
      out = first;
  }
  if (!(out > in)) return unite(first, last);
  int const begin = whole(in, first, last), end = whole(out, begin, last);
  unite(first, begin);
  visit(row, begin, end, [](int, std::uint64_t& samples) { samples = kAll; });
  unite(end, last);
}

// The same for rows that only two sides cross, both from top to bottom: most of a long and thin piece.
void Coverage::add_rows(int begin, int end, Side const& a, Side const& b) {
  constexpr double kNarrow = 16;  // Pixels.
  double const at_a = a.at(begin), at_b = b.at(begin), x0 = std::min(at_a, at_b), x1 = std::max(at_a, at_b);
  double const down_0 = at_a < at_b ? a.slope : b.slope, down_1 = at_a < at_b ? b.slope : a.slope;
  double from = x0 + std::min(0.0, down_0), to = x1 + std::max(0.0, down_1);
  if (!(to - from < kNarrow) || std::fabs(down_0 - down_1) * (end - begin) > 1) {
    Side const* const both[] = {&a, &b};
    for (int row = begin; row < end; ++row) {
      double const a0 = a.at(row), a1 = a.at(row + 1), b0 = b.at(row), b1 = b.at(row + 1);
      add_row(row, both, std::min({a0, a1, b0, b1}), std::max({a0, a1, b0, b1}));
    }
    return;
  }
  for (int row = begin; row < end; ++row, from += down_0, to += down_1) {
    if (!(to > 0) || !(from < width_)) continue;
    int const first = std::max(0, static_cast<int>(from)), last = std::min(width_, static_cast<int>(to) + 1);
    float const x = static_cast<float>(first) + 0.5f, y = static_cast<float>(row) + 0.5f;
    float s = a.steps(x, y), t = b.steps(x, y);
    visit(row, first, last, [&](int, std::uint64_t& samples) {
      samples |= a.inside(s) & b.inside(t);
      s += a.normal_x, t += b.normal_x;
    });
  }
}

void Coverage::add(std::span<PixelPoint const> corners) {
  auto const count = corners.size();
  if (count < 3 || count > kMostCorners || width_ == 0 || height_ == 0) return;
  double low = corners[0].y, high = low, left = corners[0].x, right = left, area = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto const &p = corners[i], &q = corners[i + 1 < count ? i + 1 : 0];
    low = std::min(low, p.y), high = std::max(high, p.y), left = std::min(left, p.x), right = std::max(right, p.x);
    area += (p.x - corners[0].x) * (q.y - corners[0].y) - (q.x - corners[0].x) * (p.y - corners[0].y);
  }
  // From here on in the box's own pixels.
  low -= top_, high -= top_;
  if (!(high > 0) || !(low < height_) || !(right > left_) || !(left < left_ + width_)) return;
  std::array<Side, kMostCorners> sides;
  std::size_t used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto const &p = corners[i], &q = corners[i + 1 < count ? i + 1 : 0];
    double const dx = q.x - p.x, dy = q.y - p.y, length = std::sqrt(dx * dx + dy * dy);
    if (!(length > 1e-7)) continue;
    double const turn = area < 0 ? -1 / length : 1 / length, nx = -dy * turn, ny = dx * turn, x = p.x - left_,
                 y = p.y - top_;
    sides[used++] = {x,
                     y,
                     std::min(y, y + dy),
                     std::max(y, y + dy),
                     dx / dy,
                     static_cast<float>(nx * kSteps),
                     static_cast<float>(ny * kSteps),
                     static_cast<float>((nx * x + ny * y) * kSteps),
                     side_table(nx, ny).data() + kReach + 1};
  }
  int const begin = whole(std::floor(low), 0, height_), end = whole(std::ceil(high), 0, height_);
  budget::steps(40 + 20 * static_cast<double>(end - begin) +
                (std::min(right - left, static_cast<double>(width_)) + 2) * 2);
  std::array<Side const*, kMostCorners> crossing;
  for (int row = begin; row < end;) {
    // Up to the next corner the same sides cross all rows.
    double next = end;
    bool corner = false;
    std::size_t here = 0;
    double from = 1e9, to = -1e9;
    for (std::size_t i = 0; i < used; ++i) {
      auto const& side = sides[i];
      if (side.y >= row && side.y < row + 1) corner = true;
      if (side.y >= row + 1) next = std::min(next, side.y);
      if (side.low >= row + 1 || side.high < row) continue;
      crossing[here++] = &side;
      if (side.low == side.high) continue;  // Its ends are others' ends.
      double const x0 = side.at(std::max<double>(row, side.low)), x1 = side.at(std::min<double>(row + 1, side.high));
      from = std::min({from, x0, x1}), to = std::max({to, x0, x1});
    }
    int const stop = corner || here != 2 ? row + 1 : std::max(row + 1, static_cast<int>(next));
    if (stop > row + 1)
      add_rows(row, stop, *crossing[0], *crossing[1]);
    else if (here > 0)
      add_row(row, {crossing.data(), here}, from, to);
    row = stop;
  }
}

void Coverage::add_sector(PixelPoint middle, PixelPoint from, double sweep) {
  double const x = from.x - middle.x, y = from.y - middle.y;
  if (std::fabs(sweep) > kPi + 1e-9) {  // No wider sector is convex.
    add_sector(middle, from, sweep / 2);
    return add_sector(middle, {middle.x - x, middle.y - y}, sweep / 2);
  }
  std::array<PixelPoint, kMostCorners> corners;
  int const steps = std::min(static_cast<int>(kMostCorners) - 2, chords_of(sweep, std::sqrt(x * x + y * y)));
  double const c = std::cos(sweep / steps), s = std::sin(sweep / steps);
  PixelPoint at{x, y};
  corners[0] = middle;
  for (int i = 0; i <= steps; ++i, at = {at.x * c - at.y * s, at.x * s + at.y * c})
    corners[static_cast<std::size_t>(i) + 1] = {middle.x + at.x, middle.y + at.y};
  add({corners.data(), static_cast<std::size_t>(steps) + 2});
}

}  // namespace cml::vega
