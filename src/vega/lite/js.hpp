// Small habits of JavaScript that Vega-Lite specifications rely on: truthiness, spreading, access paths,
// stringifying.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "vega/value/value.hpp"

namespace cml::vega::lite {

using Strings = std::vector<std::string>;

// The property exists and is not undefined.
inline bool has(Value const& v, std::string_view key) { return v[key].defined(); }
// The key exists, whatever it holds (JavaScript's `in`).
inline bool has_key(Value const& v, std::string_view key) { return v.has(key); }
inline bool is_signal_ref(Value const& v) { return has(v, "signal"); }
inline bool is_expr_ref(Value const& v) { return has(v, "expr"); }
inline bool is_object_like(Value const& v) { return v.is_object() || v.is_array() || v.is_table(); }
inline bool is_primitive(Value const& v) { return v.is_string() || v.is_number() || v.is_boolean(); }
inline bool is(Value const& v, std::string_view text) { return v.is_string() && v.string() == text; }
inline bool is_true(Value const& v) { return v.is_boolean() && v.boolean(); }
inline bool is_false(Value const& v) { return v.is_boolean() && !v.boolean(); }
inline bool one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  for (auto item : list)
    if (item == text) return true;
  return false;
}
inline bool one_of(std::string const& text, std::initializer_list<std::string_view> list) {
  return one_of(std::string_view(text), list);
}
inline bool one_of(char const* text, std::initializer_list<std::string_view> list) {
  return one_of(std::string_view(text), list);
}
inline bool one_of(Value const& v, std::initializer_list<std::string_view> list) {
  return v.is_string() && one_of(v.string(), list);
}
inline bool is_empty(Value const& v) { return v.size() == 0; }

inline Value signal_ref(std::string expression) { return Value::object({{"signal", Value(expression)}}); }
inline Value value_ref(Value value) { return Value::object({{"value", std::move(value)}}); }
inline Value string_array(Strings const& list) {
  Array items;
  for (auto const& s : list) items.emplace_back(s);
  return items;
}

// Copies every property of `source` (if it is an object) over those of `target`.
void assign(Value& target, Value const& source);
Value spread(std::initializer_list<Value> sources);
Value omit(Value object, std::initializer_list<std::string_view> keys);
Value pick(Value const& object, std::initializer_list<std::string_view> keys);
Array as_array(Value const& v);  // Null and undefined: none; a single value: one item.
template <class First>
Value const& first_defined(First const& first) {
  return first;
}
template <class First, class... Rest>
Value const& first_defined(First const& first, Rest const&... rest) {
  return static_cast<Value const&>(first).defined() ? static_cast<Value const&>(first) : first_defined(rest...);
}
// a ?? b
inline Value const& nullish_or(Value const& a, Value const& b) { return a.is_nullish() ? b : a; }
// a || b
inline Value const& truthy_or(Value const& a, Value const& b) { return a.truthy() ? a : b; }

std::string join(Strings const& parts, std::string_view separator);
bool contains(Strings const& list, std::string_view item);
void add_unique(Strings& list, std::string item);
bool starts_with(std::string_view text, std::string_view prefix);
bool ends_with(std::string_view text, std::string_view suffix);
std::string lower(std::string_view text);
std::string title_case(std::string_view text);
std::string replace_all(std::string_view text, std::string_view find, std::string_view replacement);

// JSON with sorted keys: the identity of a value. Large tables stand for themselves by address.
std::string stringify(Value const& v);
// JSON.stringify.
std::string json_string(std::string_view text);
// As text inside an expression: strings quoted, arrays bracketed, numbers plain.
std::string string_value(Value const& v);
inline std::string quoted(std::string_view text) { return json_string(text); }

// A name that is an identifier: other characters become underscores.
std::string var_name(std::string_view text);
Strings split_access_path(std::string_view path);
// "a.b" -> datum["a"] && datum["a"]["b"]
std::string access_path_with_datum(std::string_view path, std::string_view datum = "datum");
// "a.b" -> datum["a.b"], for fields that were flattened.
std::string flat_access_with_datum(std::string_view path, std::string_view datum = "datum");
std::string access_unescaped(std::string_view path);  // datum['path']
std::string unescape_path(std::string_view path);
std::string replace_path_in_field(std::string_view path);
std::string remove_path_from_field(std::string_view path);
std::size_t access_path_depth(std::string_view path);

bool is_number_text(Value const& v);  // A number, or text that reads as one.
std::string number_text(double n);

}  // namespace cml::vega::lite
