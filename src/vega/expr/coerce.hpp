// JavaScript's operators and conversions on values, where Value's own are not enough (dates as text, order of text).
#pragma once

#include <string>
#include <string_view>

#include "vega/expr/ast.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

inline constexpr std::size_t kMaxItems = 10000000;  // Items an array may grow to.
void check_item_count(double count);

// String(value): dates as Date.prototype.toString prints them, colours ({r, g, b, opacity} and the like) as rgb(...).
std::string js_string(Value const& value);
// The text of a colour made by rgb(), hsl(), lab() or hcl(); empty when the value is no such object.
std::string color_object_string(Value const& value);

std::int32_t to_int32(double number);
double js_remainder(double a, double b);
double js_power(double base, double exponent);

Value js_add(Value const& a, Value const& b);
bool js_equal(Value const& a, Value const& b);  // ==
bool js_same(Value const& a, Value const& b);   // ===
bool js_less(Value const& a, Value const& b);   // a < b
bool js_less_equal(Value const& a, Value const& b);
int compare_utf16(std::string_view a, std::string_view b);

// new Date(value): milliseconds or NaN.
double to_instant(Value const& value);

// An array's items; a table's rows as objects. Empty for other values.
Array list_of(Value const& value);
bool is_list(Value const& value);
// A property or an index of any value; undefined when it has none. Nullish objects are the caller's affair.
Value property_of(Value const& object, Value const& key);
Value property_of(Value const& object, std::string_view key);

}  // namespace cml::vega
