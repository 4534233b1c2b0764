#include "vega/value/field_watch.hpp"

#include <algorithm>

#include "vega/value/table.hpp"

namespace cml::vega {

FieldWatch::FieldWatch(std::vector<std::string> names)
    : names_(std::move(names)), seen_(names_.size()), outer_(field_watch) {
  field_watch = this;
}
FieldWatch::~FieldWatch() { field_watch = outer_; }

namespace {

// An aggregate by a field that is missing makes a column of nulls of it, which says nothing.
bool says_something(Column const& column) {
  constexpr std::size_t kLooked = 1000;  // Rows.
  for (std::size_t i = 0; i < std::min(column.size(), kLooked); ++i)
    if (!column.at(i).is_nullish()) return true;
  return false;
}

}  // namespace

void FieldWatch::asked(std::string_view name, Column const* found, Table const& table) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] != name) continue;
    Seen& seen = seen_[i];
    seen.found = seen.found || (found != nullptr && says_something(*found));
    if (found != nullptr) continue;
    if (table.size() == 0) {
      seen.empty = true;
    } else if (!seen.missed) {
      seen.missed = true;
      for (auto const& field : table.fields()) seen.instead.emplace_back(field.name);
    }
  }
}

}  // namespace cml::vega
