// A tree of quadrants over points, as d3-quadtree builds it: boxes start at whole numbers and are halved until each
// leaf holds one place, where points that coincide form a chain, the last one first.
#pragma once

#include <cstdint>
#include <vector>

namespace cml::vega {

class Quadtree {
 public:
  static constexpr std::int32_t kNone = -1;
  struct Node {
    std::int32_t child[4] = {kNone, kNone, kNone, kNone};
    std::int32_t point = kNone;      // Of a leaf: the first of its chain; kNone: an inner node.
    double x = 0, y = 0, value = 0;  // For whoever builds it.
    bool leaf() const { return point != kNone; }
  };
  struct Box {
    double x0, y0, x1, y1;
  };

  Quadtree() = default;
  Quadtree(Quadtree const&) = delete;  // What it holds is counted once.
  ~Quadtree();
  // Of points that are not a number none is in the tree, and none of places too far apart to be halved.
  void build(std::vector<double> const& x, std::vector<double> const& y);

  std::vector<Node>& nodes() { return nodes_; }
  std::int32_t next(std::int32_t point) const { return next_[static_cast<std::size_t>(point)]; }
  // Every node after those below it.
  std::vector<std::int32_t> const& upwards();
  // Calls enter(node, box) from the root on; true: not what is below the node.
  template <class Enter>
  void visit(Enter enter) {
    stack_.clear();
    if (root_ != kNone) stack_.push_back({root_, box_});
    while (!stack_.empty()) {
      auto const [at, box] = stack_.back();
      stack_.pop_back();
      Node& node = nodes_[static_cast<std::size_t>(at)];
      if (enter(node, box) || node.leaf()) continue;
      double const x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
      auto const push = [&](int i, Box part) {
        if (node.child[i] != kNone) stack_.push_back({node.child[i], part});
      };
      push(3, {x, y, box.x1, box.y1});
      push(2, {box.x0, y, x, box.y1});
      push(1, {x, box.y0, box.x1, y});
      push(0, {box.x0, box.y0, x, y});
    }
  }

 private:
  struct Entry {
    std::int32_t node;
    Box box;
  };
  std::int32_t make(std::int32_t point);
  void add(std::int32_t point, std::vector<double> const& x, std::vector<double> const& y);

  std::vector<Node> nodes_;
  std::vector<std::int32_t> next_, upwards_, below_;
  std::vector<Entry> stack_;
  std::int32_t root_ = kNone;
  Box box_{0, 0, 0, 0};
  double counted_ = 0;  // Bytes.
};

}  // namespace cml::vega
