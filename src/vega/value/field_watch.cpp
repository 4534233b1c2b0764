#include "vega/value/field_watch.hpp"

#include "vega/value/budget.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {

FieldWatch::FieldWatch(std::vector<std::string> const& names) : outer_(field_watch) {
  for (std::string const& name : names) seen_.try_emplace(name);
  field_watch = this;
}
FieldWatch::~FieldWatch() { field_watch = outer_; }

void FieldWatch::asked(std::string_view name, bool found, Table const& table) {
  auto const watched = seen_.find(name);
  if (watched == seen_.end()) return;
  Seen& seen = watched->second;
  seen.found = seen.found || found;
  if (found) return;
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
