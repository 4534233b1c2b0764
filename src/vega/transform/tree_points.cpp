// Layouts of points: the tidy tree and the dendrogram (cluster).
//
// The tidy tree (Buchheim, Jünger and Leipert, "Improving Walker's Algorithm to Run in Linear Time", 2002) goes from
// the leaves up: each subtree is pushed to the right until its left contour clears the right contour of its siblings,
// and what it was pushed by is spread over the siblings between. Contours are followed by threads, so that nothing is
// walked twice. A second pass from the root adds up the shifts.
#include <algorithm>
#include <cmath>

#include "vega/transform/tree_layout.hpp"

namespace cml::vega {
namespace {

constexpr std::uint32_t kNoNode = Tree::kNone;

class Tidy {
 public:
  Tidy(Tree const& tree, TidyOptions const& options) : tree_(tree), options_(options), nodes_(tree.size()) {
    for (std::uint32_t node = 0; node < tree.size(); ++node) {
      nodes_[node].ancestor = node;
      auto const children = tree.children(node);
      for (std::uint32_t i = 0; i < children.size(); ++i) nodes_[children[i]].number = i;
    }
  }

  NodeNumbers x() {
    for (std::uint32_t const node : tree_.from_leaves()) first_walk(node);
    NodeNumbers x(tree_.size());
    for (std::uint32_t const node : tree_.from_root()) {
      double const above = node == tree_.root ? -nodes_[node].place : nodes_[tree_.parent[node]].shift_below;
      x[node] = nodes_[node].place + above;
      nodes_[node].shift_below += above;
    }
    return x;
  }

 private:
  struct Node {
    std::uint32_t number = 0;    // Among its siblings.
    std::uint32_t ancestor = 0;  // For finding the subtree that a node of a contour belongs to.
    std::uint32_t default_ancestor = kNoNode;
    std::uint32_t thread = kNoNode;     // The next of the contour, where it leaves the subtree.
    double place = 0, shift_below = 0;  // Of itself among its siblings; of all below it.
    double change = 0, shift = 0;       // Spread over the siblings to its left, once all are there.
  };

  double separation(std::uint32_t a, std::uint32_t b) const {
    return tree_.parent[a] == tree_.parent[b] || !options_.cousins_apart ? 1 : 2;
  }
  std::uint32_t next_left(std::uint32_t node) const {
    return tree_.is_leaf(node) ? nodes_[node].thread : tree_.children(node).front();
  }
  std::uint32_t next_right(std::uint32_t node) const {
    return tree_.is_leaf(node) ? nodes_[node].thread : tree_.children(node).back();
  }

  void first_walk(std::uint32_t node) {
    Node& own = nodes_[node];
    std::uint32_t const above = tree_.parent[node];
    std::uint32_t const left = own.number == 0 ? kNoNode : tree_.children(above)[own.number - 1];
    auto const children = tree_.children(node);
    if (!children.empty()) {
      spread(children);
      double const middle = (nodes_[children.front()].place + nodes_[children.back()].place) / 2;
      own.place = middle;
      if (left != kNoNode) {
        own.place = nodes_[left].place + separation(node, left);
        own.shift_below = own.place - middle;
      }
    } else if (left != kNoNode) {
      own.place = nodes_[left].place + separation(node, left);
    }
    if (above == kNoNode) return;
    std::uint32_t& ancestor = nodes_[above].default_ancestor;
    ancestor = apportion(node, left, ancestor == kNoNode ? tree_.children(above).front() : ancestor);
  }

  void spread(std::span<std::uint32_t const> children) {
    double shift = 0, change = 0;
    for (std::size_t i = children.size(); i-- > 0;) {
      Node& child = nodes_[children[i]];
      child.place += shift;
      child.shift_below += shift;
      change += child.change;
      shift += child.shift + change;
    }
  }

