#include "vega/render/trail.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr double kBroadestTrail = 128;   // Pixels.
constexpr double kBandPixels = 1 << 20;  // Covered at once: 8 MB.

void cover_piece(Coverage& coverage, TrailPiece const& p) {
  double const dx = p.x2 - p.x1, dy = p.y2 - p.y1, length = std::sqrt(dx * dx + dy * dy);
  if (!(length > 1e-9)) return coverage.add_sector({p.x2, p.y2}, {p.x2 + p.r2, p.y2}, kTau);
  double const nx = -dy / length, ny = dx / length;
  PixelPoint const a{p.x1 + nx * p.r1, p.y1 + ny * p.r1}, b{p.x2 + nx * p.r2, p.y2 + ny * p.r2},
      c{p.x2 - nx * p.r2, p.y2 - ny * p.r2}, d{p.x1 - nx * p.r1, p.y1 - ny * p.r1};
  coverage.add(std::array<PixelPoint, 4>{a, b, c, d});
  coverage.add_sector({p.x2, p.y2}, c, kPi);
  coverage.add_sector({p.x1, p.y1}, a, kPi);
}

}  // namespace

bool paint_trail(Coverage& coverage, Mark const& trail, Affine const& to_device, Pixels const& pixels,
                 SolidColor const& color) {
  double const scale = to_device.xx;
  std::vector<TrailPiece> pieces;
  double left = pixels.right, top = pixels.bottom, right = pixels.left, bottom = pixels.top;
  bool fits = true;
  each_trail_piece(trail, [&](TrailPiece const& p) {
    TrailPiece const piece{p.x1 * scale + to_device.x0, p.y1 * scale + to_device.y0, std::fabs(p.r1) * scale,
                           p.x2 * scale + to_device.x0, p.y2 * scale + to_device.y0, std::fabs(p.r2) * scale};
    for (double v : {piece.x1, piece.y1, piece.x2, piece.y2}) fits = fits && std::fabs(v) < kFarthest;
    double const broad = std::max(piece.r1, piece.r2);
    fits = fits && broad <= kBroadestTrail / 2;
    left = std::min(left, std::min(piece.x1, piece.x2) - broad);
    right = std::max(right, std::max(piece.x1, piece.x2) + broad);
    top = std::min(top, std::min(piece.y1, piece.y2) - broad);
    bottom = std::max(bottom, std::max(piece.y1, piece.y2) + broad);
    pieces.push_back(piece);
  });
  if (!fits) return false;
  int const x0 = whole(std::floor(left), pixels.left, pixels.right),
            x1 = whole(std::ceil(right), pixels.left, pixels.right),
            y0 = whole(std::floor(top), pixels.top, pixels.bottom),
            y1 = whole(std::ceil(bottom), pixels.top, pixels.bottom);
  if (pieces.empty() || x0 >= x1 || y0 >= y1) return true;
  Brush const brush(color);
  int const band = whole(kBandPixels / (x1 - x0), 16, 32767);
  for (int y = y0; y < y1; y += band) {
    budget::steps(200 + 20 * static_cast<double>(pieces.size()));
    coverage.start(x0, y, x1, std::min(y1, y + band));
    for (auto const& piece : pieces) cover_piece(coverage, piece);
    coverage.take([&](int x, int row, std::uint32_t mask) { brush.paint(pixels.row(row)[x], mask); });
  }
  return true;
}

}  // namespace cml::vega
