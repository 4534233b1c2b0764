#include "vega/render/side_table.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

namespace cml::vega {
namespace {

constexpr double kSideTurn = 6.283185307179586;

TEST_CASE("coverage: a side of a line holds as many of a pixel's samples as the exact area says, in every direction") {
  for (int degrees = 0; degrees < 360; degrees += 7) {
    double const angle = degrees * kSideTurn / 360, x = std::cos(angle), y = std::sin(angle);
    auto const& table = side_table(x, y);
    CAPTURE(degrees);
    CHECK(table.front() == 0);
    CHECK(std::popcount(table[kReach + 1]) == kSamples / 2);
    CHECK(~table.back() == 0);
    for (std::size_t i = 1; i < table.size(); ++i) CHECK((table[i - 1] & ~table[i]) == 0);
    // The area by a grid of 200 x 200 points, a quarter of a pixel inside.
    int inside = 0;
    for (int row = 0; row < 200; ++row)
      for (int column = 0; column < 200; ++column)
        inside += ((column + 0.5) / 200 - 0.5) * x + ((row + 0.5) / 200 - 0.5) * y > -0.25;
    auto const step = static_cast<std::size_t>(kReach + 1 + std::lround(0.25 * kSteps));
    CHECK(std::abs(std::popcount(table[step]) - inside / 40000.0 * kSamples) < 1.2);
  }
}

TEST_CASE("coverage: two sides of one line share a pixel's samples without overlap and without gap") {
  for (int i = 0; i < 512; ++i) {
    double const angle = i * kSideTurn / 512, x = std::cos(angle), y = std::sin(angle);
    auto const &one = side_table(x, y), &other = side_table(-x, -y);
    CAPTURE(i);
    for (std::size_t step = 0; step < one.size(); ++step) CHECK(one[step] == ~other[other.size() - 1 - step]);
  }
}

}  // namespace
}  // namespace cml::vega
