// Transforms that make rows of cells or cells of rows: flatten, fold, lookup, impute.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/transform/statistics.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

TableRef apply_flatten(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const fields = p.solid_fields("fields");
  auto const given = p.list("as").value_or(Array());
  auto const index = p.string("index", "");
  std::vector<FieldColumn> cells;
  for (auto const& field : fields) cells.push_back(field.of(*input, context.scope));
  std::vector<std::uint32_t> rows;
  std::vector<ColumnBuilder> columns(fields.size());
  ColumnBuilder indices;
  for (std::size_t row = 0; row < input->size(); ++row) {
    std::vector<Value> lists;
    std::size_t longest = 0;
    for (auto const& cell : cells) {
      lists.push_back(cell.value(row));
      if (is_list(lists.back()) || lists.back().is_string()) longest = std::max(longest, lists.back().size());
    }
    check_item_count(static_cast<double>(rows.size() + longest));
    for (std::size_t i = 0; i < longest; ++i) {
      rows.push_back(static_cast<std::uint32_t>(row));
      for (std::size_t f = 0; f < lists.size(); ++f) {
        auto item = property_of(lists[f], static_cast<double>(i));
        if (item.is_nullish())
          columns[f].push_null();
        else
          columns[f].push(item);
      }
      indices.push_number(static_cast<double>(i));
    }
  }
  auto out = input->select(rows)->compact();
  for (std::size_t f = 0; f < fields.size(); ++f) {
    auto const name = f < given.size() && given[f].truthy() ? js_string(given[f]) : fields[f].name();
    out = out->with_column(name, columns[f].finish());
  }
  return index.empty() ? out : out->with_column(index, indices.finish());
}

TableRef apply_fold(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const fields = p.solid_fields("fields");
  auto const as = p.names({"key", "value"});
  std::vector<FieldColumn> cells;
  for (auto const& field : fields) cells.push_back(field.of(*input, context.scope));
  auto const count = input->size() * fields.size();
  check_item_count(static_cast<double>(count));
  std::vector<std::uint32_t> rows, codes;
  rows.reserve(count);
  codes.reserve(count);
  auto names = std::make_shared<std::vector<Str>>();
  std::vector<std::uint32_t> code_of;  // Fields of one name share their code: entries are distinct.
  for (auto const& field : fields) {
    auto const found = std::find(names->begin(), names->end(), std::string_view(field.name()));
    code_of.push_back(static_cast<std::uint32_t>(found - names->begin()));
    if (found == names->end()) names->emplace_back(field.name());
  }
  bool const numeric = std::all_of(cells.begin(), cells.end(), [](FieldColumn const& c) {
    return c.column() && c.column()->kind() == Column::Kind::Number;
  });
  std::vector<double> numbers;
  ColumnBuilder values;
  for (std::size_t row = 0; row < input->size(); ++row)
    for (std::size_t f = 0; f < fields.size(); ++f) {
      rows.push_back(static_cast<std::uint32_t>(row));
      codes.push_back(code_of[f]);
      if (numeric)
        numbers.push_back(cells[f].column()->numbers()[cells[f].index(row)]);
      else
        values.push(cells[f].value(row));
    }
  auto out = input->select(rows)->compact();
  out = out->with_column(as[0], Column::of_codes(std::move(codes), std::move(names)));
  return out->with_column(as[1], numeric ? Column::of_numbers(std::move(numbers)) : values.finish());
}

// --- lookup ---------------------------------------------------------------------------------------------------------

TableRef apply_lookup(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const from = p.required_string("from");
  auto const other = context.scope.data(from);
  if (!other) fail(p.path("from"), "there is no dataset \"" + from + "\"");
  auto const key = p.required_field("key");
  auto const keys = p.solid_fields("fields");
  auto const values = p.solid_fields("values");
  auto const fallback = p.value("default");
  auto const given = p.list("as");
  bool const whole = !p.has("values");
  if (keys.empty()) fail(context.path, "missing required parameter \"fields\"");
  if (whole && !given) fail(context.path, "missing output field names");
  if (!whole && keys.size() > 1 && !given)
    fail(context.path, "multi-field lookup requires an explicit \"as\" parameter");
  auto const outputs = keys.size() * (whole ? 1 : values.size());
  if (given && given->size() < outputs)
    fail(p.path("as"), "too few output field names: " + std::to_string(outputs) + " are needed");

  // Keys are compared as text; of equal ones the last row counts.
  auto const key_cells = key.of(*other, context.scope);
  auto const key_codes = encode(key_cells);
  std::vector<std::uint32_t> row_of_code(key_codes.count());
  for (std::size_t row = 0; row < key_codes.of_row.size(); ++row)
    row_of_code[key_codes.of_row[row]] = static_cast<std::uint32_t>(row);
  std::unordered_map<std::string, std::uint32_t> index;
  for (std::size_t code = 0; code < row_of_code.size(); ++code)
    index[js_string(key_cells.value(key_codes.first_row[code]))] = row_of_code[code];

  constexpr std::uint32_t kMissing = 0xffffffffu;
  std::vector<Value> rows_as_values(whole ? other->size() : 0);
  auto out = input;
  std::size_t name_at = 0;
  for (auto const& field : keys) {
    auto const cells = field.of(*input, context.scope);
    auto const codes = encode(cells);
    std::vector<std::uint32_t> match_of_code;
    for (auto row : codes.first_row) {
      auto const found = index.find(js_string(cells.value(row)));
      match_of_code.push_back(found == index.end() ? kMissing : found->second);
    }
    for (std::size_t v = 0; v < (whole ? 1 : values.size()); ++v, ++name_at) {
      auto const name = given ? js_string((*given)[name_at]) : values[v].name();
      // One cell a distinct key, then spread over the rows.
      ColumnBuilder distinct;
      FieldColumn const source = whole ? FieldColumn() : values[v].of(*other, context.scope);
      for (auto match : match_of_code) {
        if (match == kMissing) {
          if (fallback.is_nullish())
            distinct.push_null();
          else
            distinct.push(fallback);
        } else {
          distinct.push(whole ? other->row(match) : source.value(match));
        }
      }
      out = out->with_column(name, distinct.finish()->gather(codes.of_row));
    }
  }
  return out;
}

