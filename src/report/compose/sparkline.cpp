#include "report/compose/sparkline.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "vega/render/png.hpp"

namespace cml::report {
namespace {

constexpr int kWidth = 96, kHeight = 26;
constexpr double kPadding = 3, kStroke = 1.5, kDot = 2.5;  // Pixels; the dot's radius.

struct Point {
  double x = 0, y = 0;
};

double distance(Point p, Point a, Point b) {
  double const dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  double const t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

// How much of each pixel is painted, 0 to 1: a capsule around each segment, one pixel soft at its edge.
class Coverage {
 public:
  void segment(Point a, Point b, double radius) {
    double const reach = radius + 1;
    int const x0 = std::max(0, static_cast<int>(std::min(a.x, b.x) - reach)),
              x1 = std::min(kWidth - 1, static_cast<int>(std::max(a.x, b.x) + reach));
    int const y0 = std::max(0, static_cast<int>(std::min(a.y, b.y) - reach)),
              y1 = std::min(kHeight - 1, static_cast<int>(std::max(a.y, b.y) + reach));
    for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x) {
        double& pixel = pixels_[y * kWidth + x];
        pixel = std::max(pixel, std::clamp(radius + 0.5 - distance({x + 0.5, y + 0.5}, a, b), 0.0, 1.0));
      }
  }
  double at(int x, int y) const { return pixels_[y * kWidth + x]; }

 private:
  double pixels_[kWidth * kHeight] = {};
};

std::vector<std::optional<Point>> points_of(std::vector<double> const& values) {
  double low = 0, high = 0;
  bool any = false;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
  std::vector<std::optional<Point>> points(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    double const across = values.size() > 1 ? static_cast<double>(i) / static_cast<double>(values.size() - 1) : 0.5;
    double const up = high > low ? values[i] / (high - low) - low / (high - low)
                                 : 0.5;  // The difference may be past a double's range.
    points[i] = Point{kPadding + across * (kWidth - 2 * kPadding),
                      kHeight - kPadding - std::clamp(up, 0.0, 1.0) * (kHeight - 2 * kPadding)};
  }
  return points;
}

}  // namespace

std::string sparkline_png(std::vector<double> const& values, bool dark) {
  Coverage coverage;
  auto const points = points_of(values);
  std::optional<Point> before, last;
  for (auto const& point : points) {
    if (point) coverage.segment(before.value_or(*point), *point, kStroke / 2), last = point;
    before = point;
  }
  if (last) coverage.segment(*last, *last, kDot);
  vega::PixelBuffer pixels(kWidth, kHeight);
  if (!pixels.ok()) return {};
  std::uint32_t const color = dark ? 0x4493f8 : 0x0969da;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      auto const alpha = static_cast<std::uint32_t>(std::lround(coverage.at(x, y) * 255));
      auto const premultiplied = [&](int shift) { return ((color >> shift & 255) * alpha + 127) / 255 << shift; };
      std::uint32_t const pixel = alpha << 24 | premultiplied(16) | premultiplied(8) | premultiplied(0);
      std::memcpy(pixels.pixels() + y * pixels.stride() + x * 4, &pixel, 4);
    }
  return vega::encode_png(pixels, 0);
}

}  // namespace cml::report
