#include "vega/value/tree.hpp"

#include <algorithm>
#include <numeric>

namespace cml::vega {
namespace {

// `push` puts the children of a node upon those that are still to visit, of which the last comes next.
template <class Push>
std::vector<std::uint32_t> depth_first(Tree const& tree, Push const& push) {
  std::vector<std::uint32_t> order, open{tree.root};
  order.reserve(tree.size());
  while (!open.empty()) {
    std::uint32_t const node = open.back();
    open.pop_back();
    order.push_back(node);
    push(open, tree.children(node));
  }
  return order;
}

}  // namespace

bool Tree::complete() {
  child_start.assign(size() + 1, 0);
  for (std::uint32_t const above : parent)
    if (above != kNone) ++child_start[above + 1];
  std::partial_sum(child_start.begin(), child_start.end(), child_start.begin());
  child.assign(child_start.back(), 0);
  std::vector<std::uint32_t> next(child_start.begin(), child_start.end() - 1);
  for (std::uint32_t node = 0; node < size(); ++node)
    if (parent[node] != kNone) child[next[parent[node]]++] = node;
  depth.assign(size(), 0);
  height.assign(size(), 0);
  auto const order = by_level();
  for (std::uint32_t const node : order)
    if (parent[node] != kNone) depth[node] = depth[parent[node]] + 1;
  for (auto node = order.rbegin(); node != order.rend(); ++node)
    if (parent[*node] != kNone) height[parent[*node]] = std::max(height[parent[*node]], height[*node] + 1);
  return order.size() == size();
}

std::vector<std::uint32_t> Tree::by_level() const {
  std::vector<std::uint32_t> order;
  order.reserve(size());
  order.push_back(root);
  for (std::size_t at = 0; at < order.size(); ++at)
    for (std::uint32_t const below : children(order[at])) order.push_back(below);
  return order;
}

std::vector<std::uint32_t> Tree::from_root() const {
  return depth_first(*this,
                     [](auto& open, auto const& below) { open.insert(open.end(), below.rbegin(), below.rend()); });
}

std::vector<std::uint32_t> Tree::from_leaves() const {
  auto order =
      depth_first(*this, [](auto& open, auto const& below) { open.insert(open.end(), below.begin(), below.end()); });
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace cml::vega
