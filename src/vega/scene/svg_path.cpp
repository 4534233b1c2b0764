// Reading and drawing SVG path data (SVG 1.1 section 8.3; arcs to Béziers by its appendix F.6).
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "vega/scene/path.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/outline.hpp"

namespace cml::vega {
namespace {

int parameter_count(char command) {
  switch (command | 32) {
    case 'm':
    case 'l':
    case 't':
      return 2;
    case 'h':
    case 'v':
      return 1;
    case 'c':
      return 6;
    case 's':
    case 'q':
      return 4;
    case 'a':
      return 7;
    case 'z':
      return 0;
    default:
      return -1;
  }
}

struct Reader {
  std::string_view text;
  std::size_t at = 0;

  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',' || (text[at] >= 9 && text[at] <= 13))) ++at;
  }
  bool number(double& out) {
    std::size_t i = at;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    std::size_t digits = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i, ++digits;
    if (i < text.size() && text[i] == '.') {
      ++i;
      while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i, ++digits;
    }
    if (digits == 0) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
      std::size_t j = i + 1;
      if (j < text.size() && (text[j] == '+' || text[j] == '-')) ++j;
      if (j < text.size() && text[j] >= '0' && text[j] <= '9') {
        while (j < text.size() && text[j] >= '0' && text[j] <= '9') ++j;
        i = j;
      }
    }
    auto const digits_from = at + (text[at] == '+');
    if (std::from_chars(text.data() + digits_from, text.data() + i, out).ec !=
        std::errc())  // Too large or small to hold.
      out = std::strtod(std::string(text.substr(at, i - at)).c_str(), nullptr);
    at = i;
    return true;
  }
  bool flag(double& out) {
    if (at >= text.size() || (text[at] != '0' && text[at] != '1')) return false;
    out = text[at++] - '0';
    return true;
  }
};

// An elliptical arc from (x0, y0) as at most four cubic pieces.
void draw_arc(PathSink& sink, double x0, double y0, double rx, double ry, double rotation, bool large, bool sweep,
              double x, double y) {
  rx = std::fabs(rx), ry = std::fabs(ry);
  if (rx == 0 || ry == 0) return sink.line_to(x, y);
  if (x0 == x && y0 == y) return;
  double const th = rotation * kPi / 180, sin_th = std::sin(th), cos_th = std::cos(th);
  double const px = cos_th * (x0 - x) * 0.5 + sin_th * (y0 - y) * 0.5,
               py = cos_th * (y0 - y) * 0.5 - sin_th * (x0 - x) * 0.5;
  if (double const pl = px * px / (rx * rx) + py * py / (ry * ry); pl > 1) rx *= std::sqrt(pl), ry *= std::sqrt(pl);
  double const a00 = cos_th / rx, a01 = sin_th / rx, a10 = -sin_th / ry, a11 = cos_th / ry;
  double const ux = a00 * x0 + a01 * y0, uy = a10 * x0 + a11 * y0, vx = a00 * x + a01 * y, vy = a10 * x + a11 * y;
  double const d = (vx - ux) * (vx - ux) + (vy - uy) * (vy - uy);
  double factor = std::sqrt(std::max(0.0, 1 / d - 0.25));
  if (sweep == large) factor = -factor;
  double const cx = 0.5 * (ux + vx) - factor * (vy - uy), cy = 0.5 * (uy + vy) + factor * (vx - ux);
  double const start = std::atan2(uy - cy, ux - cx);
  double arc = std::atan2(vy - cy, vx - cx) - start;
  if (arc < 0 && sweep)
    arc += 2 * kPi;
  else if (arc > 0 && !sweep)
    arc -= 2 * kPi;
  int const pieces = whole(std::ceil(std::fabs(arc / (kPi * 0.5 + 0.001))), 0, 8);
  double const b00 = cos_th * rx, b01 = -sin_th * ry, b10 = sin_th * rx, b11 = cos_th * ry;
  for (int i = 0; i < pieces; ++i) {
    double const t0 = start + i * arc / pieces, t1 = start + (i + 1) * arc / pieces, half = 0.5 * (t1 - t0);
    double const t = 8.0 / 3 * std::sin(half * 0.5) * std::sin(half * 0.5) / std::sin(half);
    double const x1 = cx + std::cos(t0) - t * std::sin(t0), y1 = cy + std::sin(t0) + t * std::cos(t0);
    double const x3 = cx + std::cos(t1), y3 = cy + std::sin(t1), x2 = x3 + t * std::sin(t1), y2 = y3 - t * std::cos(t1);
    sink.curve_to(b00 * x1 + b01 * y1, b10 * x1 + b11 * y1, b00 * x2 + b01 * y2, b10 * x2 + b11 * y2,
                  b00 * x3 + b01 * y3, b10 * x3 + b11 * y3);
  }
}

}  // namespace

