// pivot: the values of one field become columns that aggregate another.
#include <algorithm>

#include "vega/expr/coerce.hpp"
#include "vega/expr/order.hpp"
#include "vega/transform/aggregate_ops.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kMaxColumns = 100000;

TableRef apply_pivot(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const by = p.solid_fields("groupby");
  auto const field = p.required_field("field"), value = p.required_field("value");
  auto const name = p.string("op", "sum");
  auto const op = name == "count" ? std::optional(AggregateOp::CountCells) : aggregate_op(name);
  if (!op) fail(p.path("op"), "unknown operation \"" + name.substr(0, 60) + "\"; known are " + aggregate_op_names());
  auto const key = p.field("key");
  auto const groups = group_rows(*input, key ? std::vector<Field>{*key} : by, context.scope);
  auto rows = rows_of(groups);

  auto const keys = field.of(*input, context.scope);
  auto const codes = encode(keys);
  std::vector<std::uint32_t> order;  // Codes in ascending order of their values.
  std::vector<Value> values;
  for (std::size_t code = 0; code < codes.count(); ++code) {
    order.push_back(static_cast<std::uint32_t>(code));
    values.push_back(keys.value(codes.first_row[code]));
  }
  sort_as_v8(order.data(), order.data() + order.size(),
             [&](std::uint32_t a, std::uint32_t b) { return ascending(values[a], values[b]); });
  double const limit = p.number("limit", 0);
  if (limit > 0 && static_cast<double>(order.size()) > limit) order.resize(static_cast<std::size_t>(limit));
  if (order.size() > kMaxColumns)
    fail(context.path, "more than " + std::to_string(kMaxColumns) + " columns; set a limit");
  check_item_count(static_cast<double>(order.size()) * static_cast<double>(groups.count()));
  std::vector<std::uint32_t> place(codes.count(), 0xffffffffu);
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::uint32_t>(i);

  // One pass: every row belongs to one column of its group and is absent from the others.
  Measure measure(*input, value.of(*input, context.scope));
  measure.request({*op, 0, ""});
  std::vector<AggregateState> states(groups.count() * order.size());
  for (std::size_t row = 0; row < codes.of_row.size(); ++row) {
    auto const column = place[codes.of_row[row]];
    if (column != 0xffffffffu)
      measure.add(states[groups.of_row[row] * order.size() + column], static_cast<std::uint32_t>(row));
  }
  std::vector<ColumnBuilder> cells(order.size());
  std::vector<std::vector<std::uint32_t>> members(measure.needs_rows() ? order.size() : 0);
  std::vector<std::uint32_t> none;
  for (std::size_t group = 0; group < groups.count(); ++group) {
    for (auto& list : members) list.clear();
    if (measure.needs_rows())
      for (auto const* row = rows.begin(group); row != rows.end(group); ++row)
        if (auto const column = place[codes.of_row[*row]]; column != 0xffffffffu) members[column].push_back(*row);
    for (std::size_t i = 0; i < order.size(); ++i)
      cells[i].push(measure.result(measure.requests()[0], states[group * order.size() + i],
                                   measure.needs_rows() ? members[i] : none, rows.size(group), context.scope));
  }
  std::vector<Table::Field> fields;
  for (auto const& one : by) {
    auto const source = one.of(*input, context.scope);
    ColumnBuilder builder;
    for (auto row : groups.first_row) builder.push(source.value(row));
    fields.push_back({Str(one.name()), builder.finish()});
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto const text = js_string(values[order[i]]);
    auto column = cells[i].finish();
    auto const found = std::find_if(fields.begin(), fields.end(),
                                    [&](Table::Field const& f) { return f.name == std::string_view(text); });
    if (found != fields.end())
      found->column = std::move(column);
    else
      fields.push_back({Str(text), std::move(column)});
  }
  return make_ref<Table>(std::move(fields), groups.count());
}

constexpr std::string_view kPivotParameters[] = {"groupby", "field", "value", "op", "limit", "key"};

}  // namespace

TransformType const kPivot{"pivot", kPivotParameters, apply_pivot};

}  // namespace cml::vega
