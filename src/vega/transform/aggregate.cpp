// aggregate: one row a group. joinaggregate: the same values written to every row of the group.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "vega/expr/coerce.hpp"
#include "vega/transform/aggregate_ops.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/field_watch.hpp"

namespace cml::vega {
namespace {

struct Output {
  std::string name;
  ColumnBuilder cells;  // One a group.
};

Groups groups_of(Parameters const& p, Table const& table, std::vector<Field> const& by) {
  if (auto const key = p.field("key")) return group_rows(table, {*key}, p.scope());
  return group_rows(table, by, p.scope());
}

// The aggregate values of every group: counts first, then field by field.
std::vector<Output> aggregate(Parameters const& p, Table const& table, Groups const& groups) {
  auto const set = read_measures(p, table);
  std::vector<std::uint32_t> sizes(groups.count(), 0);
  for (auto group : groups.of_row) ++sizes[group];
  bool const needs_rows =
      std::any_of(set.measures.begin(), set.measures.end(), [](auto const& m) { return m->needs_rows(); });
  GroupedRows rows;
  if (needs_rows) rows = rows_of(groups);

  std::vector<std::vector<AggregateState>> states;
  for (auto const& measure : set.measures) {
    budget::bytes(sizeof(AggregateState) * groups.count());
    auto& state = states.emplace_back(groups.count());
    for (std::size_t row = 0; row < groups.of_row.size(); ++row)
      measure->add(state[groups.of_row[row]], static_cast<std::uint32_t>(row));
  }
  std::vector<Output> out;
  for (auto const& name : set.counts) {
    out.push_back({name, {}});
    for (auto size : sizes) out.back().cells.push_number(size);
  }
  // Group by group, so that random resamples are drawn in the reference's order.
  auto const first = out.size();
  for (auto const& measure : set.measures)
    for (auto const& request : measure->requests()) out.push_back({request.name, {}});
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::size_t at = first;
    std::span<std::uint32_t const> const members =
        needs_rows ? std::span<std::uint32_t const>(rows.begin(group), rows.end(group))
                   : std::span<std::uint32_t const>();
    for (std::size_t m = 0; m < set.measures.size(); ++m)
      for (auto const& request : set.measures[m]->requests())
        out[at++].cells.push(set.measures[m]->result(request, states[m][group], members, sizes[group], p.scope()));
  }
  return out;
}

// Distinct values of a grouping field in the order JavaScript lists the keys of an object: whole numbers ascending,
// then by first appearance.
std::vector<Value> domain_of(ColumnRef const& column) {
  std::vector<Value> texts;
  std::map<std::uint32_t, Value> indices;
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < column->size(); ++i) {
    auto value = column->at(i);
    auto const key = js_string(value);
    if (!seen.insert(key).second) continue;
    double const n = string_to_number(key);
    if (n >= 0 && n < 4294967295.0 && number_to_string(n) == key &&
        n == static_cast<double>(static_cast<std::uint32_t>(n)))
      indices.emplace(static_cast<std::uint32_t>(n), std::move(value));
    else
      texts.push_back(std::move(value));
  }
  std::vector<Value> out;
  for (auto& [n, value] : indices) out.push_back(std::move(value));
  out.insert(out.end(), texts.begin(), texts.end());
  return out;
}

// Rows for every combination of the grouping values; those not seen follow the others, with zero counts.
TableRef cross(TableRef const& table, std::vector<std::string> const& dimensions,
               std::vector<std::string> const& counts) {
  std::vector<std::vector<Value>> domains;
  double combinations = 1;
  for (auto const& name : dimensions)
    for (auto const& field : table->fields())
      if (field.name == std::string_view(name)) {
        domains.push_back(domain_of(field.column));
        combinations *= static_cast<double>(domains.back().size());
      }
  check_item_count(combinations);
  auto const key_of = [&](auto const& value_of) {
    std::string key;
    for (std::size_t i = 0; i < dimensions.size(); ++i) key += js_string(value_of(i)) + '\x1f';
    return key;
  };
  std::map<std::string, bool> seen;
  TableBuilder builder;
  for (std::size_t row = 0; row < table->size(); ++row) {
    seen[key_of([&](std::size_t i) { return table->get(row, dimensions[i]); })] = true;
    builder.push_row(table->row(row));
  }
  std::vector<std::size_t> at(dimensions.size(), 0);
  for (double n = 0; n < combinations; ++n) {
    if (!seen.count(key_of([&](std::size_t i) { return domains[i][at[i]]; }))) {
      Object row;
      for (std::size_t i = 0; i < dimensions.size(); ++i) row[dimensions[i]] = domains[i][at[i]];
      for (auto const& name : counts) row[name] = 0;
      builder.push_row(Value(std::move(row)));
    }
    for (auto i = dimensions.size(); i-- > 0;) {
      if (++at[i] < domains[i].size()) break;
      at[i] = 0;
    }
  }
  return builder.finish();
}

TableRef apply_aggregate(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const by = p.solid_fields("groupby");
  auto const groups = groups_of(p, *input, by);
  std::vector<Table::Field> fields;
  auto const put = [&](std::string const& name, ColumnRef column) {
    for (auto& field : fields)
      if (field.name == std::string_view(name)) {
        field.column = std::move(column);
        return;
      }
    fields.push_back({Str(name), std::move(column)});
  };
  std::vector<std::string> dimensions;
  for (auto const& field : by) {
    if (field_watch != nullptr) input->column(field.name());  // That it is missing is the author's to know.
    auto const cells = field.of(*input, context.scope);
    dimensions.push_back(field.name());
    if (auto const* column = cells.column()) {
      std::vector<std::uint32_t> rows;
      for (auto row : groups.first_row) rows.push_back(cells.index(row));
      put(field.name(), column->gather(rows));
    } else {
      put(field.name(), Column::repeat({}, groups.count()));
    }
  }
  auto outputs = aggregate(p, *input, groups);
  for (auto& output : outputs) put(output.name, output.cells.finish());
  auto out = make_ref<Table>(std::move(fields), groups.count());
  if (!p.boolean("cross", false) || by.size() < 2) return out;
  // Empty cells: counts are zero, everything else has seen nothing. That is what the measures say of no rows.
  std::vector<std::string> zero;
  auto const ops = p.list("ops").value_or(Array{Value("count")});
  auto const set = read_measures(p, *input);
  zero = set.counts;
  for (auto const& measure : set.measures)
    for (auto const& request : measure->requests())
      if (request.op == AggregateOp::Missing || request.op == AggregateOp::Valid || request.op == AggregateOp::Distinct)
        zero.push_back(request.name);
  return cross(out, dimensions, zero);
}

TableRef apply_join(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const by = p.solid_fields("groupby");
  auto const groups = groups_of(p, *input, by);
  auto out = input;
  for (auto const& field : by)  // A computed group value is written as well.
    if (!input->column(field.name())) out = out->with_column(field.name(), field.of(*input, context.scope).gathered());
  for (auto& output : aggregate(p, *input, groups))
    out = out->with_column(output.name, output.cells.finish()->gather(groups.of_row));
  return out;
}

constexpr std::string_view kAggregateParameters[] = {"groupby", "ops", "aggregate_params", "fields", "drop",
                                                     "cross",   "key"};
constexpr std::string_view kJoinParameters[] = {"groupby", "fields", "ops", "aggregate_params", "key"};

}  // namespace

TransformType const kAggregate{"aggregate", kAggregateParameters, apply_aggregate};
TransformType const kJoinAggregate{"joinaggregate", kJoinParameters, apply_join};

}  // namespace cml::vega