  // Pushes the subtree away from those to its left.
  std::uint32_t apportion(std::uint32_t node, std::uint32_t left, std::uint32_t ancestor) {
    if (left == kNoNode) return ancestor;
    std::uint32_t inner = node, outer = node;                                        // Of this subtree.
    std::uint32_t before = left, outermost = tree_.children(tree_.parent[node])[0];  // Of those to its left.
    double inner_shift = nodes_[inner].shift_below, outer_shift = nodes_[outer].shift_below;
    double before_shift = nodes_[before].shift_below, outermost_shift = nodes_[outermost].shift_below;
    for (before = next_right(before), inner = next_left(inner); before != kNoNode && inner != kNoNode;
         before = next_right(before), inner = next_left(inner)) {
      outermost = next_left(outermost);
      outer = next_right(outer);
      nodes_[outer].ancestor = node;
      double const push =
          nodes_[before].place + before_shift - nodes_[inner].place - inner_shift + separation(before, inner);
      if (push > 0) {
        std::uint32_t const found = nodes_[before].ancestor;
        move(tree_.parent[found] == tree_.parent[node] ? found : ancestor, node, push);
        inner_shift += push;
        outer_shift += push;
      }
      before_shift += nodes_[before].shift_below;
      inner_shift += nodes_[inner].shift_below;
      outermost_shift += nodes_[outermost].shift_below;
      outer_shift += nodes_[outer].shift_below;
    }
    if (before != kNoNode && next_right(outer) == kNoNode) {
      nodes_[outer].thread = before;
      nodes_[outer].shift_below += before_shift - outer_shift;
    }
    if (inner != kNoNode && next_left(outermost) == kNoNode) {
      nodes_[outermost].thread = inner;
      nodes_[outermost].shift_below += inner_shift - outermost_shift;
      ancestor = node;
    }
    return ancestor;
  }

  void move(std::uint32_t from, std::uint32_t node, double push) {
    double const change = push / (static_cast<double>(nodes_[node].number) - static_cast<double>(nodes_[from].number));
    nodes_[node].change -= change;
    nodes_[node].shift += push;
    nodes_[from].change += change;
    nodes_[node].place += push;
    nodes_[node].shift_below += push;
  }

  Tree const& tree_;
  TidyOptions const& options_;
  std::vector<Node> nodes_;
};

double distance(Tree const& tree, TidyOptions const& options, std::uint32_t a, std::uint32_t b) {
  return tree.parent[a] == tree.parent[b] || !options.cousins_apart ? 1 : 2;
}

}  // namespace

NodePoints tidy_layout(Tree const& tree, TidyOptions const& options) {
  NodePoints at;
  at.x = Tidy(tree, options).x();
  at.y.resize(tree.size());
  auto const order = tree.from_root();
  if (options.by_node) {
    for (std::uint32_t const node : order) {
      at.x[node] *= options.width;
      at.y[node] = tree.depth[node] * options.height;
    }
    return at;
  }
  std::uint32_t left = tree.root, right = tree.root, bottom = tree.root;
  for (std::uint32_t const node : order) {
    if (at.x[node] < at.x[left]) left = node;
    if (at.x[node] > at.x[right]) right = node;
    if (tree.depth[node] > tree.depth[bottom]) bottom = node;
  }
  double const edge = left == right ? 1 : distance(tree, options, left, right) / 2;
  double const offset = edge - at.x[left];
  double const across = options.width / (at.x[right] + edge + offset);
  double const down = options.height / (tree.depth[bottom] == 0 ? 1 : tree.depth[bottom]);
  for (std::uint32_t const node : order) {
    at.x[node] = (at.x[node] + offset) * across;
    at.y[node] = tree.depth[node] * down;
  }
  return at;
}

NodePoints cluster_layout(Tree const& tree, TidyOptions const& options) {
  NodePoints at;
  at.x.assign(tree.size(), 0);
  at.y.assign(tree.size(), 0);
  std::uint32_t last = kNoNode;
  double x = 0;
  auto const order = tree.from_leaves();
  for (std::uint32_t const node : order) {
    auto const children = tree.children(node);
    if (children.empty()) {
      if (last != kNoNode) x += distance(tree, options, node, last);
      at.x[node] = x;
      last = node;
      continue;
    }
    double sum = 0, deepest = 0;
    for (std::uint32_t const child : children) {
      sum += at.x[child];
      deepest = std::max(deepest, at.y[child]);
    }
    at.x[node] = sum / static_cast<double>(children.size());
    at.y[node] = 1 + deepest;
  }
  std::uint32_t left = tree.root, right = tree.root;
  while (!tree.is_leaf(left)) left = tree.children(left).front();
  while (!tree.is_leaf(right)) right = tree.children(right).back();
  double const x0 = at.x[left] - distance(tree, options, left, right) / 2;
  double const x1 = at.x[right] + distance(tree, options, right, left) / 2;
  double const root_x = at.x[tree.root], root_y = at.y[tree.root];
  for (std::uint32_t const node : order) {
    if (options.by_node) {
      at.x[node] = (at.x[node] - root_x) * options.width;
      at.y[node] = (root_y - at.y[node]) * options.height;
    } else {
      at.x[node] = (at.x[node] - x0) / (x1 - x0) * options.width;
      at.y[node] = (1 - (root_y == 0 ? 1 : at.y[node] / root_y)) * options.height;
    }
  }
  return at;
}

}  // namespace cml::vega
