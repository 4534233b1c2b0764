#include "vega/value/number_format.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"
#include "vega/value/js_number.hpp"

namespace cml::vega {
namespace {

constexpr char const* kPrefixes[] = {"y", "z", "a", "f", "p", "n", "\xC2\xB5", "m", "",
                                     "k", "M", "G", "T", "P", "E", "Z",        "Y"};
constexpr int kMaxWidth = 10000;  // A picture has no use for wider labels; untrusted specs might ask for 1e9.

bool one_of(char c, char const* set) { return c && std::strchr(set, c); }

double exponent_of(double x) {
  x = std::fabs(x);
  return !std::isfinite(x) || x == 0 ? kNaN : decimal_parts(x, 0).exponent;
}
// The exponent of the SI prefix for 10^exponent: a multiple of three in [-24, 24].
double prefix_exponent(double exponent) { return std::fmax(-8, std::fmin(8, std::floor(exponent / 3))) * 3; }

std::string zeros(int count) { return std::string(static_cast<std::size_t>(std::max(0, count)), '0'); }

std::string format_rounded(double x, int p) {
  if (!std::isfinite(x) || x == 0) return number_to_string(x);
  auto const [digits, e] = decimal_parts(x, p);
  int const n = static_cast<int>(digits.size());
  if (e < 0) return "0." + zeros(-e - 1) + digits;
  if (n > e + 1)
    return digits.substr(0, static_cast<std::size_t>(e) + 1) + "." + digits.substr(static_cast<std::size_t>(e) + 1);
  return digits + zeros(e - n + 1);
}

// `prefix` receives the exponent of the SI prefix, or nothing for zero and infinities.
std::string format_si(double x, int p, std::optional<int>& prefix) {
  if (!std::isfinite(x) || x == 0) return to_precision(x, p);
  auto const [digits, e] = decimal_parts(x, p);
  prefix = static_cast<int>(prefix_exponent(e));
  int const i = e - *prefix + 1, n = static_cast<int>(digits.size());
  if (i == n) return digits;
  if (i > n) return digits + zeros(i - n);
  if (i > 0) return digits.substr(0, static_cast<std::size_t>(i)) + "." + digits.substr(static_cast<std::size_t>(i));
  int const fewer = std::max(0, p + i - 1);
  return "0." + zeros(-i) + decimal_parts(x, fewer).digits;
}

std::string format_integer(double x) {
  x = js_round(x);
  if (std::isinf(x)) return "\xE2\x88\x9E";
  if (!(x >= 1e21)) return number_to_string(x);
  auto const [digits, e] = decimal_parts(x, 0);
  return digits + zeros(e + 1 - static_cast<int>(digits.size()));
}

// Removes insignificant zeros: 1.2000k becomes 1.2k.
std::string trim(std::string const& s) {
  std::ptrdiff_t from = -1;
  std::size_t to = 0;
  for (std::size_t i = 1; i < s.size(); ++i) {
    char const c = s[i];
    if (c == '.') {
      from = static_cast<std::ptrdiff_t>(to = i);
    } else if (c == '0') {
      if (from == 0) from = static_cast<std::ptrdiff_t>(i);
      to = i;
    } else {
      if (c < '1' || c > '9') break;
      if (from > 0) from = 0;
    }
  }
  return from > 0 ? s.substr(0, static_cast<std::size_t>(from)) + s.substr(to + 1) : s;
}

std::string group(std::string const& digits, double width, NumberLocale const& locale) {
  if (locale.grouping.empty()) return digits;
  auto i = static_cast<int>(digits.size());
  std::vector<std::string> parts;
  double length = 0;
  std::size_t j = 0;
  int g = locale.grouping[0];
  while (i > 0 && g > 0) {
    if (length + g + 1 > width) g = static_cast<int>(std::fmax(1, width - length));
    int const from = std::max(0, i - g);
    parts.push_back(digits.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(i - from)));
    i -= g;
    if ((length += g + 1) > width) break;
    g = locale.grouping[j = (j + 1) % locale.grouping.size()];
  }
  std::string out;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) out += (out.empty() ? "" : locale.thousands) + *part;
  return out;
}

std::string repeat(std::string const& unit, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += unit;
  return out;
}

}  // namespace

