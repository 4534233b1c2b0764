// Lists, objects and what works on both lists and text.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/expr/order.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/table.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

Array items_of(Call const& c) {
  if (!is_list(c[0])) fail("", std::string(c.name) + " expects an array, not " + c[0].to_string().substr(0, 60));
  return list_of(c[0]);
}
Value const& need_sequence(Call const& c) {
  if (!is_list(c[0]) && !c[0].is_string())
    fail("", std::string(c.name) + " expects an array or text, not " + c[0].to_string().substr(0, 60));
  return c[0];
}
// A position that may count from the end, clamped to the length.
double position(Call const& c, std::size_t i, double length, double fallback) {
  if (!c.given(i)) return fallback;
  double const n = std::trunc(c.number(i));
  if (std::isnan(n)) return 0;
  return n < 0 ? std::fmax(0, length + n) : std::fmin(n, length);
}

Value length(Call const& c) {
  if (c[0].is_nullish()) fail("", "length of " + c[0].to_string());
  if (c[0].is_object()) return c[0]["length"];
  return is_list(c[0]) || c[0].is_string() ? Value(c[0].size()) : Value();
}
Value join(Call const& c) {
  auto const items = items_of(c);
  auto const separator = c.given(1) ? js_string(c[1]) : std::string(",");
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i) out += separator;
    if (!items[i].is_nullish()) out += js_string(items[i]);
    check_text_size(out.size());
  }
  return Value(out);
}
Value indexof(Call const& c) {
  if (need_sequence(c).is_string()) {
    auto const text = to_utf16(c[0].string()), wanted = to_utf16(js_string(c[1]));
    auto const from = std::clamp(std::isnan(c.number(2)) ? 0 : c.number(2), 0.0, static_cast<double>(text.size()));
    auto const at = text.find(wanted, static_cast<std::size_t>(from));
    return at == std::u16string::npos ? -1.0 : static_cast<double>(at);
  }
  auto const items = list_of(c[0]);
  for (auto i = whole<std::size_t>(position(c, 2, static_cast<double>(items.size()), 0), 0, items.size());
       i < items.size(); ++i)
    if (js_same(items[i], c[1])) return i;
  return -1;
}
Value lastindexof(Call const& c) {
  if (need_sequence(c).is_string()) {
    auto const text = to_utf16(c[0].string());
    auto const at = text.rfind(to_utf16(js_string(c[1])),
                               c.given(2) ? whole<std::size_t>(c.number(2), 0, text.size()) : text.size());
    return at == std::u16string::npos ? -1.0 : static_cast<double>(at);
  }
  auto const items = list_of(c[0]);
  double const n = static_cast<double>(items.size());
  double from = c.given(2) ? std::trunc(or_zero(c.number(2))) : n - 1;
  if (from < 0) from += n;
  for (double i = std::fmin(from, n - 1); i >= 0; --i)
    if (js_same(items[static_cast<std::size_t>(i)], c[1])) return i;
  return -1;
}
Value slice(Call const& c) {
  double const n = static_cast<double>(need_sequence(c).size());
  auto const begin = static_cast<std::size_t>(position(c, 1, n, 0));
  auto const end = static_cast<std::size_t>(position(c, 2, n, n));
  if (c[0].is_string())
    return begin < end ? Value(to_utf8(to_utf16(c[0].string()).substr(begin, end - begin))) : Value("");
  auto const items = list_of(c[0]);
  if (begin >= end) return Array();
  return Array(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end));
}
Value reverse(Call const& c) {
  auto items = items_of(c);
  std::reverse(items.begin(), items.end());
  return items;
}
Value sort(Call const& c) {
  auto items = items_of(c);
  // Array.prototype.sort puts undefined last, whatever the comparison says.
  auto const end = std::stable_partition(items.begin(), items.end(), [](Value const& v) { return v.defined(); });
  std::vector<std::uint32_t> order(static_cast<std::size_t>(end - items.begin()));
  std::iota(order.begin(), order.end(), 0u);
  sort_as_v8(order.data(), order.data() + order.size(),
             [&](std::uint32_t a, std::uint32_t b) { return ascending(items[a], items[b]); });
  Array sorted;
  sorted.reserve(items.size());
  for (std::uint32_t const at : order) sorted.push_back(items[at]);
  sorted.resize(items.size());
  return sorted;
}
Value peek(Call const& c) {
  auto const n = need_sequence(c).size();
  return n ? property_of(c[0], static_cast<double>(n - 1)) : Value();
}
Value pluck(Call const& c) {
  auto const name = js_string(c[1]);
  Array out;
  if (auto const* table = c[0].table()) {
    auto const* column = table->column(name);
    out.reserve(table->size());
    for (std::size_t i = 0; i < table->size(); ++i) out.push_back(column ? column->at(table->base_row(i)) : Value());
    return out;
  }
  if (!c[0].is_array()) return property_of(c[0], std::string_view(name));
  for (auto const& item : c[0].items()) out.push_back(property_of(item, std::string_view(name)));
  return out;
}
Value extent(Call const& c) {
  Value low, high;
  for (auto const& v : list_of(c[0])) {
    if (v.is_nullish() || (v.is_number() && std::isnan(v.number()))) continue;
    if (low.is_undefined()) low = high = v;
    if (js_less(v, low)) low = v;
    if (js_less(high, v)) high = v;
  }
  return Value::array({low, high});
}
Value merge(Call const& c) {
  Object out;
  for (auto const& from : c.arguments)
    for (auto const& [key, value] : from.properties()) out[key] = value;
  return out;
}
Value sequence(Call const& c) {
  double start = c.number(0), stop = c.number(1), step = c.size() > 2 ? c.number(2) : 1;
  if (c.size() < 2) stop = start, start = 0;
  double const count = std::fmax(0, std::ceil((stop - start) / step));
  Array out;
  if (std::isnan(count)) return out;
  check_item_count(count);
  out.reserve(static_cast<std::size_t>(count));
  for (double i = 0; i < count; ++i) out.emplace_back(start + i * step);
  return out;
}

constexpr FunctionType kArrays[] = {
    {"length", 1, -1, length},   {"join", 1, -1, join},
    {"indexof", 2, -1, indexof}, {"lastindexof", 2, -1, lastindexof},
    {"slice", 1, -1, slice},     {"reverse", 1, -1, reverse},
    {"sort", 1, -1, sort},       {"peek", 1, -1, peek},
    {"pluck", 2, -1, pluck},     {"extent", 1, -1, extent},
    {"merge", 0, -1, merge},     {"sequence", 1, -1, sequence},
};

}  // namespace

std::span<FunctionType const> array_functions() { return kArrays; }

}  // namespace cml::vega
