// The transforms tree, treemap, pack and partition: what they share around a layout. Each weighs and sorts the nodes,
// lays them out, and writes the numbers into the rows that are nodes.
#include "vega/transform/tree_layout.hpp"

#include <algorithm>
#include <cmath>

#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// A table of the nodes, which is what a sort or a radius reads: depth, height, value, id, and the row as `data`.
TableRef nodes_table(Table const& rows, Tree const& tree, NodeNumbers const& value) {
  NodeNumbers const depth(tree.depth.begin(), tree.depth.end()), height(tree.height.begin(), tree.height.end());
  ColumnBuilder id, data;
  for (std::size_t node = 0; node < tree.size(); ++node) {
    if (tree.id[node].empty())
      id.push_undefined();
    else
      id.push_string(tree.id[node]);
    if (tree.row[node] == Tree::kNone)
      data.push(Value(Object()));
    else
      data.push(rows.base_row_value(tree.row[node]));
  }
  return make_ref<Table>(std::vector<Table::Field>{{Str("depth"), Column::of_numbers(depth)},
                                                   {Str("height"), Column::of_numbers(height)},
                                                   {Str("value"), Column::of_numbers(value)},
                                                   {Str("id"), id.finish()},
                                                   {Str("data"), data.finish()}},
                         tree.size());
}

class Layout {
 public:
  Layout(TableRef input, Parameters const& p) : input_(input->selected() ? input->compact() : std::move(input)), p_(p) {
    if (!input_->tree())
      fail(p.context().path, "the data is not a tree; a stratify or nest transform comes before this one");
    tree_ = *input_->tree();
    budget::steps(100 * tree_.size());
    weigh();
    sort();
  }
  Tree const& tree() const { return tree_; }
  NodeNumbers const& value() const { return value_; }
  NodeNumbers column_of_nodes(Field const& field) const {
    auto const nodes = nodes_table(*input_, tree_, value_);
    auto const cells = field.of(*nodes, p_.scope());
    NodeNumbers numbers(tree_.size());
    for (std::size_t node = 0; node < numbers.size(); ++node) numbers[node] = cells.number(node);
    return numbers;
  }

  // The table with a column for each list of numbers, then the depth and the number of children.
  TableRef result(std::initializer_list<NodeNumbers const*> lists, std::vector<std::string> const& as) const {
    NodeNumbers const depth(tree_.depth.begin(), tree_.depth.end());
    NodeNumbers children(tree_.size());
    for (std::uint32_t node = 0; node < tree_.size(); ++node)
      children[node] = static_cast<double>(tree_.children(node).size());
    std::vector<NodeNumbers const*> columns(lists);
    columns.push_back(&depth);
    columns.push_back(&children);
    TableRef out = input_;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      NodeNumbers cells(input_->size(), bits_to_double(kUndefinedBits));
      for (std::size_t node = 0; node < tree_.size(); ++node)
        if (tree_.row[node] != Tree::kNone) cells[tree_.row[node]] = (*columns[i])[node];
      out = out->with_column(as[i], Column::of_numbers(std::move(cells)));
    }
    return out->with_tree(std::make_shared<Tree>(tree_));
  }

 private:
  void weigh() {
    auto const field = p_.field("field");
    value_.assign(tree_.size(), 0);
    if (field) {
      auto const cells = field->of(*input_, p_.scope());
      for (std::size_t node = 0; node < tree_.size(); ++node) {
        double const own = tree_.row[node] == Tree::kNone ? 0 : cells.number(tree_.row[node]);
        value_[node] = std::isnan(own) ? 0 : own;
      }
    }
    for (std::uint32_t const node : tree_.from_leaves()) {
      auto const children = tree_.children(node);
      if (!field && children.empty()) value_[node] = 1;
      for (std::size_t i = children.size(); i-- > 0;) value_[node] += value_[children[i]];
    }
  }
  void sort() {
    auto const keys = p_.sort("sort");
    if (keys.empty()) return;
    auto const nodes = nodes_table(*input_, tree_, value_);
    RowOrder const order(*nodes, keys, p_.scope());
    for (std::uint32_t node = 0; node < tree_.size(); ++node) {
      auto* const begin = tree_.child.data() + tree_.child_start[node];
      auto* const end = tree_.child.data() + tree_.child_start[node + 1];
      std::sort(begin, end);
      order.sort(begin, end);
    }
  }

  TableRef input_;
  Parameters const& p_;
  Tree tree_;
  NodeNumbers value_;
};

