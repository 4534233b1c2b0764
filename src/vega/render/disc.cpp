#include "vega/render/disc.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cml::vega {
namespace {

constexpr double kHalfDiagonal = 0.70710678118654757;

// The part of a unit square on one side of a line whose normal is (nx, ny), both positive: a trapezoid's integral.
// `inside` is how far the square's centre is on that side.
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
  // The first pixel whose centre is not before `v`, within the picture.
  auto const from = [](double v, int low, int high) {
    auto const cut = std::clamp(v - 0.5, static_cast<double>(low), static_cast<double>(high));
    int const whole = static_cast<int>(cut);
    return whole + (whole < cut);
  };
  double const beyond = outer + kHalfDiagonal, outside = flattened(outer), within = inner > 0 ? flattened(inner) : 0;
  // Pixels this near to the centre are all covered, or in the hole of a ring.
  double const core = inner > 0 ? inner - kHalfDiagonal - 0.1 : outside - kHalfDiagonal,
               core_squared = core > 0 ? core * core : 0;
  Brush const brush(color);
  for (int row = from(y - beyond, pixels.top, pixels.bottom), end = from(y + beyond, pixels.top, pixels.bottom);
       row < end; ++row) {
    double const dy = row + 0.5 - y;
    auto* const line = pixels.row(row);
    auto const edge = [&](int first, int last) {
      for (int column = first; column < last; ++column) {
        double const dx = column + 0.5 - x, distance = std::sqrt(dx * dx + dy * dy), unit = 1 / distance,
                     nx = std::fabs(dx) * unit, ny = std::fabs(dy) * unit;
        double covered = half_plane(nx, ny, outside - distance);
        if (inner > 0) covered -= half_plane(nx, ny, within - distance);
        double const nearest = std::max(covered, 0.0) * 255 + 0.5;  // Never below a half: cutting rounds it.
        if (auto const mask = static_cast<std::uint32_t>(nearest)) brush.paint(line[column], mask);
      }
    };
    double const half = std::sqrt(std::max(beyond * beyond - dy * dy, 0.0));
    int const first = from(x - half, pixels.left, pixels.right), last = from(x + half, pixels.left, pixels.right);
    if (core_squared <= dy * dy) {
      edge(first, last);
      continue;
    }
    double const core_half = std::sqrt(core_squared - dy * dy);
    int const open = from(x - core_half, first, last), shut = from(x + core_half, open, last);
    edge(first, open);
    if (inner <= 0) brush.paint(line + open, line + shut, 255);
    edge(shut, last);
  }
}

}  // namespace cml::vega
