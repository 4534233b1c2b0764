// Which of a pixel's 64 samples lie on one side of a line, by the line's direction and its distance from the middle.
#pragma once

#include <array>
#include <cstdint>

namespace cml::vega {

inline constexpr int kSamples = 64;
inline constexpr int kReach = 64;     // Steps of distance to where a line passes a pixel by, whatever its direction.
inline constexpr double kSteps = 90;  // Steps a pixel; kReach of them are more than half a diagonal.

// Samples by distance of the pixel's middle from a line, in steps from -kReach - 1 (none) to kReach + 1 (all).
using SideTable = std::array<std::uint64_t, 2 * kReach + 3>;

// That of the line whose normal, of any length but zero, points to the side that counts. The tables are part of the
// program: to make the hundred that a small chart needs took a fifth of its time.
SideTable const& side_table(double normal_x, double normal_y);

}  // namespace cml::vega