struct Size {
  double width = 1, height = 1;
};
Size size_of(Parameters const& p, std::string_view name) {
  auto const given = p.numbers(name, 2);
  return given ? Size{(*given)[0], (*given)[1]} : Size{};
}

TableRef apply_tree(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Layout const layout(std::move(input), p);
  TidyOptions options;
  options.by_node = p.has("nodeSize");
  options.cousins_apart = p.boolean("separation", true);
  auto const [width, height] = size_of(p, options.by_node ? "nodeSize" : "size");
  options.width = width, options.height = height;
  bool const tidy = p.one_of("method", "tidy", {"tidy", "cluster"}) == "tidy";
  auto const at = tidy ? tidy_layout(layout.tree(), options) : cluster_layout(layout.tree(), options);
  return layout.result({&at.x, &at.y}, p.names({"x", "y", "depth", "children"}));
}

TableRef apply_pack(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Layout const layout(std::move(input), p);
  PackOptions options;
  options.padding = p.number("padding", 0);
  auto const [width, height] = size_of(p, "size");
  options.width = width, options.height = height;
  if (auto const radius = p.field("radius")) options.radius = layout.column_of_nodes(*radius);
  auto const at = pack_layout(layout.tree(), layout.value(), options);
  return layout.result({&at.x, &at.y, &at.r}, p.names({"x", "y", "r", "depth", "children"}));
}

TableRef boxes(Layout const& layout, NodeBoxes const& at, Parameters const& p) {
  return layout.result({&at.x0, &at.y0, &at.x1, &at.y1}, p.names({"x0", "y0", "x1", "y1", "depth", "children"}));
}

TableRef apply_treemap(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Layout const layout(std::move(input), p);
  TreemapOptions options;
  auto const method =
      p.one_of("method", "squarify", {"squarify", "resquarify", "binary", "dice", "slice", "slicedice"});
  options.tiling = method == "binary"      ? Tiling::Binary
                   : method == "dice"      ? Tiling::Dice
                   : method == "slice"     ? Tiling::Slice
                   : method == "slicedice" ? Tiling::SliceDice
                                           : Tiling::Squarify;  // Drawn once, resquarify is squarify.
  if (auto const ratio = p.number("ratio")) options.ratio = *ratio > 1 ? *ratio : 1;
  auto const [width, height] = size_of(p, "size");
  options.width = width, options.height = height;
  options.round = p.boolean("round", false);
  double const padding = p.number("padding", 0), outer = p.number("paddingOuter", padding);
  options.inner = p.number("paddingInner", padding);
  options.top = p.number("paddingTop", outer);
  options.right = p.number("paddingRight", outer);
  options.bottom = p.number("paddingBottom", outer);
  options.left = p.number("paddingLeft", outer);
  return boxes(layout, treemap_layout(layout.tree(), layout.value(), options), p);
}

TableRef apply_partition(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Layout const layout(std::move(input), p);
  auto const [width, height] = size_of(p, "size");
  return boxes(
      layout,
      partition_layout(layout.tree(), layout.value(), width, height, p.number("padding", 0), p.boolean("round", false)),
      p);
}

constexpr std::string_view kTreeParameters[] = {"field", "sort", "method", "size", "nodeSize", "separation"},
                           kPackParameters[] = {"field", "sort", "padding", "radius", "size"},
                           kPartitionParameters[] = {"field", "sort", "padding", "round", "size"},
                           kTreemapParameters[] = {"field",         "sort",         "method",     "padding",
                                                   "paddingInner",  "paddingOuter", "paddingTop", "paddingRight",
                                                   "paddingBottom", "paddingLeft",  "ratio",      "round",
                                                   "size"};

}  // namespace

TransformType const kTree{"tree", kTreeParameters, apply_tree};
TransformType const kPack{"pack", kPackParameters, apply_pack};
TransformType const kPartition{"partition", kPartitionParameters, apply_partition};
TransformType const kTreemap{"treemap", kTreemapParameters, apply_treemap};

}  // namespace cml::vega
