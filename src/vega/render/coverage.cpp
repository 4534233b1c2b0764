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
  double const length = std::hypot(x, y);
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

  double at(double of_y) const { return std::isfinite(slope) ? x + (of_y - y) * slope : x; }
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
  auto const blocks = (static_cast<std::size_t>(width_) + kBlock - 1) / kBlock;
  stride_ = blocks * kBlock, words_ = (blocks + 63) / 64;
  auto const rows = static_cast<std::size_t>(height_);
  samples_.need(stride_ * rows);
  marks_.need(words_ * rows);
}

// Unites the pixels of a row that lie between `from` and `to` with what all of the sides leave of them.
void Coverage::add_row(int row, std::span<Side const* const> sides, double from, double to) {
  int const first = whole(std::floor(from), 0, width_), last = whole(std::ceil(to), 0, width_);
  if (first >= last) return;
  auto* const samples = samples_.data() + static_cast<std::size_t>(row) * stride_;
  auto* const marks = marks_.data() + static_cast<std::size_t>(row) * words_;
  for (auto block = static_cast<std::size_t>(first) / kBlock; block <= static_cast<std::size_t>(last - 1) / kBlock;
       ++block)
    marks[block / 64] |= std::uint64_t{1} << block % 64;
  float const y = static_cast<float>(row) + 0.5f;
  static constexpr float kBeyond = kReach + 1;
  auto const look_up = [](Side const& side, float steps) {
    return side.table[static_cast<int>(std::lrintf(std::min(kBeyond, std::max(-kBeyond, steps))))];
  };
  auto const unite = [&](int begin, int end) {
    if (sides.size() == 2) {  // Of a segment's rows nearly all are like this.
      Side const &a = *sides[0], &b = *sides[1];
      float const x = static_cast<float>(begin) + 0.5f;
      float s = a.normal_x * x + (a.normal_y * y - a.offset), t = b.normal_x * x + (b.normal_y * y - b.offset);
      for (int at = begin; at < end; ++at, s += a.normal_x, t += b.normal_x)
        samples[at] |= look_up(a, s) & look_up(b, t);
      return;
    }
    for (int at = begin; at < end; ++at) {
      std::uint64_t inside = ~std::uint64_t{0};
      float const x = static_cast<float>(at) + 0.5f;
      for (auto const* side : sides) inside &= look_up(*side, side->normal_x * x + (side->normal_y * y - side->offset));
      samples[at] |= inside;
    }
  };
  constexpr int kLong = 12;  // Pixels from which those that are wholly inside are worth finding.
  if (last - first < kLong) return unite(first, last);
  double in = first, out = last;
  for (auto const* side : sides) {
    // Wholly inside from kBeyond steps on.
    double const need = kBeyond - (side->normal_y * y - side->offset);
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
  std::fill(samples + begin, samples + end, ~std::uint64_t{0});
  unite(end, last);
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
  std::array<Side const*, kMostCorners> in_row;
  for (int row = begin; row < end; ++row) {
    std::size_t here = 0;
    double from = 1e9, to = -1e9;
    for (std::size_t i = 0; i < used; ++i) {
      auto const& side = sides[i];
      if (side.low >= row + 1 || side.high < row) continue;
      in_row[here++] = &side;
      double x0, x1;
      if (side.low == side.high) {
        continue;  // Its ends are others' ends.
      }
      x0 = side.at(std::max<double>(row, side.low)), x1 = side.at(std::min<double>(row + 1, side.high));
      from = std::min({from, x0, x1}), to = std::max({to, x0, x1});
    }
    if (here > 0) add_row(row, {in_row.data(), here}, from, to);
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
