#include "support/json_diff.hpp"

#include <algorithm>
#include <cmath>

#include "vega/value/json.hpp"

namespace cml::test {
namespace {

using vega::Value;

std::string shown(Value const& v) {
  auto text = v.defined() ? vega::to_json(v) : std::string("nothing");
  if (text.size() > 160) text = text.substr(0, 157) + "...";
  return text;
}

std::optional<std::string> walk(Value const& expected, Value const& actual, std::string const& path) {
  auto const differs = [&] { return path + ": expected " + shown(expected) + ", got " + shown(actual); };
  if (expected.is_object() && actual.is_object()) {
    for (auto const& [key, value] : expected.properties())
      if (auto found = walk(value, actual[key.view()], path + "." + std::string(key.view()))) return found;
    for (auto const& [key, value] : actual.properties())
      if (value.defined() && !expected[key.view()].defined())
        return path + "." + std::string(key.view()) + ": expected nothing, got " + shown(value);
    return std::nullopt;
  }
  if (expected.is_array() && actual.is_array()) {
    auto const &a = expected.items(), &b = actual.items();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (auto found = walk(a[i], b[i], path + "[" + std::to_string(i) + "]")) return found;
    return a.size() == b.size() ? std::nullopt : std::optional(differs());
  }
  if (expected.is_number() && actual.is_number()) {
    double const x = expected.number(), y = actual.number();
    if (std::fabs(x - y) <= 1e-9 * std::max({1.0, std::fabs(x), std::fabs(y)})) return std::nullopt;
    return differs();
  }
  // Inline data arrive as tables, in which a bare value is a row {data: value}.
  if (!expected.is_object() && actual.is_object() && actual.size() == 1 && actual["data"].defined())
    return walk(expected, actual["data"], path);
  return expected == actual ? std::nullopt : std::optional(differs());
}

}  // namespace

std::optional<std::string> first_difference(Value const& expected, Value const& actual) {
  // Through text, so that tables become lists of objects.
  auto const plain = [](Value const& v) { return vega::parse_json(vega::to_json(v)).value(); };
  return walk(plain(expected), plain(actual), "$");
}

}  // namespace cml::test