NumberLocale NumberLocale::from(Value const& d) {
  NumberLocale locale;
  auto const text = [&d](char const* key, std::string fallback) {
    return d[key].is_undefined() ? fallback : d[key].to_string();
  };
  locale.decimal = text("decimal", ".");
  locale.grouping.clear();
  if (d["thousands"].defined() && d["grouping"].is_array()) {
    locale.thousands = d["thousands"].to_string();
    for (auto const& size : d["grouping"].items()) {
      double const n = size.to_number();
      locale.grouping.push_back(n >= 1 && n <= 1000 ? static_cast<int>(n) : 0);
    }
  }
  locale.currency_prefix = d["currency"].is_array() ? d["currency"].at(0).to_string() : "";
  locale.currency_suffix = d["currency"].is_array() ? d["currency"].at(1).to_string() : "";
  if (d["numerals"].size() == 10)
    for (auto const& numeral : d["numerals"].items()) locale.numerals.push_back(numeral.to_string());
  locale.percent = text("percent", "%");
  locale.minus = text("minus", "\xE2\x88\x92");
  locale.nan = text("nan", "NaN");
  return locale;
}
NumberLocaleRef NumberLocale::standard() {
  static NumberLocaleRef const locale = std::make_shared<NumberLocale const>();
  return locale;
}

FormatSpecifier FormatSpecifier::parse(std::string_view text) {
  FormatSpecifier spec;
  auto rest = text;
  auto const invalid = [text]() { fail("", "invalid format: " + std::string(text)); };
  auto const take = [&rest](char const* set) {
    if (rest.empty() || !one_of(rest[0], set)) return '\0';
    char const c = rest[0];
    rest.remove_prefix(1);
    return c;
  };
  auto const number = [&]() -> std::optional<int> {
    if (rest.empty() || rest[0] < '0' || rest[0] > '9') return {};
    long value = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      value = std::min(value * 10 + (rest[0] - '0'), 1000000L);
      rest.remove_prefix(1);
    }
    return static_cast<int>(value);
  };
  // A fill is any one character before an alignment.
  std::size_t first = 1;
  while (first < rest.size() && (rest[first] & 0xC0) == 0x80) ++first;
  if (!rest.empty() && first < rest.size() && one_of(rest[first], "<>=^")) {
    spec.fill = std::string(rest.substr(0, first));
    spec.align = rest[first];
    rest.remove_prefix(first + 1);
  } else if (char const align = take("<>=^")) {
    spec.align = align;
  }
  if (char const c = take("+-( ")) spec.sign = c;
  spec.symbol = take("$#");
  spec.zero = take("0") != 0;
  spec.width = number();
  spec.comma = take(",") != 0;
  if (rest.size() > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
    rest.remove_prefix(1);
    spec.precision = number();
  }
  spec.trim = take("~") != 0;
  if (rest.size() == 1 && (rest[0] == '%' || std::isalpha(static_cast<unsigned char>(rest[0])))) {
    spec.type = rest[0];
    rest.remove_prefix(1);
  }
  if (!rest.empty()) invalid();
  if (spec.width && *spec.width > kMaxWidth) fail("", "number format too wide: " + std::string(text));
  return spec;
}

NumberFormat::NumberFormat(FormatSpecifier specifier, NumberLocaleRef locale, std::string suffix)
    : spec_(std::move(specifier)), locale_(std::move(locale)), suffix_(std::move(suffix)) {
  auto& s = spec_;
  if (s.type == 'n') {
    s.comma = true;
    s.type = 'g';
  } else if (!one_of(s.type, "%bcdefgoprsXx")) {
    if (!s.precision) s.precision = 12;
    s.trim = true;
    s.type = 'g';
  }
  if (s.zero || (s.fill == "0" && s.align == '=')) {
    s.zero = true;
    s.fill = "0";
    s.align = '=';
  }
  if (s.symbol == '$')
    prefix_ = locale_->currency_prefix, suffix_ = locale_->currency_suffix + suffix_;
  else {
    if (s.symbol == '#' && one_of(s.type, "boxX")) prefix_ = std::string("0") + (s.type == 'X' ? 'x' : s.type);
    if (one_of(s.type, "%p")) suffix_ = locale_->percent + suffix_;
  }
  if (s.precision)
    precision_ = one_of(s.type, "gprs") ? std::clamp(*s.precision, 1, 21) : std::clamp(*s.precision, 0, 20);
}

std::string NumberFormat::operator()(Value const& value) const {
  if (spec_.type == 'c') return finish("", prefix_, value.to_string() + suffix_);
  return (*this)(value.to_number());
}

