// Datasets, messages, and what a picture without a page answers.
#include <cmath>
#include <optional>
#include <unordered_map>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

Value data(Call const& c) {
  auto table = c.scope.data(js_string(c[0]));
  return table ? Value(std::move(table)) : Value(Array());
}

// How often each text of a field occurs. The last one asked for is kept: indata runs once a row.
struct FieldIndex {
  TableRef table;
  std::string field;
  std::unordered_map<std::string, std::size_t> counts;
};
Value indata(Call const& c) {
  thread_local FieldIndex index;
  auto const name = js_string(c[0]), field = js_string(c[1]);
  auto table = c.scope.data(name);
  if (!table) fail("", "indata: there is no dataset \"" + name + "\"");
  if (!(index.table == table) || index.field != field) {
    index = {table, field, {}};
    auto const* column = table->column(field);
    for (std::size_t i = 0; i < table->size(); ++i)
      ++index.counts[column ? js_string(column->at(table->base_row(i))) : "undefined"];
  }
  auto const found = index.counts.find(js_string(c[2]));
  return found == index.counts.end() ? Value() : Value(found->second);
}

Value message(Call const& c) {
  std::string text;
  for (auto const& argument : c.arguments) text += (text.empty() ? "" : " ") + js_string(argument);
  if (c.name == "warn") c.scope.warn(text);
  return c.size() ? c[c.size() - 1] : Value();
}
Value no_size(Call const&) { return Value::array({Value(), Value()}); }

// The row of each node on a way through a tree.
Value rows_of_nodes(Table const& table, std::vector<std::uint32_t> const& nodes) {
  Array rows;
  for (std::uint32_t const node : nodes) {
    std::uint32_t const row = table.tree()->row[node];
    rows.push_back(row == Tree::kNone ? Value(Object()) : table.base_row_value(row));
  }
  return rows;
}
std::vector<std::uint32_t> to_root(Tree const& tree, std::uint32_t node) {
  std::vector<std::uint32_t> way;
  for (; node != Tree::kNone; node = tree.parent[node]) way.push_back(node);
  return way;
}
std::optional<std::uint32_t> node_of(TableRef const& table, Value const& key) {
  if (!table || !table->tree()) return std::nullopt;
  auto const found = table->tree()->by_id.find(js_string(key));
  return found == table->tree()->by_id.end() || found->second == Tree::kNone ? std::nullopt
                                                                             : std::optional(found->second);
}
Value tree_path(Call const& c) {
  auto const table = c.scope.data(js_string(c[0]));
  auto const source = node_of(table, c[1]), target = node_of(table, c[2]);
  if (!source || !target) return Value();
  auto up = to_root(*table->tree(), *source), down = to_root(*table->tree(), *target);
  while (up.size() > 1 && down.size() > 1 && up[up.size() - 2] == down[down.size() - 2]) up.pop_back(), down.pop_back();
  down.pop_back();  // Their nearest common ancestor is in `up`.
  up.insert(up.end(), down.rbegin(), down.rend());
  return rows_of_nodes(*table, up);
}
Value tree_ancestors(Call const& c) {
  auto const table = c.scope.data(js_string(c[0]));
  auto const node = node_of(table, c[1]);
  return node ? rows_of_nodes(*table, to_root(*table->tree(), *node)) : Value();
}

constexpr FunctionType kData[] = {
    {"data", 1, -1, data},
    {"indata", 3, -1, indata},
    {"treePath", 3, -1, tree_path},
    {"treeAncestors", 2, -1, tree_ancestors},
    {"warn", 0, -1, message},
    {"info", 0, -1, message},
    {"debug", 0, -1, message},
    {"inScope", 0, -1, [](Call const&) -> Value { return false; }},
    {"screen", 0, -1, [](Call const&) -> Value { return Object(); }},
    {"containerSize", 0, -1, no_size},
    {"windowSize", 0, -1, no_size},
};

}  // namespace

std::span<FunctionType const> data_functions() { return kData; }

}  // namespace cml::vega
