#include "vega/runtime/fields.hpp"

#include "vega/value/error.hpp"

namespace cml::vega {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  std::string part;
  bool open = false, bracket = false;
  char quote = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char const c = path[i];
    if (c == '\\' && i + 1 < path.size()) {
      part += path[++i];
      open = true;
    } else if (quote) {
      if (c == quote)
        quote = 0;
      else
        part += c, open = true;
    } else if (bracket && (c == '"' || c == '\'')) {
      quote = c;
      open = true;
    } else if (c == '.' && !bracket) {
      if (open) parts.push_back(part);
      part.clear();
      open = false;
    } else if (c == '[') {
      if (open) parts.push_back(part);
      part.clear();
      open = false;
      bracket = true;
    } else if (c == ']' && bracket) {
      if (open) parts.push_back(part);
      part.clear();
      open = bracket = false;
    } else {
      part += c;
      open = true;
    }
  }
  if (bracket || quote) fail("", "field path \"" + std::string(path) + "\" has an unbalanced bracket or quote");
  if (open) parts.push_back(part);
  return parts;
}

Value read_path(Value const& object, std::vector<std::string> const& path, std::size_t from) {
  Value value = object;
  for (std::size_t i = from; i < path.size(); ++i) {
    if (value.is_array()) {
      if (path[i] == "length") {
        value = value.size();
        continue;
      }
      double const index = string_to_number(path[i]);
      value = index >= 0 && index < static_cast<double>(value.size()) ? Value(value.at(static_cast<std::size_t>(index)))
                                                                      : Value();
    } else {
      value = Value(value[path[i]]);
    }
  }
  return value;
}

ColumnRef field_column(Table const& table, std::string_view path) {
  auto const shared = [&table](std::string_view name) -> ColumnRef {
    if (!table.column(name)) return nullptr;
    for (auto const& field : table.fields())
      if (field.name == name) {
        if (!table.selected()) return field.column;
        std::vector<std::uint32_t> rows(table.size());
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = table.base_row(i);
        return field.column->gather(rows);
      }
    return nullptr;
  };
  auto const parts = split_path(path);
  if (parts.size() == 1) {
    if (auto column = shared(parts[0])) return column;
    return Column::repeat(Value(), table.size());
  }
  if (parts.empty()) return Column::repeat(Value(), table.size());
  auto const root = shared(parts[0]);
  if (!root) return Column::repeat(Value(), table.size());
  ColumnBuilder out;
  out.reserve(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) out.push(read_path(root->at(i), parts, 1));
  return out.finish();
}

}  // namespace cml::vega
