#include "vega/render/disc.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace

void paint_ring(Pixels const& pixels, double x, double y, double outer, double inner, SolidColor const& color) {
  auto const first = [](double v, int size) { return static_cast<int>(std::clamp(std::floor(v), 0.0, static_cast<double>(size))); };
  int const x0 = first(x - outer - 1, pixels.width), x1 = first(x + outer + 2, pixels.width);
  int const y0 = first(y - outer - 1, pixels.height), y1 = first(y + outer + 2, pixels.height);
  double const beyond = (outer + kHalfDiagonal) * (outer + kHalfDiagonal);
  double const hole = inner > kHalfDiagonal + 0.1 ? (inner - kHalfDiagonal - 0.1) * (inner - kHalfDiagonal - 0.1) : -1;
  Brush const brush(color);
  for (int row = y0; row < y1; ++row) {
    double const dy = row + 0.5 - y;
    auto* const line = pixels.row(row);
    for (int column = x0; column < x1; ++column) {
      double const dx = column + 0.5 - x, square = dx * dx + dy * dy;
      if (square >= beyond || square <= hole) continue;
      double const distance = std::sqrt(square);
      double covered = coverage(dx, dy, distance, outer);
      if (inner > 0) covered -= coverage(dx, dy, distance, inner);
      if (auto const mask = static_cast<std::uint32_t>(std::lround(std::max(covered, 0.0) * 255))) brush.paint(line[column], mask);
    }
  }
}

}  // namespace cml::vega