// --- impute ---------------------------------------------------------------------------------------------------------

Value imputed(std::string const& method, std::vector<Value> const& cells) {
  std::vector<double> numbers;
  Value low, high;
  for (auto const& cell : cells) {
    if (cell.is_nullish()) continue;
    double const n = cell.to_number();
    if (!std::isnan(n)) numbers.push_back(n);
    if (low.is_undefined() ? !(cell.is_number() && std::isnan(cell.number())) : js_less(cell, low)) low = cell;
    if (high.is_undefined() ? !(cell.is_number() && std::isnan(cell.number())) : js_less(high, cell)) high = cell;
  }
  if (method == "min") return low;
  if (method == "max") return high;
  if (numbers.empty()) return {};
  if (method == "median") return quantiles(numbers, {0.5})[0];
  double sum = 0;
  for (double n : numbers) sum += n;
  return sum / static_cast<double>(numbers.size());
}

TableRef apply_impute(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.required_field("field"), key = p.required_field("key");
  auto const by = p.solid_fields("groupby");
  auto const method = p.one_of("method", "value", {"value", "mean", "median", "max", "min"});
  auto constant = p.value("value");
  if (constant.is_undefined()) constant = 0;

  // All keys: those given, then those seen.
  std::vector<Value> domain;
  std::unordered_map<std::string, std::size_t> place;
  for (auto const& value : p.list("keyvals").value_or(Array())) {
    place[js_string(value)] = domain.size();
    domain.push_back(value);
  }
  auto const key_cells = key.of(*input, context.scope);
  auto const codes = encode(key_cells);
  std::vector<std::size_t> place_of_code;
  for (auto row : codes.first_row) {
    auto value = key_cells.value(row);
    auto const [entry, is_new] = place.emplace(js_string(value), domain.size());
    if (is_new) domain.push_back(std::move(value));
    place_of_code.push_back(entry->second);
  }
  auto const groups = group_rows(*input, by, context.scope, Nullish::Together);
  budget::bytes(static_cast<double>(groups.count()) * static_cast<double>(domain.size()) * 4);
  check_item_count(static_cast<double>(groups.count()) * static_cast<double>(domain.size()));
  constexpr std::uint32_t kMissing = 0xffffffffu;
  std::vector<std::uint32_t> present(groups.count() * domain.size(), kMissing);
  for (std::size_t row = 0; row < codes.of_row.size(); ++row)
    present[groups.of_row[row] * domain.size() + place_of_code[codes.of_row[row]]] = static_cast<std::uint32_t>(row);

  std::vector<FieldColumn> by_cells;
  for (auto const& one : by) by_cells.push_back(one.of(*input, context.scope));
  auto const cells = field.of(*input, context.scope);
  TableBuilder added;
  for (std::size_t group = 0; group < groups.count(); ++group) {
    Value fill;
    bool known = false;
    for (std::size_t k = 0; k < domain.size(); ++k) {
      if (present[group * domain.size() + k] != kMissing) continue;
      if (!known) {
        known = true;
        if (method == "value") {
          fill = constant;
        } else {
          std::vector<Value> seen;
          budget::steps(10 * domain.size());
          for (std::size_t j = 0; j < domain.size(); ++j)
            if (auto const row = present[group * domain.size() + j]; row != kMissing) seen.push_back(cells.value(row));
          fill = imputed(method, seen);
        }
      }
      Object row;
      row["_impute"] = true;
      for (std::size_t i = 0; i < by.size(); ++i) row[by[i].name()] = by_cells[i].value(groups.first_row[group]);
      row[key.name()] = domain[k];
      row[field.name()] = fill;
      added.push_row(Value(std::move(row)));
    }
  }
  if (!added.rows()) return input;
  auto const extra = added.finish();
  // Both tables under one set of columns, the input's rows first.
  std::vector<Table::Field> fields;
  auto const total = input->size() + extra->size();
  auto const join = [&](Str const& name) {
    auto const *a = input->column(name), *b = extra->column(name);
    ColumnBuilder builder;
    builder.reserve(total);
    for (std::size_t i = 0; i < input->size(); ++i)
      a ? builder.push(a->at(input->base_row(i))) : builder.push_undefined();
    for (std::size_t i = 0; i < extra->size(); ++i) b ? builder.push(b->at(i)) : builder.push_undefined();
    fields.push_back({name, builder.finish()});
  };
  for (auto const& f : input->fields()) join(f.name);
  for (auto const& f : extra->fields())
    if (!input->column(f.name)) join(f.name);
  return make_ref<Table>(std::move(fields), total);
}

constexpr std::string_view kFlattenParameters[] = {"fields", "index"}, kFoldParameters[] = {"fields"},
                           kLookupParameters[] = {"from", "key", "values", "fields", "default"},
                           kImputeParameters[] = {"field", "key", "keyvals", "groupby", "method", "value"};

}  // namespace

TransformType const kFlatten{"flatten", kFlattenParameters, apply_flatten};
TransformType const kFold{"fold", kFoldParameters, apply_fold};
TransformType const kLookup{"lookup", kLookupParameters, apply_lookup};
TransformType const kImpute{"impute", kImputeParameters, apply_impute};

}  // namespace cml::vega
