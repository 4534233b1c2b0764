#include "vega/expr/coerce.hpp"

#include <charconv>
#include <cmath>

#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

bool has_keys(Value const& value, char const* a, char const* b, char const* c) {
  return value.is_object() && value.size() == 4 && value.has(a) && value.has(b) && value.has(c) && value.has("opacity");
}

// ToPrimitive with hint number: text stays text, objects become text, the rest becomes a number.
Value primitive(Value const& value) {
  switch (value.type()) {
    case Type::Date:
      return value.number();
    case Type::Array:
    case Type::Object:
    case Type::Regexp:
    case Type::Table:
    case Type::Outline:
      return js_string(value);
    default:
      return value;
  }
}

}  // namespace

void check_item_count(double count) {
  if (!(count <= static_cast<double>(kMaxItems))) fail("", "an expression makes a list of more than ten million items");
}

std::string color_object_string(Value const& v) {
  auto const channel = [&v](char const* key) { return v[key].to_number(); };
  double const opacity = channel("opacity");
  if (has_keys(v, "r", "g", "b")) return format_rgb({channel("r"), channel("g"), channel("b"), opacity});
  if (has_keys(v, "h", "s", "l")) return format_rgb(to_rgb(Hsl{channel("h"), channel("s"), channel("l"), opacity}));
  if (has_keys(v, "l", "a", "b")) return format_rgb(to_rgb(Lab{channel("l"), channel("a"), channel("b"), opacity}));
  if (has_keys(v, "h", "c", "l")) return format_rgb(to_rgb(Hcl{channel("h"), channel("c"), channel("l"), opacity}));
  return {};
}

std::string js_string(Value const& value) {
  if (value.is_date()) return date_string(value.number());
  if (value.is_object()) {
    auto color = color_object_string(value);
    return color.empty() ? "[object Object]" : color;
  }
  if (value.is_array() || value.is_table()) {
    std::string out;
    bool first = true;
    for (auto const& item : list_of(value)) {
      if (!first) out += ',';
      first = false;
      if (!item.is_nullish()) out += js_string(item);
      budget::steps(20);
      check_text_size(out.size());
    }
    return out;
  }
  return value.to_string();
}

std::int32_t to_int32(double number) {
  if (!std::isfinite(number)) return 0;
  double const wrapped = std::fmod(std::trunc(number), 4294967296.0);
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(wrapped)));
}
double js_remainder(double a, double b) { return std::fmod(a, b); }
double js_power(double base, double exponent) {
  if (std::isnan(exponent) || (std::fabs(base) == 1 && std::isinf(exponent))) return std::nan("");
  return std::pow(base, exponent);
}

Value js_add(Value const& a, Value const& b) {
  auto const textual = [](Value const& v) { return v.type() >= Type::String || v.is_date(); };
  if (!textual(a) && !textual(b)) return a.to_number() + b.to_number();
  auto out = js_string(a);
  auto const right = js_string(b);
  check_text_size(out.size() + right.size());
  out += right;
  return Value(std::string_view(out));
}

bool js_same(Value const& a, Value const& b) {
  if (a.is_table() || b.is_table()) return a.is_table() && b.is_table() && a.table() == b.table();
  return a.same_identity(b);
}
bool js_equal(Value const& a, Value const& b) {
  if (a.is_nullish() || b.is_nullish()) return a.is_nullish() && b.is_nullish();
  if (a.type() == b.type()) return js_same(a, b);
  auto const object = [](Value const& v) { return v.is_date() || v.type() > Type::String; };
  if (object(a) && object(b)) return false;
  if (object(a)) return js_equal(js_string(a), b);
  if (object(b)) return js_equal(a, js_string(b));
  return a.to_number() == b.to_number();
}

int compare_utf16(std::string_view a, std::string_view b) {
  std::size_t const n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    auto const x = static_cast<unsigned char>(a[i]), y = static_cast<unsigned char>(b[i]);
    if (x == y) continue;
    // Surrogates (four-byte sequences) sort before U+E000..U+FFFF as UTF-16 units.
    if (x >= 0xF0 && y >= 0xEE && y < 0xF0) return -1;
    if (y >= 0xF0 && x >= 0xEE && x < 0xF0) return 1;
    return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}
bool js_less(Value const& a, Value const& b) {
  auto const x = primitive(a), y = primitive(b);
  if (x.is_string() && y.is_string()) return compare_utf16(x.string(), y.string()) < 0;
  return x.to_number() < y.to_number();
}
bool js_less_equal(Value const& a, Value const& b) {
  auto const x = primitive(a), y = primitive(b);
  if (x.is_string() && y.is_string()) return compare_utf16(x.string(), y.string()) <= 0;
  return x.to_number() <= y.to_number();
}

double to_instant(Value const& value) {
  if (value.is_string()) return parse_date(value.string());
  if (value.is_array() || value.is_object() || value.is_table()) return parse_date(js_string(value));
  return time_clip(value.to_number());
}

bool is_list(Value const& value) { return value.is_array() || value.is_table(); }
Array list_of(Value const& value) {
  budget::steps(2 * value.items().size());
  if (value.is_array()) return value.items();
  Array out;
  if (auto const* table = value.table()) {
    budget::steps(table->size() * (20 + 10 * table->fields().size()));
    out.reserve(table->size());
    for (std::size_t i = 0; i < table->size(); ++i) out.push_back(table->row(i));
  }
  return out;
}

Value property_of(Value const& object, std::string_view key) {
  switch (object.type()) {
    case Type::Object:
      return object[key];
    case Type::Array:
    case Type::String:
    case Type::Table: {
      if (key == "length") return static_cast<double>(object.size());
      std::size_t index = 0;
      auto const [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc() || end != key.data() + key.size() || index >= object.size()) return {};
      return property_of(object, static_cast<double>(index));
    }
    default:
      return {};
  }
}
Value property_of(Value const& object, Value const& key) {
  if (!key.is_number() || object.is_object()) return property_of(object, std::string_view(js_string(key)));
  double const n = key.number();
  if (!(n >= 0) || n != std::floor(n) || n >= static_cast<double>(object.size())) return {};
  auto const index = static_cast<std::size_t>(n);
  if (object.is_array()) return object.at(index);
  if (auto const* table = object.table()) return table->row(index);
  if (object.is_string()) return to_utf8(to_utf16(object.string()).substr(index, 1));
  return {};
}

}  // namespace cml::vega
