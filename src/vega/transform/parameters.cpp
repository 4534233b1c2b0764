#include "vega/transform/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vega/expr/coerce.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {

std::vector<std::string> split_path(std::string_view path, std::string const& where) {
  std::vector<std::string> parts;
  std::string part;
  bool pending = false;  // The part so far counts, even if it is empty (quoted).
  auto const push = [&] {
    if (pending || !part.empty()) parts.push_back(part);
    part.clear();
    pending = false;
  };
  bool in_brackets = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char const c = path[i];
    if (c == '\\' && i + 1 < path.size()) {
      part += path[++i];
    } else if ((c == '"' || c == '\'') && part.empty() && (in_brackets || i == 0)) {
      auto end = i + 1;
      for (; end < path.size() && path[end] != c; ++end) {
        if (path[end] == '\\' && end + 1 < path.size()) ++end;
        part += path[end];
      }
      if (end >= path.size()) fail(where, "field path missing closing quote: " + std::string(path));
      pending = true;
      i = end;
    } else if (c == '.' && !in_brackets) {
      push();
    } else if (c == '[') {
      push();
      in_brackets = true;
    } else if (c == ']') {
      if (!in_brackets) fail(where, "field path missing open bracket: " + std::string(path));
      push();
      in_brackets = false;
    } else {
      part += c;
    }
  }
  if (in_brackets) fail(where, "field path missing closing bracket: " + std::string(path));
  push();
  if (parts.empty()) parts.emplace_back(path);
  return parts;
}

double FieldColumn::number(std::size_t row) const {
  if (!column_) return std::numeric_limits<double>::quiet_NaN();
  double const n = column_->number_at(index(row));
  return std::isnan(n) ? std::numeric_limits<double>::quiet_NaN() : n;
}

ColumnRef FieldColumn::gathered() const {
  if (dense_) return dense_;
  if (!column_) return Column::repeat({}, size());
  std::vector<std::uint32_t> rows(size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = table_->base_row(i);
  return column_->gather(rows);
}

FieldColumn Field::of(Table const& table, Scope& scope) const {
  if (expression_) return FieldColumn(table, expression_->evaluate_column(scope, table));
  if (path_.size() == 1) return FieldColumn(table, table.column(path_[0]));
  auto const* first = table.column(path_[0]);
  std::vector<Value> cells;
  cells.reserve(table.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    Value at = first ? first->at(table.base_row(row)) : Value();
    for (std::size_t i = 1; i < path_.size(); ++i) {
      if (at.is_nullish()) {
        // Differs from Vega: a path through null is undefined there as well, not an error of the whole chart.
        at = Value();
        break;
      }
      at = property_of(at, std::string_view(path_[i]));
    }
    cells.push_back(std::move(at));
  }
  return FieldColumn(table, Column::of_values(std::move(cells)));
}

// --- Parameters ---------------------------------------------------------------------------------------------------

Value Parameters::resolve(Value const& value, std::string const& path) const {
  if (value.is_object() && value["signal"].is_string())
    return Expression(value["signal"].string(), path).evaluate(context_.scope);
  if (value.is_array()) {
    Array out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i)
      out.push_back(resolve(value.at(i), path + "[" + std::to_string(i) + "]"));
    return out;
  }
  return value;
}
Value Parameters::value(std::string_view name) const { return resolve(spec_[name], path(name)); }

std::optional<double> Parameters::number(std::string_view name) const {
  auto const v = value(name);
  if (v.is_nullish()) return {};
  double const n = v.to_number();
  if (std::isnan(n) && !v.is_number()) fail(path(name), "a number was expected, not " + js_string(v).substr(0, 60));
  return n;
}
double Parameters::number(std::string_view name, double fallback) const { return number(name).value_or(fallback); }
bool Parameters::boolean(std::string_view name, bool fallback) const {
  auto const v = value(name);
  return v.is_nullish() ? fallback : v.truthy();
}
std::string Parameters::string(std::string_view name, std::string_view fallback) const {
  auto const v = value(name);
  return v.is_nullish() ? std::string(fallback) : js_string(v);
}
std::string Parameters::required_string(std::string_view name) const {
  auto const v = value(name);
  if (v.is_nullish()) fail(context_.path, "missing required parameter \"" + std::string(name) + "\"");
  return js_string(v);
}
std::string Parameters::one_of(std::string_view name, std::string_view fallback,
                               std::initializer_list<std::string_view> allowed) const {
  auto const text = string(name, fallback);
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
  std::string known;
  for (auto a : allowed) known += (known.empty() ? "" : ", ") + std::string(a);
  fail(path(name), "\"" + text.substr(0, 60) + "\" is none of " + known);
}
std::optional<Array> Parameters::list(std::string_view name) const {
  auto const v = value(name);
  if (v.is_nullish()) return {};
  return is_list(v) ? list_of(v) : Array{v};
}
std::optional<std::vector<double>> Parameters::numbers(std::string_view name, std::size_t length) const {
  auto const items = list(name);
  if (!items) return {};
  if (length && items->size() < length)
    fail(path(name), std::to_string(length) + " numbers were expected, not " + std::to_string(items->size()));
  std::vector<double> out;
  for (auto const& item : *items)
    out.push_back(item.is_undefined() ? std::numeric_limits<double>::quiet_NaN() : item.to_number());
  return out;
}
std::vector<std::string> Parameters::names(std::initializer_list<std::string_view> fallback) const {
  std::vector<std::string> out(fallback.begin(), fallback.end());
  if (auto const given = list("as"))
    for (std::size_t i = 0; i < given->size(); ++i) {
      if ((*given)[i].is_nullish()) continue;
      if (i >= out.size()) out.resize(i + 1);
      out[i] = js_string((*given)[i]);
    }
  return out;
}

