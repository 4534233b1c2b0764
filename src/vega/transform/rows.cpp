// Transforms of whole rows: filter, formula, collect, identifier, sample, project, extent, sequence.
#include <cmath>
#include <limits>
#include <numeric>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

TableRef apply_filter(TableRef input, Value const& spec, TransformContext& context) {
  auto const rows = Parameters(spec, context).expression("expr").true_rows(context.scope, *input);
  return rows.size() == input->size() ? input : input->select(rows);
}

TableRef apply_formula(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const as = p.required_string("as");
  return input->with_column(as, p.expression("expr").evaluate_column(context.scope, *input));
}

TableRef apply_collect(TableRef input, Value const& spec, TransformContext& context) {
  RowOrder const order(*input, Parameters(spec, context).sort("sort"), context.scope);
  if (order.empty()) return input;
  std::vector<std::uint32_t> rows(input->size());
  std::iota(rows.begin(), rows.end(), 0u);
  order.sort(rows.data(), rows.data() + rows.size());
  return input->select(rows);
}

TableRef apply_identifier(TableRef input, Value const& spec, TransformContext& context) {
  auto const as = Parameters(spec, context).required_string("as");
  auto const* given = input->column(as);
  std::vector<Value> kept;
  std::vector<double> numbers(input->size());
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    auto const value = given ? given->at(input->base_row(row)) : Value();
    numbers[row] = value.truthy() ? value.to_number() : ++context.scope.run_state().identifier;
  }
  return input->with_column(as, Column::of_numbers(std::move(numbers)));
}

// A reservoir: each row replaces a random earlier one with the chance that keeps all equally likely.
TableRef apply_sample(TableRef input, Value const& spec, TransformContext& context) {
  double const size = Parameters(spec, context).number("size", 1000);
  std::vector<std::uint32_t> kept;
  for (std::size_t row = 0; row < input->size(); ++row) {
    if (static_cast<double>(kept.size()) < size) {
      kept.push_back(static_cast<std::uint32_t>(row));
      continue;
    }
    double const at = std::trunc(static_cast<double>(row + 1) * context.scope.random());
    if (at < static_cast<double>(kept.size())) kept[static_cast<std::size_t>(at)] = static_cast<std::uint32_t>(row);
  }
  return input->select(kept);
}

TableRef apply_project(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  if (!p.has("fields")) return input;
  auto const fields = p.solid_fields("fields");
  auto const names = p.list("as").value_or(Array());
  std::vector<Table::Field> out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto const name = i < names.size() && !names[i].is_nullish() ? js_string(names[i]) : fields[i].name();
    auto column = fields[i].of(*input, context.scope).gathered();
    bool replaced = false;
    for (auto& field : out)
      if (field.name == std::string_view(name)) field.column = column, replaced = true;
    if (!replaced) out.push_back({Str(name), std::move(column)});
  }
  return make_ref<Table>(std::move(out), input->size());
}

TableRef apply_extent(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.required_field("field");
  auto const cells = field.of(*input, context.scope);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low = kInfinity, high = -kInfinity;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (cells.nullish(row)) continue;
    double const n = cells.number(row);
    if (n == 0 && cells.column()->kind() >= Column::Kind::String) {
      auto const value = cells.value(row);
      if (value.is_string() && value.string().empty()) continue;
    }
    if (n < low) low = n;
    if (n > high) high = n;
  }
  if (!std::isfinite(low) || !std::isfinite(high)) {
    context.diagnostics.warn(context.path, "infinite extent" +
                                               (field.name().empty() ? "" : " for field \"" + field.name() + "\"") +
                                               ": [" + number_to_string(low) + ", " + number_to_string(high) + "]");
    context.signal = Value::array({Value(), Value()});
  } else {
    context.signal = Value::array({low, high});
  }
  return input;
}

TableRef apply_sequence(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const start = p.number("start"), stop = p.number("stop");
  if (!start || !stop)
    fail(context.path, "missing required parameter \"" + std::string(start ? "stop" : "start") + "\"");
  double step = p.number("step", 1);
  if (step == 0 || std::isnan(step)) step = 1;
  double const count = std::fmax(0, std::ceil((*stop - *start) / step));
  check_item_count(count);
  auto const as = p.string("as", "data");
  if (input && input->size()) {  // Rows that are there already stay in front.
    TableBuilder builder;
    for (std::size_t row = 0; row < input->size(); ++row) builder.push_row(input->row(row));
    for (double i = 0; i < count; ++i) builder.push_row(Value::object({{as, *start + i * step}}));
    return builder.finish();
  }
  std::vector<double> numbers;
  numbers.reserve(static_cast<std::size_t>(count));
  for (double i = 0; i < count; ++i) numbers.push_back(*start + i * step);
  auto const rows = numbers.size();
  return make_ref<Table>(std::vector<Table::Field>{{Str(as), Column::of_numbers(std::move(numbers))}}, rows);
}

constexpr std::string_view kExpr[] = {"expr"}, kFormulaParameters[] = {"expr", "initonly"}, kSort[] = {"sort"},
                           kSize[] = {"size"}, kFields[] = {"fields"}, kField[] = {"field"},
                           kSteps[] = {"start", "stop", "step"};

}  // namespace

TransformType const kFilter{"filter", kExpr, apply_filter};
TransformType const kFormula{"formula", kFormulaParameters, apply_formula};
TransformType const kCollect{"collect", kSort, apply_collect};
TransformType const kIdentifier{"identifier", {}, apply_identifier};
TransformType const kSample{"sample", kSize, apply_sample};
TransformType const kProject{"project", kFields, apply_project};
TransformType const kExtent{"extent", kField, apply_extent};
TransformType const kSequence{"sequence", kSteps, apply_sequence};

}  // namespace cml::vega
