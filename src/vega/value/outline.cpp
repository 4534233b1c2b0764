#include "vega/value/outline.hpp"

#include <cmath>

#include "vega/value/js_number.hpp"

namespace cml::vega {

bool Outline::finite() const {
  for (auto const& p : points)
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return false;
  for (auto const& run : runs)
    if (run.kind == Kind::Dot) return std::isfinite(2 * dot_radius);
  return true;
}

std::string Outline::text(int digits) const {
  double const factor = std::pow(10, digits);
  auto const number = [&](double n) { return number_to_string(digits < 0 ? n : js_round(n * factor) / factor + 0.0); };
  std::string out, circle;
  std::uint32_t i = 0;
  for (auto const& run : runs) {
    for (char command = 'M'; i < run.end; ++i, command = 'L') {
      out += command;
      out += number(points[i].x);
      out += ',';
      out += number(points[i].y);
    }
    if (run.kind == Kind::Ring) out += 'Z';
    if (run.kind != Kind::Dot) continue;
    if (circle.empty()) {
      auto const r = number(dot_radius), down = number(2 * dot_radius), up = number(-2 * dot_radius);
      circle = "m0," + r + "a" + r + "," + r + " 0 1,1 0," + up + "a" + r + "," + r + " 0 1,1 0," + down + "z";
    }
    out += circle;
  }
  return out;
}

}  // namespace cml::vega
