// All tables are made by the compiler. A direction is a point of the outline |x| + |y| = 1, which makes its normal a
// pair of whole numbers: the samples' order along it is exact, the same with every compiler and processor.
#include "vega/render/side_table.hpp"

#include <algorithm>
#include <cmath>

namespace cml::vega {
namespace {

constexpr int kDirections = 512, kQuadrant = kDirections / 4;

struct Normal {
  int x, y;  // Of kQuadrant: |x| + |y|.
};

constexpr int magnitude(int value) { return value < 0 ? -value : value; }

constexpr Normal normal_of(int direction) {
  int const y = direction <= kQuadrant       ? direction
                : direction <= 3 * kQuadrant ? 2 * kQuadrant - direction
                                             : direction - kDirections;
  bool const right = direction <= kQuadrant || direction > 3 * kQuadrant;
  return {right ? kQuadrant - magnitude(y) : magnitude(y) - kQuadrant, y};
}

// std::sqrt is no constant expression; Newton's iteration has converged long before.
constexpr double square_root(double value) {
  double root = value;
  for (int i = 0; i < 32; ++i) root = (root + value / root) / 2;
  return root;
}

// The area of the unit square about the origin that a line leaves on the origin's side: a trapezoid's sum.
constexpr double area_within(Normal normal, double distance) {
  double const length = square_root(normal.x * normal.x + normal.y * normal.y);
  double const a = std::max(magnitude(normal.x), magnitude(normal.y)) / length,
               b = std::min(magnitude(normal.x), magnitude(normal.y)) / length;
  if (distance <= (a - b) / 2) return 0.5 + distance / a;
  double const left = (a + b) / 2 - distance;
  return left > 0 ? 1 - left * left / (2 * a * b) : 1;
}

// The samples from the farthest along the normal on. They are Hammersley's points: one in each 64th of the width and of
// the height.
constexpr std::array<int, kSamples> order_along(Normal normal) {
  std::array<int, kSamples> keys{};
  for (int i = 0; i < kSamples; ++i) {
    int reversed = 0;
    for (int bit = 0; bit < 6; ++bit) reversed |= (i >> bit & 1) << (5 - bit);
    int const along = (2 * i + 1 - kSamples) * normal.x + (2 * reversed + 1 - kSamples) * normal.y;
    keys[static_cast<std::size_t>(i)] = -along * kSamples + i;
  }
  std::sort(keys.begin(), keys.end());
  for (auto& key : keys) key &= kSamples - 1;
  return keys;
}

constexpr SideTable make_table(Normal normal) {
  std::array<std::uint64_t, kSamples + 1> farthest{};
  auto const order = order_along(normal);
  for (std::size_t i = 0; i < kSamples; ++i) farthest[i + 1] = farthest[i] | std::uint64_t{1} << order[i];
  SideTable out{};
  for (std::size_t step = 0; step <= kReach + 1; ++step) {
    double const area = step > kReach ? 1 : area_within(normal, static_cast<double>(step) / kSteps);
    auto const inside = static_cast<std::size_t>(area * kSamples + 0.5);
    out[kReach + 1 + step] = farthest[inside];
    out[kReach + 1 - step] = farthest[kSamples - inside];
  }
  return out;
}

constexpr auto kTables = [] {
  std::array<SideTable, kDirections> tables{};
  for (int direction = 0; direction < kDirections / 2; ++direction) {
    auto const& table = tables[static_cast<std::size_t>(direction)] = make_table(normal_of(direction));
    // That of the opposite direction is the complement, to the last sample.
    auto& opposite = tables[static_cast<std::size_t>(direction + kDirections / 2)];
    for (std::size_t i = 0; i < table.size(); ++i) opposite[i] = ~table[table.size() - 1 - i];
  }
  return tables;
}();

}  // namespace

SideTable const& side_table(double normal_x, double normal_y) {
  // Parts of the outline are cheaper than angles, and a quarter turn is kQuadrant exactly.
  double const along = normal_y / (std::fabs(normal_x) + std::fabs(normal_y));
  double const part = normal_x >= 0 ? along : 2 - along;
  return kTables[static_cast<std::size_t>(std::lround(part * kQuadrant) & (kDirections - 1))];
}

}  // namespace cml::vega
