// A closed set as users write it: one table gives the values, the names in help, JSON and messages, and the error.
//   constexpr Choice<Fallback> kFallbacks[] = {{"error", Fallback::Error}, {"none", Fallback::None}};
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/text.hpp"

namespace cml {

template <class E>
struct Choice {
  std::string_view name;
  E value;
};

// The Usage error for a word that is not one of `names`.
Error not_one_of(std::string_view word, std::vector<std::string_view> const& names);

template <class E, std::size_t count>
std::vector<std::string_view> names_of(Choice<E> const (&table)[count]) {
  std::vector<std::string_view> names;
  for (Choice<E> const& row : table) names.push_back(row.name);
  return names;
}

// Usage when `word` is none of the names.
template <class E, std::size_t count>
Result<E> parse_choice(Choice<E> const (&table)[count], std::string_view word) {
  for (Choice<E> const& row : table)
    if (row.name == word) return row.value;
  return not_one_of(word, names_of(table));
}

// Empty for a value that the table lacks.
template <class E, std::size_t count>
constexpr std::string_view name_of(Choice<E> const (&table)[count], E value) {
  for (Choice<E> const& row : table)
    if (row.value == value) return row.name;
  return {};
}

}  // namespace cml
