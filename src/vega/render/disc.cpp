#include "vega/render/disc.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cml::vega {
namespace {

constexpr double kHalfDiagonal = 0.70710678118654757;

// The part of a unit square on one side of a line whose normal is (nx, ny), both positive: a trapezoid's integral. `inside` is how far
// the square's centre is on that side.
double half_plane(double nx, double ny, double inside) {
  double const reach = (nx + ny) / 2, depth = std::fabs(inside);
  if (depth >= reach) return inside > 0 ? 1 : 0;
  if (depth <= std::fabs(nx - ny) / 2) return 0.5 + inside / std::max(nx, ny);
  double const corner = (reach - depth) * (reach - depth) / (2 * nx * ny);
  return inside > 0 ? 1 - corner : corner;
}

// An arc bends away from its tangent by t^2 / 2r, on average over a pixel by 1 / 24r.
double flattened(double radius) { return radius - 1 / (24 * radius); }

}  // namespace

void paint_ring(Pixels const& pixels, double x, double y, double outer, double inner, SolidColor const& color) {
  auto const within_picture = [](double v, int low, int high) { return static_cast<int>(std::clamp(std::floor(v), static_cast<double>(low), static_cast<double>(high))); };
  int const x0 = within_picture(x - outer - 1, pixels.left, pixels.right), x1 = within_picture(x + outer + 2, pixels.left, pixels.right);
  int const y0 = within_picture(y - outer - 1, pixels.top, pixels.bottom), y1 = within_picture(y + outer + 2, pixels.top, pixels.bottom);
  double const beyond = (outer + kHalfDiagonal) * (outer + kHalfDiagonal);
  double const hole = inner > kHalfDiagonal + 0.1 ? (inner - kHalfDiagonal - 0.1) * (inner - kHalfDiagonal - 0.1) : -1;
  double const outside = flattened(outer), within = inner > 0 ? flattened(inner) : 0;
  double const full = outside > kHalfDiagonal && inner <= 0 ? (outside - kHalfDiagonal) * (outside - kHalfDiagonal) : -1;
  Brush const brush(color);
  for (int row = y0; row < y1; ++row) {
    double const dy = row + 0.5 - y;
    auto* const line = pixels.row(row);
    for (int column = x0; column < x1; ++column) {
      double const dx = column + 0.5 - x, square = dx * dx + dy * dy;
      if (square >= beyond || square <= hole) continue;
      if (square <= full) {
        brush.paint(line[column], 255);
        continue;
      }
      double const distance = std::sqrt(square), unit = 1 / distance, nx = std::fabs(dx) * unit, ny = std::fabs(dy) * unit;
      double covered = half_plane(nx, ny, outside - distance);
      if (inner > 0) covered -= half_plane(nx, ny, within - distance);
      if (auto const mask = static_cast<std::uint32_t>(std::max(covered, 0.0) * 255 + 0.5)) brush.paint(line[column], mask);
    }
  }
}

}  // namespace cml::vega
