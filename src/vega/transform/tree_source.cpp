// Transforms that make a tree of rows: stratify (by keys of rows and of their parents), nest (by the values of fields).
#include <algorithm>
#include <numeric>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kNodeBytes = 100;

std::shared_ptr<Tree> new_tree(std::size_t nodes) {
  budget::bytes(kNodeBytes * nodes);
  auto tree = std::make_shared<Tree>();
  tree->parent.assign(nodes, Tree::kNone);
  tree->row.assign(nodes, Tree::kNone);
  tree->id.resize(nodes);
  return tree;
}

TableRef apply_stratify(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const keys = p.required_field("key").of(*input, context.scope);
  auto const parents = p.required_field("parentKey").of(*input, context.scope);
  std::size_t const rows = input->size();
  auto const tree = new_tree(std::max<std::size_t>(rows, 1));
  if (rows == 0) {  // A root that is no row.
    tree->complete();
    return input->with_tree(tree);
  }
  constexpr std::uint32_t kAmbiguous = Tree::kNone;
  for (std::uint32_t node = 0; node < rows; ++node) {
    tree->row[node] = node;
    if (keys.nullish(node)) continue;
    std::string key = js_string(keys.value(node));
    if (key.empty()) continue;
    auto const [known, added] = tree->by_id.emplace(key, node);
    if (!added) known->second = kAmbiguous;
    tree->id[node] = std::move(key);
  }
  std::uint32_t root = Tree::kNone;
  for (std::uint32_t node = 0; node < rows; ++node) {
    std::string const above = parents.nullish(node) ? std::string() : js_string(parents.value(node));
    if (above.empty()) {
      if (root != Tree::kNone)
        fail(context.path, "two rows have no parent, \"" + tree->id[root].substr(0, 60) + "\" and \"" +
                               tree->id[node].substr(0, 60) + "\"; a tree has one root");
      root = node;
      continue;
    }
    auto const found = tree->by_id.find(above);
    if (found == tree->by_id.end())
      fail(p.path("parentKey"), "no row has the key \"" + above.substr(0, 60) + "\", which a row names as its parent");
    if (found->second == kAmbiguous)
      fail(p.path("key"), "several rows have the key \"" + above.substr(0, 60) + "\", which a row names as its parent");
    tree->parent[node] = found->second;
  }
  if (root == Tree::kNone) fail(p.path("parentKey"), "every row has a parent; a tree has one root");
  tree->root = root;
  if (!tree->complete()) fail(p.path("parentKey"), "rows are their own parents' parents; a tree has no cycles");
  return input->with_tree(tree);
}

// A property name that JavaScript takes for an index comes before the others, in numeric order.
std::optional<double> array_index(std::string const& key) {
  if (key.empty() || key.size() > 10 || (key[0] == '0' && key.size() > 1)) return std::nullopt;
  if (key.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  double const number = string_to_number(key);
  return number < 4294967295.0 ? std::optional(number) : std::nullopt;
}

// Groups of groups of rows, level by level: nodes are the root, its groups, theirs, and the rows last.
class Nesting {
 public:
  Nesting(Table const& table, std::vector<Field> const& keys, Scope& scope) {
    std::vector<std::uint32_t> rows(table.size());
    std::iota(rows.begin(), rows.end(), 0u);
    groups_.push_back({Tree::kNone, "", std::move(rows)});
    std::size_t from = 0;
    for (Field const& key : keys) {
      auto const cells = key.of(table, scope);
      auto const codes = encode(cells);
      std::vector<std::string> names;
      for (auto const row : codes.first_row) names.push_back(js_string(cells.value(row)));
      std::size_t const until = groups_.size();
      for (; from < until; ++from) split(static_cast<std::uint32_t>(from), codes, names);
    }
    inner_ = from;
  }

  std::shared_ptr<Tree> tree() const {
    std::size_t nodes = groups_.size();
    for (std::size_t at = inner_; at < groups_.size(); ++at) nodes += groups_[at].rows.size();
    auto const tree = new_tree(nodes);
    for (std::uint32_t node = 0; node < groups_.size(); ++node) tree->parent[node] = groups_[node].above;
    auto next = static_cast<std::uint32_t>(groups_.size());
    for (std::size_t at = inner_; at < groups_.size(); ++at)
      for (std::uint32_t const row : groups_[at].rows) {
        tree->parent[next] = static_cast<std::uint32_t>(at);
        tree->row[next++] = row;
      }
    tree->complete();
    return tree;
  }

  // The groups as rows behind those of the table, {key, values}.
  TableRef with_groups(Table const& table) const {
    std::vector<Array> values(groups_.size());
    std::vector<Value> rows(groups_.size());
    for (std::size_t at = groups_.size(); at-- > 0;) {
      auto const& group = groups_[at];
      if (at >= inner_)
        for (std::uint32_t const row : group.rows) values[at].push_back(table.row(row));
      else
        std::reverse(values[at].begin(), values[at].end());  // They came from the last one on.
      rows[at] = at == 0 ? Value::object({{"values", Value(std::move(values[at]))}})
                         : Value::object({{"key", Value(group.key)}, {"values", Value(std::move(values[at]))}});
      if (at > 0) values[group.above].push_back(rows[at]);
    }
    TableBuilder builder;
    for (std::size_t row = 0; row < table.size(); ++row) builder.push_row(table.row(row));
    for (Value const& row : rows) builder.push_row(row);
    return builder.finish();
  }

  std::size_t groups() const { return groups_.size(); }

 private:
  struct Group {
    std::uint32_t above;
    std::string key;
    std::vector<std::uint32_t> rows;
  };

  void split(std::uint32_t above, Codes const& codes, std::vector<std::string> const& names) {
    std::vector<std::uint32_t> const rows = std::move(groups_[above].rows);
    budget::steps(4 * rows.size());
    std::unordered_map<std::uint32_t, std::size_t> place;
    std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>> parts;
    for (std::uint32_t const row : rows) {
      auto const code = codes.of_row[row];
      auto const [found, added] = place.emplace(code, parts.size());
      if (added) parts.push_back({code, {}});
      parts[found->second].second.push_back(row);
    }
    std::stable_sort(parts.begin(), parts.end(), [&](auto const& a, auto const& b) {
      auto const x = array_index(names[a.first]), y = array_index(names[b.first]);
      return x && (!y || *x < *y);
    });
    budget::bytes((sizeof(Group) + 40) * parts.size());
    for (auto& [code, own] : parts) groups_.push_back({above, names[code], std::move(own)});
  }

  std::vector<Group> groups_;
  std::size_t inner_ = 0;  // The first group whose children are rows.
};

TableRef apply_nest(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Nesting const nesting(*input, p.solid_fields("keys"), context.scope);
  auto const tree = nesting.tree();
  if (!p.boolean("generate", false)) return input->with_tree(tree);
  for (std::uint32_t group = 0; group < nesting.groups(); ++group)
    tree->row[group] = static_cast<std::uint32_t>(input->size() + group);
  return nesting.with_groups(*input)->with_tree(tree);
}

constexpr std::string_view kStratifyParameters[] = {"key", "parentKey"}, kNestParameters[] = {"keys", "generate"};

}  // namespace

TransformType const kStratify{"stratify", kStratifyParameters, apply_stratify};
TransformType const kNest{"nest", kNestParameters, apply_nest};

}  // namespace cml::vega
