// Text and regular expressions. Positions count UTF-16 units, as in JavaScript.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/expr/regexp.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

Value text(std::string_view s) {
  check_text_size(s.size());
  return s;
}
bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
// The part between two positions in UTF-16 units.
std::string part(std::string_view s, std::size_t begin, std::size_t end) {
  if (is_ascii(s)) return std::string(s.substr(begin, end - begin));
  return to_utf8(std::u16string_view(to_utf16(s)).substr(begin, end - begin));
}

std::string_view trimmed(std::string_view s) {
  auto const blank = [](std::string_view rest, std::size_t at, std::size_t& next) {
    next = at;
    char32_t const c = decode_utf8(rest, next);
    return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
  };
  std::size_t begin = 0, end = 0, next = 0;
  while (begin < s.size() && blank(s, begin, next)) begin = next;
  end = begin;
  for (std::size_t at = begin; at < s.size(); at = next)
    if (!blank(s, at, next)) end = next;
  return s.substr(begin, end - begin);
}

Value parse_float(Call const& c) {
  auto const whole = js_string(c[0]);
  auto s = trimmed(whole);
  double const sign = !s.empty() && s[0] == '-' ? -1 : 1;
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  if (s.substr(0, 8) == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (s.empty() || !((s[0] >= '0' && s[0] <= '9') || s[0] == '.')) return kNaN;
  // The longest prefix that is a number.
  std::size_t n = 0;
  auto const digits = [&] {
    auto const from = n;
    while (n < s.size() && s[n] >= '0' && s[n] <= '9') ++n;
    return n > from;
  };
  bool any = digits();
  if (n < s.size() && s[n] == '.') {
    ++n;
    any = digits() || any;
  }
  if (!any) return kNaN;
  if (n < s.size() && (s[n] == 'e' || s[n] == 'E')) {
    auto const mantissa = n++;
    if (n < s.size() && (s[n] == '+' || s[n] == '-')) ++n;
    if (!digits()) n = mantissa;
  }
  return sign * string_to_number(s.substr(0, n));
}

Value parse_int(Call const& c) {
  auto const whole = js_string(c[0]);
  auto s = trimmed(whole);
  double const sign = !s.empty() && s[0] == '-' ? -1 : 1;
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  int radix = to_int32(c.number(1));
  bool const hex = s.size() > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
  if (radix != 0 && (radix < 2 || radix > 36)) return kNaN;
  if (hex && (radix == 0 || radix == 16)) {
    s.remove_prefix(2);
    radix = 16;
  }
  if (radix == 0) radix = 10;
  double value = 0;
  std::size_t n = 0;
  for (; n < s.size(); ++n) {
    char const ch = s[n];
    int const digit = ch >= '0' && ch <= '9'   ? ch - '0'
                      : ch >= 'a' && ch <= 'z' ? ch - 'a' + 10
                      : ch >= 'A' && ch <= 'Z' ? ch - 'A' + 10
                                               : 99;
    if (digit >= radix) break;
    value = value * radix + digit;
  }
  if (n == 0) return kNaN;
  if (radix == 10) value = string_to_number(s.substr(0, n));
  return sign * value;
}

Value substring(Call const& c) {
  auto const s = js_string(c[0]);
  double const length = static_cast<double>(utf16_length(s));
  auto const position = [&](std::size_t i, double fallback) {
    double const n = c.given(i) ? std::trunc(c.number(i)) : fallback;
    return std::isnan(n) ? 0 : std::clamp(n, 0.0, length);
  };
  double begin = position(1, 0), end = position(2, length);
  if (begin > end) std::swap(begin, end);
  return text(part(s, static_cast<std::size_t>(begin), static_cast<std::size_t>(end)));
}

Value split(Call const& c) {
  auto const s = js_string(c[0]);
  double const limit =
      c.given(2) ? static_cast<double>(static_cast<std::uint32_t>(to_int32(c.number(2)))) : 4294967295.0;
  Array out;
  auto const add = [&](std::string_view piece) {
    if (static_cast<double>(out.size()) >= limit) return;
    out.emplace_back(piece);
    if (out.size() > kMaxItems) check_item_count(static_cast<double>(out.size()));
  };
  if (!c.given(1)) {
    add(s);
  } else if (c[1].is_regexp()) {
    auto const regexp = Regexp::get(c[1].string(), c[1].regexp_flags());
    if (s.empty()) {
      if (!regexp->match(s)) add(s);
      return out;
    }
    std::size_t from = 0, at = 0;
    while (at < s.size()) {
      auto const groups = regexp->match(s, at);
      if (!groups || (*groups)[0].begin >= s.size()) break;
      auto const [begin, end, matched] = (*groups)[0];
      if (end == from && begin == from) {  // Empty at the start of a piece: no split here.
        ++at;
        while (at < s.size() && (static_cast<unsigned char>(s[at]) & 0xC0) == 0x80) ++at;
        continue;
      }
      add(std::string_view(s).substr(from, begin - from));
      for (std::size_t i = 1; i < groups->size(); ++i) {
        if (static_cast<double>(out.size()) >= limit) break;
        auto const& g = (*groups)[i];
        out.push_back(g.matched ? Value(std::string_view(s).substr(g.begin, g.end - g.begin)) : Value());
      }
      from = end;
      at = end > begin ? end : end + 1;
    }
    add(std::string_view(s).substr(from));
  } else if (auto const separator = js_string(c[1]); separator.empty()) {
    for (char16_t unit : to_utf16(s)) add(to_utf8(std::u16string_view(&unit, 1)));
  } else {
    std::size_t from = 0;
    for (std::size_t at; (at = s.find(separator, from)) != std::string::npos; from = at + separator.size())
      add(std::string_view(s).substr(from, at - from));
    add(std::string_view(s).substr(from));
  }
  return out;
}

Value replace(Call const& c) {
  auto const s = js_string(c[0]), replacement = js_string(c[2]);
  if (c[1].is_regexp()) return text(Regexp::get(c[1].string(), c[1].regexp_flags())->replace(s, replacement));
  if (!c[1].is_string()) fail("", "Please pass a string or RegExp argument to replace.");
  auto const at = s.find(c[1].string());
  if (at == std::string::npos) return text(s);
  auto const end = at + c[1].string().size();
  return text(s.substr(0, at) + expand_replacement(replacement, s, {{at, end, true}}, nullptr) + s.substr(end));
}

Value test(Call const& c) {
  auto const regexp = c[0].is_regexp() ? Regexp::get(c[0].string(), c[0].regexp_flags())
                                       : Regexp::get(c[0].is_undefined() ? "(?:)" : js_string(c[0]), "");
  return regexp->match(js_string(c[1])).has_value();
}
Value regexp(Call const& c) {
  auto const pattern = c[0].is_regexp() ? std::string(c[0].string()) : c[0].is_undefined() ? "(?:)" : js_string(c[0]);
  auto const flags = c.given(1) ? js_string(c[1]) : std::string(c[0].regexp_flags());
  Regexp::get(pattern, flags);
  return Value::regexp(pattern, flags);
}

std::string repeat(std::string const& unit, double count) {
  if (!(count > 0) || unit.empty()) return {};
  if (count * static_cast<double>(unit.size()) > static_cast<double>(kMaxText)) check_text_size(kMaxText + 1);
  budget::steps(count * static_cast<double>(unit.size()));
  if (unit.size() == 1) return std::string(static_cast<std::size_t>(std::ceil(count)), unit[0]);
  std::string out;
  for (double i = 0; i < count; ++i) out += unit;
  return out;
}
Value pad(Call const& c) {
  auto const s = js_string(c[0]);
  auto const unit = c[2].truthy() ? js_string(c[2]) : std::string(" ");
  double const missing = c.number(1) - static_cast<double>(utf16_length(s));
  if (!(missing > 0)) return text(s);
  auto const align = c[3].string();
  if (align == "left") return text(repeat(unit, std::trunc(missing)) + s);
  if (align == "center") return text(repeat(unit, std::trunc(missing / 2)) + s + repeat(unit, std::ceil(missing / 2)));
  return text(s + repeat(unit, std::trunc(missing)));
}
Value truncate(Call const& c) {
  auto const s = js_string(c[0]);
  auto const ellipsis = c[3].is_nullish() ? std::string("\xE2\x80\xA6") : js_string(c[3]);
  auto const n = utf16_length(s);
  double const length = c.number(1);
  if (static_cast<double>(n) <= length) return text(s);
  double const room = std::fmax(0, length - static_cast<double>(utf16_length(ellipsis)));
  auto const keep = std::min(n, static_cast<std::size_t>(std::trunc(std::isnan(room) ? 0 : room)));
  auto const align = c[2].string();
  if (align == "left") return text(ellipsis + part(s, n - keep, n));
  if (align == "center") return text(part(s, 0, (keep + 1) / 2) + ellipsis + part(s, n - keep / 2, n));
  return text(part(s, 0, keep) + ellipsis);
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
Value btoa(Call const& c) {
  std::string bytes;
  for (char16_t unit : to_utf16(js_string(c[0]))) {
    if (unit > 0xFF) fail("", "btoa: the text holds characters beyond Latin-1");
    bytes += static_cast<char>(unit);
  }
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kBase64[group >> (18 - 6 * k) & 63];
  }
  return text(out);
}
Value atob(Call const& c) {
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (char ch : js_string(c[0])) {
    if (ch == '=' || ch == ' ' || (ch >= 9 && ch <= 13)) continue;
    auto const* at = std::char_traits<char>::find(kBase64, 64, ch);
    if (!at) fail("", "atob: the text is not base64");
    group = group << 6 | static_cast<std::uint32_t>(at - kBase64);
    if ((bits += 6) >= 8) append_utf8(out, group >> (bits -= 8) & 0xFF);
  }
  return text(out);
}
Value encode_uri_component(Call const& c) {
  std::string out;
  for (char ch : js_string(c[0])) {
    if (std::isalnum(static_cast<unsigned char>(ch)) ||
        std::string_view("-_.!~*'()").find(ch) != std::string_view::npos) {
      out += ch;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[static_cast<unsigned char>(ch) >> 4];
      out += "0123456789ABCDEF"[static_cast<unsigned char>(ch) & 15];
    }
  }
  return text(out);
}

constexpr FunctionType kStrings[] = {
    {"parseFloat", 1, -1, parse_float},
    {"parseInt", 1, -1, parse_int},
    {"upper", 1, -1, [](Call const& c) { return text(to_upper(js_string(c[0]))); }},
    {"lower", 1, -1, [](Call const& c) { return text(to_lower(js_string(c[0]))); }},
    {"substring", 1, -1, substring},
    {"split", 1, -1, split},
    {"trim", 1, -1, [](Call const& c) { return text(trimmed(js_string(c[0]))); }},
    {"replace", 2, -1, replace},
    {"pad", 1, -1, pad},
    {"truncate", 1, -1, truncate},
    {"regexp", 1, -1, regexp},
    {"test", 1, -1, test},
    {"btoa", 1, -1, btoa},
    {"atob", 1, -1, atob},
    {"encodeURIComponent", 1, -1, encode_uri_component},
};

}  // namespace

std::span<FunctionType const> string_functions() { return kStrings; }

}  // namespace cml::vega
