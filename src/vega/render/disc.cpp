#include "vega/render/disc.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace cml::vega {
namespace {

constexpr double kHalfDiagonal = 0.70710678118654757;

// The part of the unit square around (dx, dy) within `radius` of the origin.
double coverage(double dx, double dy, double distance, double radius) {
  // How far the square's centre is inside; an arc bends away from its tangent by t^2 / 2r, on average over the pixel 1 / 24r.
  double const inside = radius - distance - 1 / (24 * radius);
  if (inside >= kHalfDiagonal) return 1;
  if (inside <= -kHalfDiagonal) return 0;
  // A half plane with normal (nx, ny) cuts the square: a trapezoid's integral.
  double const nx = std::fabs(dx) / distance, ny = std::fabs(dy) / distance, reach = (nx + ny) / 2, depth = std::fabs(inside);
  if (depth >= reach) return inside > 0 ? 1 : 0;
  if (depth <= std::fabs(nx - ny) / 2) return 0.5 + inside / std::max(nx, ny);
  double const corner = (reach - depth) * (reach - depth) / (2 * nx * ny);
  return inside > 0 ? 1 - corner : corner;
}

// a * b / 255, rounded, as pixman multiplies 8-bit channels.
std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t const t = a * b + 128;
  return (t + (t >> 8)) >> 8;
}

}  // namespace

void paint_ring(Pixels const& pixels, double x, double y, double outer, double inner, SolidColor const& color) {
  auto const first = [](double v, int size) { return static_cast<int>(std::clamp(std::floor(v), 0.0, static_cast<double>(size))); };
  int const x0 = first(x - outer - 1, pixels.width), x1 = first(x + outer + 2, pixels.width);
  int const y0 = first(y - outer - 1, pixels.height), y1 = first(y + outer + 2, pixels.height);
  double const beyond = (outer + kHalfDiagonal) * (outer + kHalfDiagonal);
  double const hole = inner > kHalfDiagonal + 0.1 ? (inner - kHalfDiagonal - 0.1) * (inner - kHalfDiagonal - 0.1) : -1;
  auto const byte = [](double v) { return static_cast<std::uint32_t>(std::lround(v * 255)); };
  std::uint32_t const alpha = byte(color.a), red = byte(color.r * color.a), green = byte(color.g * color.a), blue = byte(color.b * color.a);
  for (int row = y0; row < y1; ++row) {
    double const dy = row + 0.5 - y;
    auto* const line = reinterpret_cast<std::uint32_t*>(pixels.data + static_cast<std::ptrdiff_t>(row) * pixels.stride);
    for (int column = x0; column < x1; ++column) {
      double const dx = column + 0.5 - x, square = dx * dx + dy * dy;
      if (square >= beyond || square <= hole) continue;
      double const distance = std::sqrt(square);
      double covered = coverage(dx, dy, distance, outer);
      if (inner > 0) covered -= coverage(dx, dy, distance, inner);
      auto const mask = byte(std::max(covered, 0.0));
      if (mask == 0) continue;
      std::uint32_t const under = line[column], keep = 255 - multiply(alpha, mask);
      auto const mix = [&](std::uint32_t source, int shift) { return std::min(multiply(source, mask) + multiply(under >> shift & 255, keep), 255u) << shift; };
      line[column] = mix(alpha, 24) | mix(red, 16) | mix(green, 8) | mix(blue, 0);
    }
  }
}

}  // namespace cml::vega
