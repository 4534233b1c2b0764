// Types and coercion (vega-util).
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/time_format.hpp"

namespace cml::vega {
namespace {

bool blank(Value const& v) { return v.is_nullish() || (v.is_string() && v.string().empty()); }

Value to_boolean(Call const& c) {
  if (blank(c[0])) return nullptr;
  if (c[0].is_string()) return c[0].string() != "false" && c[0].string() != "0";
  return c[0].truthy();
}
Value to_date(Call const& c) {
  if (blank(c[0])) return nullptr;
  if (c[0].is_number() || c[0].is_date()) return c[0];
  return parse_date(js_string(c[0]));
}
Value is_object(Call const& c) { return c[0].is_date() || c[0].type() > Type::String; }

constexpr FunctionType kTypes[] = {
    {"isArray", 0, -1, [](Call const& c) -> Value { return is_list(c[0]); }},
    {"isBoolean", 0, -1, [](Call const& c) -> Value { return c[0].is_boolean(); }},
    {"isDate", 0, -1, [](Call const& c) -> Value { return c[0].is_date(); }},
    {"isDefined", 0, -1, [](Call const& c) -> Value { return c[0].defined(); }},
    {"isNumber", 0, -1, [](Call const& c) -> Value { return c[0].is_number(); }},
    {"isObject", 0, -1, is_object},
    {"isRegExp", 0, -1, [](Call const& c) -> Value { return c[0].is_regexp(); }},
    {"isString", 0, -1, [](Call const& c) -> Value { return c[0].is_string(); }},
    // A row carries no mark of its dataset here: any object may be one.
    {"isTuple", 0, -1, [](Call const& c) -> Value { return c[0].is_object(); }},
    {"isValid", 0, -1,
     [](Call const& c) -> Value { return !c[0].is_nullish() && !(c[0].is_number() && std::isnan(c[0].number())); },
     nullptr, nullptr, false, [](double n) { return !std::isnan(n); }},
    {"toBoolean", 0, -1, to_boolean},
    {"toDate", 0, -1, to_date},
    {"toNumber", 0, -1, [](Call const& c) -> Value { return blank(c[0]) ? Value(nullptr) : Value(c.number(0)); }},
    {"toString", 0, -1, [](Call const& c) -> Value { return blank(c[0]) ? Value(nullptr) : Value(js_string(c[0])); }},
};

}  // namespace

std::span<FunctionType const> type_functions() { return kTypes; }

}  // namespace cml::vega
