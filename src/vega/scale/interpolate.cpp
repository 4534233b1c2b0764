#include "vega/scale/interpolate.hpp"

#include <algorithm>
#include <cmath>

#include "vega/value/color.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

// One channel from a to b; an unknown end takes the other's value.
struct Line {
  double a, d, exponent = 1;
  bool power = false;
  double operator()(double t) const { return power ? std::pow(a + t * d, exponent) : a + t * d; }
};
Line line(double a, double b) {
  double const d = b - a;
  if (d != 0 && !std::isnan(d)) return {a, d};
  return {std::isnan(a) ? b : a, 0};
}
Line gamma_line(double a, double b, double gamma) {
  if (gamma == 1) return line(a, b);
  if (b - a == 0 || std::isnan(b - a)) return {std::isnan(a) ? b : a, 0};
  double const low = std::pow(a, gamma);
  return {low, std::pow(b, gamma) - low, 1 / gamma, true};
}
// The shorter way around the circle.
Line hue_line(double a, double b) {
  double const d = b - a;
  if (d == 0 || std::isnan(d)) return {std::isnan(a) ? b : a, 0};
  return {a, d > 180 || d < -180 ? d - 360 * std::round(d / 360) : d};
}

Rgb color_of(Value const& v) {
  auto const parsed = parse_color(v.to_string());
  return parsed ? *parsed : Rgb{kNaN, kNaN, kNaN, kNaN};
}

// The numbers inside two strings, interpolated; the text around them is the second's.
Interpolator interpolate_strings(std::string const& a, std::string const& b) {
  struct Piece {
    std::string text;
    Line number;
    bool has_number;
  };
  auto const numbers = [](std::string const& s) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t i = 0; i < s.size();) {
      std::size_t j = i;
      if (s[j] == '-' || s[j] == '+') ++j;
      std::size_t const digits = j;
      while (j < s.size() && (std::isdigit(static_cast<unsigned char>(s[j])) || s[j] == '.')) ++j;
      if (j > digits && std::isdigit(static_cast<unsigned char>(s[j - 1]))) {
        found.emplace_back(i, j - i);
        i = j;
      } else {
        ++i;
      }
    }
    return found;
  };
  auto const na = numbers(a), nb = numbers(b);
  std::vector<Piece> pieces;
  std::size_t at = 0;
  for (std::size_t k = 0; k < std::min(na.size(), nb.size()); ++k) {
    pieces.push_back({b.substr(at, nb[k].first - at),
                      line(string_to_number(a.substr(na[k].first, na[k].second)),
                           string_to_number(b.substr(nb[k].first, nb[k].second))),
                      true});
    at = nb[k].first + nb[k].second;
  }
  pieces.push_back({b.substr(at), {0, 0}, false});
  return [pieces](double t) {
    std::string out;
    for (auto const& piece : pieces) {
      out += piece.text;
      if (piece.has_number) out += number_to_string(piece.number(t));
    }
    return Value(out);
  };
}

Interpolator interpolate_rgb(Value const& a, Value const& b, double gamma) {
  Rgb const x = color_of(a), y = color_of(b);
  Line const r = gamma_line(x.r, y.r, gamma), g = gamma_line(x.g, y.g, gamma), bl = gamma_line(x.b, y.b, gamma),
             o = line(x.opacity, y.opacity);
  return [=](double t) { return Value(format_rgb({r(t), g(t), bl(t), o(t)})); };
}

}  // namespace

