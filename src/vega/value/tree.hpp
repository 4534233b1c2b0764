// The rows of a table as a rooted tree (Vega's `pulse.source.root`): made by stratify and nest, kept by the tables that
// are made of its table, asked for by the layouts, by treelinks and by treePath().
//
// Nodes are numbers from 0, in the order in which they were made. Example: rows a, b under a, c under a make
// parent = {none, 0, 0}, children(0) = {1, 2}, row = {0, 1, 2}.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace cml::vega {

struct Tree {
  static constexpr std::uint32_t kNone = 0xffffffffu;

  std::uint32_t root = 0;
  std::vector<std::uint32_t> parent;              // By node; none for the root.
  std::vector<std::uint32_t> row;                 // By node: the base row of its table; none for a group without one.
  std::vector<std::uint32_t> child_start, child;  // Children of node n: child[child_start[n]] to child_start[n + 1].
  std::vector<std::uint32_t> depth, height;       // By node; the root's depth is 0, a leaf's height.
  std::vector<std::string> id;                    // By node; empty when it was not made of keys.
  std::unordered_map<std::string, std::uint32_t> by_id;

  std::size_t size() const { return parent.size(); }
  std::span<std::uint32_t const> children(std::uint32_t node) const {
    return {child.data() + child_start[node], child_start[node + 1] - child_start[node]};
  }
  bool is_leaf(std::uint32_t node) const { return child_start[node] == child_start[node + 1]; }
  // Fills children (in the order of nodes), depth and height from parents; false when not all nodes hang on the root.
  bool complete();

  std::vector<std::uint32_t> by_level() const;     // d3's each: the root, its children, theirs.
  std::vector<std::uint32_t> from_root() const;    // d3's eachBefore: a node before its children.
  std::vector<std::uint32_t> from_leaves() const;  // d3's eachAfter: a node after its children.
};
using TreeRef = std::shared_ptr<Tree const>;

}  // namespace cml::vega
