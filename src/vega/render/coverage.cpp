#include "vega/render/coverage.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <new>
#include <numeric>

#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr int kSamples = 64;
constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr int kDirections = 512, kQuadrant = kDirections / 4;
constexpr int kReach = 64;     // Steps of distance to where a line passes a pixel by, whatever its direction.
constexpr double kSteps = 90;  // Steps a pixel; kReach of them are more than half a diagonal.
constexpr std::size_t kMostCorners = 64;

// Samples by distance of the pixel's middle from a line, in steps from -kReach - 1 (none) to kReach + 1 (all).
using SideTable = std::array<std::uint64_t, 2 * kReach + 3>;

// Directions of normals as parts of a square's outline: cheaper than angles, and a quarter turn is kQuadrant exactly.
int direction_of(double x, double y) {
  double const sum = std::fabs(x) + std::fabs(y), along = y / sum;
  double const part = x >= 0 ? along : 2 - along;
  return static_cast<int>(std::lround(part * kQuadrant)) & (kDirections - 1);
}
PixelPoint normal_of(int direction) {
  double const part = static_cast<double>(direction) / kQuadrant;  // 0 to 4.
  double const y = part <= 1   ? part
                   : part <= 3 ? 2 - part
                               : part - 4,
               x = (part <= 1 || part > 3) ? 1 - std::fabs(y) : std::fabs(y) - 1;
  double const length = std::sqrt(x * x + y * y);
  return {x / length, y / length};
}
// The area of the unit square about the origin where p.normal > -distance: a trapezoid's sum.
double area_beyond(PixelPoint normal, double distance) {
  double const a = std::max(std::fabs(normal.x), std::fabs(normal.y)),
               b = std::min(std::fabs(normal.x), std::fabs(normal.y)), z = std::fabs(distance);
  double area = 1;
  if (z <= (a - b) / 2)
    area = 0.5 + z / a;
  else if (double const left = (a + b) / 2 - z; left > 0)
    area = 1 - left * left / (2 * a * b);
  return distance < 0 ? 1 - area : area;
}

// Hammersley's points: one sample in each 64th of the width and of the height.
PixelPoint sample_point(unsigned i) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 6; ++bit) reversed |= (i >> bit & 1) << (5 - bit);
  return {(i + 0.5) / kSamples - 0.5, (reversed + 0.5) / kSamples - 0.5};
}

SideTable make_table(PixelPoint normal) {
  std::array<double, kSamples> along;
  std::array<unsigned, kSamples> order;
  std::iota(order.begin(), order.end(), 0u);
  for (unsigned i = 0; i < kSamples; ++i) along[i] = sample_point(i).x * normal.x + sample_point(i).y * normal.y;
  std::sort(order.begin(), order.end(),
            [&](unsigned a, unsigned b) { return along[a] != along[b] ? along[a] > along[b] : a < b; });
  std::array<std::uint64_t, kSamples + 1> first{};
  for (unsigned i = 0; i < kSamples; ++i) first[i + 1] = first[i] | std::uint64_t{1} << order[i];
  SideTable out{};
  for (int step = 0; step <= kReach + 1; ++step) {
    auto const inside =
        step > kReach ? kSamples : static_cast<int>(std::lround(area_beyond(normal, step / kSteps) * kSamples));
    out[static_cast<std::size_t>(kReach + 1 + step)] = first[static_cast<std::size_t>(inside)];
    out[static_cast<std::size_t>(kReach + 1 - step)] = first[static_cast<std::size_t>(kSamples - inside)];
  }
  return out;
}

// Made when first asked for. That of the opposite direction is the complement, to the last sample.
SideTable const& table_of(int direction) {
  thread_local std::array<std::unique_ptr<SideTable>, kDirections> tables;
  auto& table = tables[static_cast<std::size_t>(direction)];
  if (!table) {
    table = std::make_unique<SideTable>();
    if (direction < kDirections / 2) {
      *table = make_table(normal_of(direction));
    } else {
      auto const& opposite = table_of(direction - kDirections / 2);
      for (std::size_t i = 0; i < table->size(); ++i) (*table)[i] = ~opposite[table->size() - 1 - i];
    }
  }
  return *table;
}

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

void Coverage::Words::need(std::size_t count) {
  if (count <= size_) return;
  words_.reset();  // What there was is zero, too.
  size_ = 0;
  words_.reset(static_cast<std::uint64_t*>(std::calloc(count, sizeof(std::uint64_t))));
  if (!words_) throw std::bad_alloc();
  size_ = count;
}

void Coverage::start(int left, int top, int right, int bottom) {
  left_ = left, top_ = top, width_ = std::max(0, right - left), height_ = std::max(0, bottom - top);
  auto const tiles = (static_cast<std::size_t>(width_) + kTile - 1) / kTile;
  words_ = (tiles + 63) / 64;
  samples_.need(tiles * kTile * static_cast<std::size_t>(height_));
  marks_.need(words_ * static_cast<std::size_t>(height_));
}

void Coverage::mark(int row, int first, int last) {
  auto* const marks = marks_.data() + static_cast<std::size_t>(row) * words_;
  for (int tile = first / kTile; tile <= (last - 1) / kTile; ++tile)
    marks[tile / 64] |= std::uint64_t{1} << (tile % 64);
}

// Unites the pixels of a row that lie between `from` and `to` with what all of the sides leave of them.
void Coverage::add_row(int row, std::span<Side const* const> sides, double from, double to) {
  int const first = whole(std::floor(from), 0, width_), last = whole(std::ceil(to), 0, width_);
  if (first >= last) return;
  mark(row, first, last);
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
    mark(row, first, last);
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
                     table_of(direction_of(nx, ny)).data() + kReach + 1};
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