std::string NumberFormat::operator()(double value) const {
  auto const& s = spec_;
  value *= factor_;
  if (s.type == 'c') return finish("", prefix_, number_to_string(value) + suffix_);
  bool negative = std::signbit(value) && !std::isnan(value);
  std::optional<int> si;
  std::string text;
  double const x = std::fabs(value);
  if (std::isnan(value)) {
    text = locale_->nan;
  } else {
    switch (s.type) {
      case '%':
        text = to_fixed(x * 100, precision_);
        break;
      case 'b':
        text = to_radix(js_round(x), 2);
        break;
      case 'o':
        text = to_radix(js_round(x), 8);
        break;
      case 'x':
        text = to_radix(js_round(x), 16);
        break;
      case 'X':
        text = to_radix(js_round(x), 16);
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        break;
      case 'd':
        text = format_integer(x);
        break;
      case 'e':
        text = to_exponential(x, precision_);
        break;
      case 'f':
        text = to_fixed(x, precision_);
        break;
      case 'p':
        text = format_rounded(x * 100, precision_);
        break;
      case 'r':
        text = format_rounded(x, precision_);
        break;
      case 's':
        text = format_si(x, precision_, si);
        break;
      default:
        text = to_precision(x, precision_);
        break;
    }
  }
  if (s.trim) text = trim(text);
  // What rounds to zero shows no sign.
  if (negative && s.sign != '+' && string_to_number(text) == 0) negative = false;
  std::string prefix = (negative                         ? (s.sign == '(' ? "(" : locale_->minus)
                        : s.sign == '-' || s.sign == '(' ? std::string()
                                                         : std::string(1, s.sign)) +
                       prefix_;
  std::string suffix =
      (s.type == 's' && si ? kPrefixes[8 + *si / 3] : "") + suffix_ + (negative && s.sign == '(' ? ")" : "");
  if (one_of(s.type, "defgprs%")) {
    auto const other = text.find_first_not_of("0123456789");
    if (other != std::string::npos) {
      suffix = (text[other] == '.' ? locale_->decimal + text.substr(other + 1) : text.substr(other)) + suffix;
      text.resize(other);
    }
  }
  auto out = finish(std::move(text), std::move(prefix), std::move(suffix));
  if (!trim_zeroes_) return out;
  // vega-format's formatFloat: zeros after the decimal point are cut where the digits end.
  auto const point = out.find(locale_->decimal);
  if (point == std::string::npos) return out;
  auto end = out.rfind('e');
  if (end == std::string::npos || end == 0) {
    for (end = out.size(); --end > point;)
      if (out[end] >= '0' && out[end] <= '9') break;
    ++end;
  }
  auto const tail = out.substr(end);
  auto keep = end;
  while (--keep > point)
    if (out[keep] != '0') {
      ++keep;
      break;
    }
  return out.substr(0, keep) + tail;
}

std::string NumberFormat::finish(std::string value, std::string prefix, std::string suffix) const {
  auto const& s = spec_;
  if (s.comma && !s.zero) value = group(value, std::numeric_limits<double>::infinity(), *locale_);
  auto const length = utf16_length(prefix) + utf16_length(value) + utf16_length(suffix);
  auto const width = static_cast<std::size_t>(s.width.value_or(0));
  auto const missing = length < width ? width - length : 0;
  std::string padding = repeat(s.fill, missing);
  if (s.comma && s.zero) {
    double const room = missing ? static_cast<double>(width) - static_cast<double>(utf16_length(suffix))
                                : std::numeric_limits<double>::infinity();
    value = group(padding + value, room, *locale_);
    padding.clear();
  }
  std::string out;
  switch (s.align) {
    case '<':
      out = prefix + value + suffix + padding;
      break;
    case '=':
      out = prefix + padding + value + suffix;
      break;
    case '^': {
      auto const left = missing / 2;
      out = (padding.empty() ? "" : repeat(s.fill, left)) + prefix + value + suffix +
            (padding.empty() ? "" : repeat(s.fill, missing - left));
      break;
    }
    default:
      out = padding + prefix + value + suffix;
      break;
  }
  if (locale_->numerals.empty()) return out;
  std::string mapped;
  for (char c : out)
    mapped += c >= '0' && c <= '9' ? locale_->numerals[static_cast<std::size_t>(c - '0')] : std::string(1, c);
  return mapped;
}

NumberFormat NumberFormat::prefixed(FormatSpecifier specifier, double reference, NumberLocaleRef locale) {
  // Differs from Vega: without a finite, non-zero reference d3 prints NaN; a plain number is of more use.
  double const exponent = exponent_of(reference);
  double const e = std::isnan(exponent) ? 0 : prefix_exponent(exponent);
  specifier.type = 'f';
  NumberFormat format(std::move(specifier), std::move(locale), kPrefixes[8 + static_cast<int>(e) / 3]);
  format.factor_ = std::pow(10, -e);
  return format;
}

