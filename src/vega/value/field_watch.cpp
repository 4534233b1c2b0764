#include "vega/value/field_watch.hpp"

#include <algorithm>

#include "vega/value/budget.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {

FieldWatch::FieldWatch(std::vector<std::string> const& names) : outer_(field_watch) {
  for (std::string const& name : names) seen_.try_emplace(name);
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
  auto const watched = seen_.find(name);
  if (watched == seen_.end()) return;
  Seen& seen = watched->second;
  seen.found = seen.found || (found != nullptr && says_something(*found));
  if (found != nullptr) return;
  if (table.size() == 0) {
    seen.empty = true;
  } else if (!seen.missed) {
    seen.missed = true;
    for (auto const& field : table.fields()) {
      budget::bytes(64 + field.name.view().size());  // Of each field that is missed.
      seen.instead.emplace_back(field.name);
    }
  }
}

}  // namespace cml::vega
