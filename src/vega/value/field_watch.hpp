// What became of the fields that an author names: a drawing asks tables for columns in many places, and a name that
// none of them has is a mistake that would show as an empty picture.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cml::vega {

class Column;
class Table;

// Watches, on this thread and while it lives, which of `names` the tables that are asked have.
class FieldWatch {
 public:
  struct Seen {
    bool found = false;                // Some table has it, and not only as nulls.
    bool missed = false;               // A table with rows was asked and has it not.
    bool empty = false;                // A table without rows was asked.
    std::vector<std::string> instead;  // The columns of the first one that has rows and not this.
  };

  explicit FieldWatch(std::vector<std::string> const& names);
  ~FieldWatch();
  FieldWatch(FieldWatch const&) = delete;

  Seen const& of(std::string_view name) const { return seen_.find(name)->second; }  // One of `names`.
  // `found` is the table's column, or null.
  void asked(std::string_view name, Column const* found, Table const& table);

 private:
  std::map<std::string, Seen, std::less<>> seen_;  // Thousands of marks may name one field, and ask for it as often.
  FieldWatch* outer_;
};

inline constinit thread_local FieldWatch* field_watch = nullptr;

}  // namespace cml::vega
