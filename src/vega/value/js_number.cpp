#include "vega/value/js_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "vega/value/value.hpp"

namespace cml::vega {
namespace {

// Adds one to the last place of a string of decimal digits (a point may stand among them).
std::string increment(std::string digits) {
  for (auto i = digits.size(); i-- > 0;) {
    if (digits[i] == '.') continue;
    if (digits[i] != '9') {
      ++digits[i];
      return digits;
    }
    digits[i] = '0';
  }
  return "1" + digits;
}

std::string chars(double x, std::chars_format format, int precision) {
  std::array<char, 512> buffer;
  auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, format, precision).ptr;
  return std::string(buffer.data(), end);
}

DecimalParts split(std::string_view text) {
  DecimalParts parts;
  auto const e = text.find('e');
  for (char c : text.substr(0, e))
    if (c != '.') parts.digits += c;
  parts.exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  return parts;
}

}  // namespace

double js_round(double x) {
  if (!std::isfinite(x) || std::fabs(x) >= 4503599627370496.0) return x;
  double const floor = std::floor(x);
  double const rounded = x - floor >= 0.5 ? floor + 1 : floor;
  return rounded == 0 ? std::copysign(0.0, x) : rounded;
}

DecimalParts decimal_parts(double x, int digits) {
  if (digits <= 0) {
    std::array<char, 40> buffer;
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::scientific).ptr;
    return split(std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())));
  }
  // One digit more than asked tells whether a tie is possible; only then is the exact tail looked at. A double that
  // is not the tie itself differs from it well within 32 further digits.
  auto const longer = split(chars(x, std::chars_format::scientific, digits));
  if (longer.digits.back() == '5') {
    auto const exact = split(chars(x, std::chars_format::scientific, digits + 32));
    auto const at = static_cast<std::size_t>(digits);
    if (exact.digits[at] == '5' && exact.digits.find_first_not_of('0', at + 1) == std::string::npos) {
      DecimalParts parts{increment(exact.digits.substr(0, at)), exact.exponent};
      if (parts.digits.size() > at) {
        parts.digits.pop_back();
        ++parts.exponent;
      }
      return parts;
    }
  }
  return split(chars(x, std::chars_format::scientific, digits - 1));
}

std::string to_fixed(double x, int digits) {
  if (!std::isfinite(x) || std::fabs(x) >= 1e21) return number_to_string(x);
  double const positive = std::fabs(x);
  auto longer = chars(positive, std::chars_format::fixed, digits + 1);
  std::string text;
  // The expansion ends at that digit when the value is a multiple of 2^-(digits+1).
  double const scaled = std::ldexp(positive, digits + 1);
  if (longer.back() == '5' && scaled == std::floor(scaled)) {
    longer.pop_back();
    if (longer.back() == '.') longer.pop_back();
    text = increment(std::move(longer));
  } else {
    text = chars(positive, std::chars_format::fixed, digits);
  }
  bool const zero = text.find_first_not_of("0.") == std::string::npos;
  return x < 0 && !(zero && x == 0) ? "-" + text : text;
}

std::string to_exponential(double x, int digits) {
  if (!std::isfinite(x)) return number_to_string(x);
  DecimalParts parts = x == 0 ? DecimalParts{std::string(static_cast<std::size_t>(std::max(digits, 0)) + 1, '0'), 0}
                              : decimal_parts(std::fabs(x), digits < 0 ? 0 : digits + 1);
  std::string out = x < 0 ? "-" : "";
  out += parts.digits[0];
  if (parts.digits.size() > 1) out += "." + parts.digits.substr(1);
  out += parts.exponent < 0 ? "e-" : "e+";
  return out + std::to_string(std::abs(parts.exponent));
}

std::string to_precision(double x, int digits) {
  if (!std::isfinite(x)) return number_to_string(x);
  if (x == 0) return digits > 1 ? "0." + std::string(static_cast<std::size_t>(digits - 1), '0') : "0";
  auto const parts = decimal_parts(std::fabs(x), digits);
  std::string const sign = x < 0 ? "-" : "";
  int const e = parts.exponent;
  if (e < -6 || e >= digits) {
    return sign + parts.digits.substr(0, 1) + (digits > 1 ? "." + parts.digits.substr(1) : "") + (e < 0 ? "e-" : "e+") +
           std::to_string(std::abs(e));
  }
  if (e == digits - 1) return sign + parts.digits;
  if (e >= 0) {
    auto const point = static_cast<std::size_t>(e) + 1;
    return sign + parts.digits.substr(0, point) + "." + parts.digits.substr(point);
  }
  return sign + "0." + std::string(static_cast<std::size_t>(-e - 1), '0') + parts.digits;
}

std::string to_radix(double x, int radix) {
  if (!std::isfinite(x)) return number_to_string(x);
  double rest = std::fabs(std::trunc(x));
  if (rest == 0) return "0";
  std::string out;
  while (rest > 0) {
    out += "0123456789abcdefghijklmnopqrstuvwxyz"[static_cast<int>(std::fmod(rest, radix))];
    rest = std::floor(rest / radix);
  }
  if (x < 0) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace cml::vega
