#include "vega/value/field_watch.hpp"

#include "vega/value/table.hpp"

namespace cml::vega {

FieldWatch::FieldWatch(std::vector<std::string> names)
    : names_(std::move(names)), seen_(names_.size()), outer_(field_watch) {
  field_watch = this;
}
FieldWatch::~FieldWatch() { field_watch = outer_; }

void FieldWatch::asked(std::string_view name, bool found, Table const& table) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] != name) continue;
    Seen& seen = seen_[i];
    seen.found = seen.found || found;
    if (found) continue;
    if (table.size() == 0) {
      seen.empty = true;
    } else if (!seen.missed) {
      seen.missed = true;
      for (auto const& field : table.fields()) seen.instead.emplace_back(field.name);
    }
  }
}

}  // namespace cml::vega