std::vector<PathCommand> parse_path(std::string_view data, bool& ok) {
  std::vector<PathCommand> out;
  budget::steps(20 + 10 * data.size());
  Reader reader{data};
  ok = false;
  reader.skip();
  while (reader.at < data.size()) {
    char letter = data[reader.at++];
    int const count = parameter_count(letter);
    if (count < 0) return {};
    reader.skip();
    if (count == 0) {
      out.push_back({letter, {}});
      continue;
    }
    bool first = true;
    while (first || (reader.at < data.size() && parameter_count(data[reader.at]) < 0)) {
      PathCommand command{letter, {}};
      for (int i = 0; i < count; ++i) {
        bool const is_flag = (letter | 32) == 'a' && (i == 3 || i == 4);
        if (!(is_flag ? reader.flag(command.values[i]) : reader.number(command.values[i]))) return {};
        reader.skip();
      }
      out.push_back(command);
      first = false;
      if (letter == 'M') letter = 'L';  // Further pairs after a move are lines.
      if (letter == 'm') letter = 'l';
    }
  }
  ok = true;
  return out;
}

void draw_path(PathSink& sink, std::vector<PathCommand> const& path, double left, double top, double sx, double sy) {
  double x = 0, y = 0, start_x = 0, start_y = 0, control_x = 0, control_y = 0;
  char previous = 0;
  budget::steps(40 * path.size());
  for (auto const& command : path) {
    char const letter = command.letter, kind = static_cast<char>(letter | 32);
    bool const relative = letter == kind;
    double v[7];
    for (int i = 0; i < 7; ++i) v[i] = command.values[i];
    if (kind == 'h')
      v[0] *= sx;
    else if (kind == 'v')
      v[0] *= sy;
    else if (kind == 'a')
      v[0] *= sx, v[1] *= sy, v[5] *= sx, v[6] *= sy;
    else
      for (int i = 0; i < parameter_count(letter); ++i) v[i] *= i % 2 ? sy : sx;
    double const ox = relative ? x : 0, oy = relative ? y : 0;
    bool const smooth_cubic = previous == 'c' || previous == 's', smooth_quad = previous == 'q' || previous == 't';
    switch (kind) {
      case 'm':
        start_x = x = v[0] + ox, start_y = y = v[1] + oy;
        sink.move_to(x + left, y + top);
        break;
      case 'l':
        x = v[0] + ox, y = v[1] + oy;
        sink.line_to(x + left, y + top);
        break;
      case 'h':
        x = v[0] + ox;
        sink.line_to(x + left, y + top);
        break;
      case 'v':
        y = v[0] + oy;
        sink.line_to(x + left, y + top);
        break;
      case 'c':
      case 's': {
        double const x1 = kind == 'c' ? v[0] + ox : smooth_cubic ? 2 * x - control_x : x;
        double const y1 = kind == 'c' ? v[1] + oy : smooth_cubic ? 2 * y - control_y : y;
        int const k = kind == 'c' ? 2 : 0;
        control_x = v[k] + ox, control_y = v[k + 1] + oy;
        x = v[k + 2] + ox, y = v[k + 3] + oy;
        sink.curve_to(x1 + left, y1 + top, control_x + left, control_y + top, x + left, y + top);
        break;
      }
      case 'q':
      case 't': {
        control_x = kind == 'q' ? v[0] + ox : smooth_quad ? 2 * x - control_x : x;
        control_y = kind == 'q' ? v[1] + oy : smooth_quad ? 2 * y - control_y : y;
        int const k = kind == 'q' ? 2 : 0;
        x = v[k] + ox, y = v[k + 1] + oy;
        sink.quad_to(control_x + left, control_y + top, x + left, y + top);
        break;
      }
      case 'a':
        draw_arc(sink, x + left, y + top, v[0], v[1], v[2], v[3] != 0, v[4] != 0, v[5] + ox + left, v[6] + oy + top);
        x = v[5] + ox, y = v[6] + oy;
        break;
      case 'z':
        x = start_x, y = start_y;
        sink.close();
        break;
      default:
        break;
    }
    previous = kind;
  }
}

void draw_outline(PathSink& sink, Outline const& outline, double sx, double sy) {
  double const r = outline.dot_radius;
  budget::steps(20 * outline.points.size());
  std::vector<PathCommand> dot{
      {'M', {}}, {'m', {0, r}}, {'a', {r, r, 0, 1, 1, 0, -2 * r}}, {'a', {r, r, 0, 1, 1, 0, 2 * r}}, {'z', {}}};
  std::size_t i = 0;
  for (auto const& run : outline.runs) {
    if (run.kind == Outline::Kind::Dot) {
      dot[0].values[0] = outline.points[i].x, dot[0].values[1] = outline.points[i].y;
      draw_path(sink, dot, 0, 0, sx, sy);
      ++i;
      continue;
    }
    for (bool first = true; i < run.end; ++i, first = false) {
      double const x = outline.points[i].x * sx, y = outline.points[i].y * sy;
      first ? sink.move_to(x, y) : sink.line_to(x, y);
    }
    if (run.kind == Outline::Kind::Ring) sink.close();
  }
}

}  // namespace cml::vega