NumberFormat NumberFormat::trimmed(std::string_view specifier, NumberLocaleRef locale) {
  auto spec = FormatSpecifier::parse(specifier.empty() ? "," : specifier);
  bool const free = !spec.precision;
  if (free) spec.precision = spec.type == '%' ? 10 : spec.type == 'e' ? 11 : 12;
  NumberFormat format(std::move(spec), std::move(locale));
  format.trim_zeroes_ = free;
  return format;
}

NumberFormat NumberFormat::of_ticks(double start, double stop, double count, std::optional<std::string_view> specifier,
                                    NumberLocaleRef locale) {
  auto spec = FormatSpecifier::parse(specifier.value_or(",f"));
  double const step = decimal::tick_step(start, stop, count);
  double const value = std::fmax(std::fabs(start), std::fabs(stop));
  auto const set = [&spec](double precision, double less) {
    if (!std::isnan(precision)) spec.precision = static_cast<int>(std::fmax(0, std::fmin(100, precision - less)));
  };
  if (spec.type == 's') {
    if (!spec.precision) set(precision_prefix(step, value), 0);
    return prefixed(std::move(spec), value, std::move(locale));
  }
  if (!spec.precision) {
    if (spec.type == 0 || one_of(spec.type, "egpr"))
      set(precision_round(step, value), spec.type == 'e' ? 1 : 0);
    else if (one_of(spec.type, "f%"))
      set(precision_fixed(step), spec.type == '%' ? 2 : 0);
  }
  return NumberFormat(std::move(spec), std::move(locale));
}

namespace {
// Math.max(0, x), which keeps NaN.
double at_least_zero(double x) { return std::isnan(x) ? x : std::fmax(0, x); }
}  // namespace

double precision_fixed(double step) { return at_least_zero(-exponent_of(step)); }
double precision_prefix(double step, double value) {
  double const e = exponent_of(value);
  return std::isnan(e) ? kNaN : at_least_zero(prefix_exponent(e) - exponent_of(step));
}
double precision_round(double step, double max) {
  step = std::fabs(step);
  max = std::fabs(max) - step;
  return at_least_zero(exponent_of(max) - exponent_of(step)) + 1;
}

// --- Ticks --------------------------------------------------------------------------------------------------------

namespace {

struct TickSpec {
  double first = 0, last = 0, increment = 0;
};
TickSpec tick_spec(double start, double stop, double count) {
  double const step = (stop - start) / std::fmax(0, count);
  double const power = std::floor(std::log10(step));
  double const error = step / std::pow(10, power);
  double const factor = error >= std::sqrt(50) ? 10 : error >= std::sqrt(10) ? 5 : error >= std::sqrt(2) ? 2 : 1;
  TickSpec spec;
  if (power < 0) {
    double const inverse = std::pow(10, -power) / factor;
    spec.first = js_round(start * inverse);
    spec.last = js_round(stop * inverse);
    if (spec.first / inverse < start) ++spec.first;
    if (spec.last / inverse > stop) --spec.last;
    spec.increment = -inverse;
  } else {
    spec.increment = std::pow(10, power) * factor;
    spec.first = js_round(start / spec.increment);
    spec.last = js_round(stop / spec.increment);
    if (spec.first * spec.increment < start) ++spec.first;
    if (spec.last * spec.increment > stop) --spec.last;
  }
  if (spec.last < spec.first && 0.5 <= count && count < 2) return tick_spec(start, stop, count * 2);
  return spec;
}

}  // namespace

namespace decimal {

double tick_increment(double start, double stop, double count) { return tick_spec(start, stop, count).increment; }
double tick_step(double start, double stop, double count) {
  bool const reverse = stop < start;
  double const increment = reverse ? tick_increment(stop, start, count) : tick_increment(start, stop, count);
  return (reverse ? -1 : 1) * (increment < 0 ? 1 / -increment : increment);
}
std::vector<double> ticks(double start, double stop, double count) {
  if (!(count > 0)) return {};
  if (start == stop) return {start};
  bool const reverse = stop < start;
  auto const [first, last, increment] = reverse ? tick_spec(stop, start, count) : tick_spec(start, stop, count);
  if (!(last >= first)) return {};
  double const n = last - first + 1;
  if (!(n <= 10000000))
    fail("", "too many ticks between " + number_to_string(start) + " and " + number_to_string(stop));
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(n));
  for (double i = 0; i < n; ++i) {
    double const k = reverse ? last - i : first + i;
    out.push_back(increment < 0 ? k / -increment : k * increment);
  }
  return out;
}

}  // namespace decimal
}  // namespace cml::vega
