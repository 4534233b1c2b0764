#include "vega/transform/quadtree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vega/value/budget.hpp"

namespace cml::vega {

// Two points that nearly coincide are a thousand levels apart: nodes are counted, not points.
std::int32_t Quadtree::make(std::int32_t point) {
  if (nodes_.size() == nodes_.capacity()) {
    auto const more = std::max<std::size_t>(64, nodes_.capacity());
    double const bytes = static_cast<double>(more * (sizeof(Node) + 2 * sizeof(std::int32_t)));
    budget::bytes(bytes);
    counted_ += bytes;
    nodes_.reserve(nodes_.capacity() + more);
  }
  nodes_.emplace_back();
  nodes_.back().point = point;
  return static_cast<std::int32_t>(nodes_.size()) - 1;
}

Quadtree::~Quadtree() { budget::give_back(counted_); }

void Quadtree::build(std::vector<double> const& x, std::vector<double> const& y) {
  nodes_.clear(), upwards_.clear();
  next_.assign(x.size(), kNone);
  root_ = kNone;
  double x0 = std::numeric_limits<double>::infinity(), y0 = x0, x1 = -x0, y1 = -x0;
  auto const counts = [&](std::size_t i) { return !std::isnan(x[i]) && !std::isnan(y[i]); };
  for (std::size_t i = 0; i < x.size(); ++i)
    if (counts(i)) {
      x0 = std::min(x0, x[i]), x1 = std::max(x1, x[i]);
      y0 = std::min(y0, y[i]), y1 = std::max(y1, y[i]);
    }
  if (!(x0 <= x1 && y0 <= y1) || !std::isfinite(x1 - x0) || !std::isfinite(y1 - y0)) return;
  box_ = {std::floor(x0), std::floor(y0), std::floor(x0) + 1, std::floor(y0) + 1};
  for (double size = 2; x1 >= box_.x1 || y1 >= box_.y1; size *= 2) box_.x1 = box_.x0 + size, box_.y1 = box_.y0 + size;
  // The middle of such a box is no number, and halving it would part no two points.
  if (!std::isfinite(box_.x0 + box_.x1) || !std::isfinite(box_.y0 + box_.y1)) return;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (counts(i)) add(static_cast<std::int32_t>(i), x, y);
}

void Quadtree::add(std::int32_t point, std::vector<double> const& xs, std::vector<double> const& ys) {
  budget::steps(40);
  double const x = xs[static_cast<std::size_t>(point)], y = ys[static_cast<std::size_t>(point)];
  if (root_ == kNone) return void(root_ = make(point));
  Box box = box_;
  double xm = 0, ym = 0;
  auto const quadrant = [&] {
    xm = (box.x0 + box.x1) / 2, ym = (box.y0 + box.y1) / 2;
    bool const right = x >= xm, below = y >= ym;
    (right ? box.x0 : box.x1) = xm, (below ? box.y0 : box.y1) = ym;
    return (below ? 2 : 0) | (right ? 1 : 0);
  };
  std::int32_t at = root_, parent = kNone;
  int i = 0;
  while (!nodes_[static_cast<std::size_t>(at)].leaf()) {
    budget::steps(4);
    i = quadrant();
    parent = at, at = nodes_[static_cast<std::size_t>(at)].child[i];
    if (at == kNone) {
      auto const leaf = make(point);
      nodes_[static_cast<std::size_t>(parent)].child[i] = leaf;
      return;
    }
  }
  auto const other = nodes_[static_cast<std::size_t>(at)].point;
  double const xp = xs[static_cast<std::size_t>(other)], yp = ys[static_cast<std::size_t>(other)];
  if (x == xp && y == yp) {
    next_[static_cast<std::size_t>(point)] = other;
    nodes_[static_cast<std::size_t>(at)].point = point;
    return;
  }
  for (int j = i;;) {
    auto const inner = make(kNone);
    (parent == kNone ? root_ : nodes_[static_cast<std::size_t>(parent)].child[i]) = inner;
    parent = inner;
    budget::steps(10);
    i = quadrant();
    j = (yp >= ym ? 2 : 0) | (xp >= xm ? 1 : 0);
    if (i == j) continue;
    auto const leaf = make(point);
    nodes_[static_cast<std::size_t>(parent)].child[i] = leaf;
    nodes_[static_cast<std::size_t>(parent)].child[j] = at;
    return;
  }
}

std::vector<std::int32_t> const& Quadtree::upwards() {
  upwards_.clear(), below_.clear();
  if (root_ != kNone) below_.push_back(root_);
  while (!below_.empty()) {
    auto const at = below_.back();
    below_.pop_back();
    upwards_.push_back(at);
    budget::steps(4);
    Node const& node = nodes_[static_cast<std::size_t>(at)];
    if (!node.leaf())
      for (auto const child : node.child)
        if (child != kNone) below_.push_back(child);
  }
  std::reverse(upwards_.begin(), upwards_.end());
  return upwards_;
}

}  // namespace cml::vega