Interpolator interpolate_values(Value const& a, Value const& b) {
  switch (b.type()) {
    case Type::Undefined:
    case Type::Null:
    case Type::Boolean:
      return [b](double) { return b; };
    case Type::Number: {
      double const x = a.to_number(), y = b.number();
      return [x, y](double t) { return Value(x * (1 - t) + y * t); };
    }
    case Type::Date: {
      double const x = a.to_number(), y = b.number();
      return [x, y](double t) { return Value::date(x * (1 - t) + y * t); };
    }
    case Type::String:
      if (parse_color(b.string())) return interpolate_rgb(a, b, 1);
      return interpolate_strings(a.to_string(), b.to_string());
    case Type::Array: {
      std::vector<Interpolator> parts;
      for (std::size_t i = 0; i < b.items().size(); ++i)
        parts.push_back(i < a.items().size() ? interpolate_values(a.items()[i], b.items()[i])
                                             : interpolate_values(b.items()[i], b.items()[i]));
      return [parts](double t) {
        Array out;
        for (auto const& part : parts) out.push_back(part(t));
        return Value(std::move(out));
      };
    }
    default:
      return [b](double) { return b; };
  }
}

Interpolator interpolate_round(Value const& a, Value const& b) {
  double const x = a.to_number(), y = b.to_number();
  return [x, y](double t) { return Value(std::floor(x * (1 - t) + y * t + 0.5)); };
}

InterpolatorFactory color_interpolation(std::string_view name, double gamma) {
  bool const longer = name.ends_with("-long");
  if (longer) name.remove_suffix(5);
  auto const hue = longer ? line : hue_line;
  double const power = std::isnan(gamma) ? 1 : gamma;
  if (name == "rgb") return [power](Value const& a, Value const& b) { return interpolate_rgb(a, b, power); };
  if (name == "hsl")
    return [hue](Value const& a, Value const& b) -> Interpolator {
      Hsl const x = to_hsl(color_of(a)), y = to_hsl(color_of(b));
      Line const h = hue(x.h, y.h), s = line(x.s, y.s), l = line(x.l, y.l), o = line(x.opacity, y.opacity);
      return [=](double t) { return Value(format_rgb(to_rgb(Hsl{h(t), s(t), l(t), o(t)}))); };
    };
  if (name == "lab")
    return [](Value const& va, Value const& vb) -> Interpolator {
      Lab const x = to_lab(color_of(va)), y = to_lab(color_of(vb));
      Line const l = line(x.l, y.l), a = line(x.a, y.a), b = line(x.b, y.b), o = line(x.opacity, y.opacity);
      return [=](double t) { return Value(format_rgb(to_rgb(Lab{l(t), a(t), b(t), o(t)}))); };
    };
  if (name == "hcl")
    return [hue](Value const& a, Value const& b) -> Interpolator {
      Hcl const x = to_hcl(color_of(a)), y = to_hcl(color_of(b));
      Line const h = hue(x.h, y.h), c = line(x.c, y.c), l = line(x.l, y.l), o = line(x.opacity, y.opacity);
      return [=](double t) { return Value(format_rgb(to_rgb(Hcl{h(t), c(t), l(t), o(t)}))); };
    };
  if (name == "cubehelix")
    return [hue, power](Value const& a, Value const& b) -> Interpolator {
      Cubehelix const x = to_cubehelix(color_of(a)), y = to_cubehelix(color_of(b));
      Line const h = hue(x.h, y.h), s = line(x.s, y.s), l = line(x.l, y.l), o = line(x.opacity, y.opacity);
      return [=](double t) { return Value(format_rgb(to_rgb(Cubehelix{h(t), s(t), l(std::pow(t, power)), o(t)}))); };
    };
  return [](Value const& a, Value const& b) { return interpolate_values(a, b); };
}

Interpolator piecewise(InterpolatorFactory const& factory, Array const& values) {
  if (values.size() < 2) {
    Value const only = values.empty() ? Value() : values[0];
    return [only](double) { return only; };
  }
  std::vector<Interpolator> pieces;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) pieces.push_back(factory(values[i], values[i + 1]));
  return [pieces](double t) {
    double const n = static_cast<double>(pieces.size());
    double const i = std::isnan(t) ? 0 : std::max(0.0, std::min(n - 1, std::floor(t * n)));
    return pieces[static_cast<std::size_t>(i)](t * n - i);
  };
}

}  // namespace cml::vega