std::optional<Field> Parameters::read_field(Value const& given, std::string const& where) const {
  if (given.is_nullish()) return {};
  Field field;
  if (given.is_object() && given["expr"].is_string()) {
    field.expression_ = std::make_shared<Expression const>(given["expr"].string(), where + ".expr");
    field.name_ = given["as"].string_or("");
    return field;
  }
  Value name = given;
  std::string as;
  if (given.is_object() && given["field"].defined()) {
    name = given["field"];
    as = given["as"].string_or("");
  }
  name = resolve(name, where);
  if (name.is_object() && name["field"].defined()) name = resolve(name["field"], where);
  if (name.is_nullish()) return {};
  if (!name.is_string() && !name.is_number())
    fail(where, "a field name was expected, not " + js_string(name).substr(0, 60));
  auto const text = js_string(name);
  field.path_ = split_path(text, where);
  field.name_ = !as.empty() ? as : field.path_.size() == 1 ? field.path_[0] : text;
  return field;
}
std::optional<Field> Parameters::field(std::string_view name) const { return read_field(spec_[name], path(name)); }
Field Parameters::required_field(std::string_view name) const {
  auto read = field(name);
  if (!read) fail(context_.path, "missing required parameter \"" + std::string(name) + "\"");
  return *read;
}
std::vector<std::optional<Field>> Parameters::fields(std::string_view name) const {
  std::vector<std::optional<Field>> out;
  auto const& given = spec_[name];
  if (given.is_nullish()) return out;
  auto const add = [&](Value const& one) {
    out.push_back(read_field(one, path(name) + "[" + std::to_string(out.size()) + "]"));
  };
  if (given.is_object() && given["signal"].is_string()) {
    auto const resolved = resolve(given, path(name));
    if (is_list(resolved)) {
      for (auto const& one : list_of(resolved)) add(one);
      return out;
    }
    add(resolved);
    return out;
  }
  if (given.is_array())
    for (auto const& one : given.items()) add(one);
  else
    add(given);
  return out;
}
std::vector<Field> Parameters::solid_fields(std::string_view name) const {
  std::vector<Field> out;
  for (auto& field : fields(name)) {
    if (!field) fail(path(name) + "[" + std::to_string(out.size()) + "]", "a field was expected, not null");
    out.push_back(std::move(*field));
  }
  return out;
}
std::vector<SortKey> Parameters::sort(std::string_view name) const {
  std::vector<SortKey> out;
  auto const given = spec_[name].is_object() && spec_[name]["signal"].is_string() ? value(name) : spec_[name];
  if (given.is_nullish()) return out;
  auto const field = given["field"], order = resolve(given["order"], path(name) + ".order");
  auto const fields = field.is_array() ? field.items() : Array{field};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto read = read_field(fields[i], path(name) + ".field");
    if (!read) continue;
    auto const direction = order.is_array() ? order.at(i) : i == 0 ? order : Value();
    out.push_back({std::move(*read), direction.is_string() && direction.string() == "descending"});
  }
  return out;
}
Expression Parameters::expression(std::string_view name) const {
  auto const& text = spec_[name];
  if (text.is_nullish()) fail(context_.path, "missing required parameter \"" + std::string(name) + "\"");
  if (text.is_object()) fail(path(name), "expression references can not be signals");
  return Expression(js_string(text), path(name));
}

}  // namespace cml::vega
