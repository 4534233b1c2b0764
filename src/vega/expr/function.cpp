#include "vega/expr/function.hpp"

#include <array>
#include <unordered_map>

namespace cml::vega {

Value const& Call::operator[](std::size_t i) const {
  static Value const undefined;
  return i < arguments.size() ? arguments[i] : undefined;
}

std::span<std::span<FunctionType const> const> function_families() {
  static std::array<std::span<FunctionType const>, 14> const families{
      math_functions(),  distribution_functions(), easing_functions(),    date_functions(),       string_functions(),
      type_functions(),  array_functions(),        color_functions(),     format_functions(),     range_functions(),
      scale_functions(), data_functions(),         selection_functions(), interaction_functions()};
  return families;
}

FunctionType const* find_function(std::string_view name) {
  static std::unordered_map<std::string_view, FunctionType const*> const by_name = [] {
    std::unordered_map<std::string_view, FunctionType const*> map;
    for (auto family : function_families())
      for (auto const& row : family) map.emplace(row.name, &row);
    return map;
  }();
  auto const found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace cml::vega
