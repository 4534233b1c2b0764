// Formulas follow d3-color 3 (CIE D50 white for Lab, Green's cubehelix), which Vega uses.
#include "vega/value/color.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "vega/value/numbers.hpp"
#include "vega/value/named_colors.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {
namespace {

constexpr double kRadians = kPi / 180, kDegrees = 180 / kPi;
constexpr double kXn = 0.96422, kYn = 1, kZn = 0.82521;
constexpr double kT0 = 4.0 / 29, kT1 = 6.0 / 29, kT2 = 3 * kT1 * kT1, kT3 = kT1 * kT1 * kT1;
// Cubehelix constants of Dave Green's scheme, as d3-color derives them.
constexpr double kA = -0.14861, kB = +1.78277, kC = -0.29227, kD = -0.90649, kE = +1.97294;
constexpr double kED = kE * kD, kEB = kE * kB, kBCDA = kB * kC - kD * kA;

double xyz_to_lab(double t) { return t > kT3 ? std::cbrt(t) : t / kT2 + kT0; }
double lab_to_xyz(double t) { return t > kT1 ? t * t * t : kT2 * (t - kT0); }
double linear_to_rgb(double x) { return 255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055); }
double rgb_to_linear(double x) {
  x /= 255;
  return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::optional<Rgb> parse_hex(std::string_view digits) {
  for (char c : digits)
    if (hex_digit(c) < 0) return std::nullopt;
  auto const one = [&](std::size_t i) { return hex_digit(digits[i]) * 17.0; };
  auto const two = [&](std::size_t i) { return hex_digit(digits[i]) * 16.0 + hex_digit(digits[i + 1]); };
  switch (digits.size()) {
    case 3:
      return Rgb{one(0), one(1), one(2), 1};
    case 4:
      return Rgb{one(0), one(1), one(2), one(3) / 255};
    case 6:
      return Rgb{two(0), two(2), two(4), 1};
    case 8:
      return Rgb{two(0), two(2), two(4), two(6) / 255};
    default:
      return std::nullopt;
  }
}

// The arguments of rgb()/hsl(): numbers with an optional % mark, by commas or blanks (and a slash before alpha).
struct Argument {
  double value;
  bool percent;
};
std::optional<std::vector<Argument>> parse_arguments(std::string_view text) {
  std::vector<Argument> out;
  std::string number;
  auto const flush = [&]() -> bool {
    if (number.empty()) return true;
    bool const percent = number.back() == '%';
    if (percent) number.pop_back();
    if (number.size() > 3 && number.ends_with("deg")) number.resize(number.size() - 3);
    double const value = string_to_number(number);
    if (number.empty() || std::isnan(value)) return false;
    out.push_back({value, percent});
    number.clear();
    return true;
  };
  for (char c : text) {
    if (c == ',' || c == '/' || c == ' ') {
      if (!flush()) return std::nullopt;
    } else {
      number += c;
    }
  }
  if (!flush() || out.size() < 3 || out.size() > 4) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Rgb> parse_color(std::string_view raw) {
  std::string text;
  for (char c : raw)
    if (!(c == ' ' && (text.empty()))) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (text.empty()) return std::nullopt;
  if (text[0] == '#') return parse_hex(std::string_view(text).substr(1));
  if (text == "transparent") return Rgb{kNaN, kNaN, kNaN, 0};
  if (auto const open = text.find('('); open != std::string::npos && text.back() == ')') {
    auto const name = std::string_view(text).substr(0, open);
    auto const arguments = parse_arguments(std::string_view(text).substr(open + 1, text.size() - open - 2));
    if (!arguments) return std::nullopt;
    auto const& a = *arguments;
    double const alpha = a.size() == 4 ? (a[3].percent ? a[3].value / 100 : a[3].value) : 1;
    if (name == "rgb" || name == "rgba") {
      auto const channel = [](Argument const& x) { return x.percent ? x.value * 255 / 100 : x.value; };
      return Rgb{channel(a[0]), channel(a[1]), channel(a[2]), alpha};
    }
    if (name == "hsl" || name == "hsla") return to_rgb(Hsl{a[0].value, a[1].value / 100, a[2].value / 100, alpha});
    return std::nullopt;
  }
  auto const found = std::lower_bound(kNamedColors.begin(), kNamedColors.end(), std::string_view(text),
                                      [](NamedColor const& row, std::string_view name) { return row.name < name; });
  if (found == kNamedColors.end() || found->name != text) return std::nullopt;
  return Rgb{static_cast<double>(found->rgb >> 16), static_cast<double>(found->rgb >> 8 & 255),
             static_cast<double>(found->rgb & 255), 1};
}

std::string format_rgb(Rgb const& color) {
  auto const channel = [](double v) {
    return std::to_string(static_cast<int>(std::clamp(std::isnan(v) ? 0 : std::floor(v + 0.5), 0.0, 255.0)));
  };
  double const opacity = std::isnan(color.opacity) ? 1 : std::clamp(color.opacity, 0.0, 1.0);
  std::string out = opacity == 1 ? "rgb(" : "rgba(";
  out += channel(color.r) + ", " + channel(color.g) + ", " + channel(color.b);
  return out + (opacity == 1 ? ")" : ", " + number_to_string(opacity) + ")");
}

Hsl to_hsl(Rgb const& color) {
  double const r = color.r / 255, g = color.g / 255, b = color.b / 255;
  double const low = std::min({r, g, b}), high = std::max({r, g, b});
  double h = kNaN, s = high - low;
  double const l = (high + low) / 2;
  if (s > 0) {
    if (r == high)
      h = (g - b) / s + (g < b ? 6 : 0);
    else if (g == high)
      h = (b - r) / s + 2;
    else
      h = (r - g) / s + 4;
    s /= l < 0.5 ? high + low : 2 - high - low;
    h *= 60;
  } else {
    s = l > 0 && l < 1 ? 0 : h;
  }
  return {h, s, l, color.opacity};
}
Rgb to_rgb(Hsl const& color) {
  double h = std::fmod(color.h, 360);
  if (h < 0) h += 360;
  double const s = std::isnan(color.h) || std::isnan(color.s) ? 0 : color.s;
  double const l = color.l, m2 = l + (l < 0.5 ? l : 1 - l) * s, m1 = 2 * l - m2;
  auto const channel = [&](double x) {
    if (std::isnan(x)) x = 0;
    return (x < 60 ? m1 + (m2 - m1) * x / 60 : x < 180 ? m2 : x < 240 ? m1 + (m2 - m1) * (240 - x) / 60 : m1) * 255;
  };
  return {channel(h >= 240 ? h - 240 : h + 120), channel(h), channel(h < 120 ? h + 240 : h - 120), color.opacity};
}

Lab to_lab(Rgb const& color) {
  double const r = rgb_to_linear(color.r), g = rgb_to_linear(color.g), b = rgb_to_linear(color.b);
  double const y = xyz_to_lab((0.2225045 * r + 0.7168786 * g + 0.0606169 * b) / kYn);
  double x = y, z = y;
  if (!(r == g && g == b)) {
    x = xyz_to_lab((0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / kXn);
    z = xyz_to_lab((0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / kZn);
  }
  return {116 * y - 16, 500 * (x - y), 200 * (y - z), color.opacity};
}
Rgb to_rgb(Lab const& color) {
  double const fy = (color.l + 16) / 116;
  double const x = kXn * lab_to_xyz(std::isnan(color.a) ? fy : fy + color.a / 500);
  double const y = kYn * lab_to_xyz(fy);
  double const z = kZn * lab_to_xyz(std::isnan(color.b) ? fy : fy - color.b / 200);
  return {linear_to_rgb(3.1338561 * x - 1.6168667 * y - 0.4906146 * z),
          linear_to_rgb(-0.9787684 * x + 1.9161415 * y + 0.0334540 * z),
          linear_to_rgb(0.0719453 * x - 0.2289914 * y + 1.4052427 * z), color.opacity};
}
Hcl to_hcl(Rgb const& color) {
  Lab const lab = to_lab(color);
  if (lab.a == 0 && lab.b == 0) return {kNaN, 0 < lab.l && lab.l < 100 ? 0 : kNaN, lab.l, lab.opacity};
  double const h = std::atan2(lab.b, lab.a) * kDegrees;
  return {h < 0 ? h + 360 : h, std::sqrt(lab.a * lab.a + lab.b * lab.b), lab.l, lab.opacity};
}
Rgb to_rgb(Hcl const& color) {
  if (std::isnan(color.h)) return to_rgb(Lab{color.l, 0, 0, color.opacity});
  double const h = color.h * kRadians;
  return to_rgb(Lab{color.l, std::cos(h) * color.c, std::sin(h) * color.c, color.opacity});
}
Cubehelix to_cubehelix(Rgb const& color) {
  double const r = color.r / 255, g = color.g / 255, b = color.b / 255;
  double const l = (kBCDA * b + kED * r - kEB * g) / (kBCDA + kED - kEB);
  double const bl = b - l, k = (kE * (g - l) - kC * bl) / kD;
  double const s = std::sqrt(k * k + bl * bl) / (kE * l * (1 - l));
  double const h = s ? std::atan2(k, bl) * kDegrees - 120 : kNaN;
  return {h < 0 ? h + 360 : h, s, l, color.opacity};
}
Rgb to_rgb(Cubehelix const& color) {
  double const h = std::isnan(color.h) ? 0 : (color.h + 120) * kRadians;
  double const l = color.l, a = std::isnan(color.s) ? 0 : color.s * l * (1 - l);
  double const c = std::cos(h), s = std::sin(h);
  return {255 * (l + a * (kA * c + kB * s)), 255 * (l + a * (kC * c + kD * s)), 255 * (l + a * (kE * c)),
          color.opacity};
}
double luminance(Rgb const& color) {
  return 0.2126 * rgb_to_linear(color.r) + 0.7152 * rgb_to_linear(color.g) + 0.0722 * rgb_to_linear(color.b);
}

}  // namespace cml::vega
