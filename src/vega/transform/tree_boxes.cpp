// Layouts of boxes: treemap (boxes within boxes) and partition (layers of an icicle or a sunburst).
#include <algorithm>
#include <cmath>

#include "vega/transform/tree_layout.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

struct Area {
  double x0, y0, x1, y1;
};

class Boxes {
 public:
  Boxes(Tree const& tree, NodeNumbers const& value) : tree_(tree), value_(value) {
    for (auto* list : {&at.x0, &at.y0, &at.x1, &at.y1}) list->assign(tree.size(), 0);
  }

  Area area(std::uint32_t node) const { return {at.x0[node], at.y0[node], at.x1[node], at.y1[node]}; }
  void put(std::uint32_t node, Area const& area) {
    at.x0[node] = area.x0, at.y0[node] = area.y0, at.x1[node] = area.x1, at.y1[node] = area.y1;
  }
  // Side by side, as wide as their values.
  void dice(std::span<std::uint32_t const> nodes, double value, Area const& in) {
    double const k = value == 0 || std::isnan(value) ? value : (in.x1 - in.x0) / value;
    double x = in.x0;
    for (std::uint32_t const node : nodes) {
      double const from = x;
      put(node, {from, in.y0, x += value_[node] * k, in.y1});
    }
  }
  // One below the other.
  void slice(std::span<std::uint32_t const> nodes, double value, Area const& in) {
    double const k = value == 0 || std::isnan(value) ? value : (in.y1 - in.y0) / value;
    double y = in.y0;
    for (std::uint32_t const node : nodes) {
      double const from = y;
      put(node, {in.x0, from, in.x1, y += value_[node] * k});
    }
  }
  // Rows of boxes whose sides come near to the ratio (Bruls et al.).
  void squarify(std::uint32_t parent, double ratio, Area in) {
    auto const nodes = tree_.children(parent);
    double value = value_[parent];
    std::size_t from = 0, until = 0;
    while (from < nodes.size()) {
      double const width = in.x1 - in.x0, height = in.y1 - in.y0;
      double sum = 0;
      do sum = value_[nodes[until++]];
      while ((sum == 0 || std::isnan(sum)) && until < nodes.size());
      double least = sum, most = sum;
      double const alpha = js_max(height / width, width / height) / (value * ratio);
      double beta = sum * sum * alpha;
      double best = js_max(most / beta, beta / least);
      for (; until < nodes.size(); ++until) {
        double const next = value_[nodes[until]];
        sum += next;
        if (next < least) least = next;
        if (next > most) most = next;
        beta = sum * sum * alpha;
        double const now = js_max(most / beta, beta / least);
        if (now > best) {
          sum -= next;
          break;
        }
        best = now;
      }
      auto const row = nodes.subspan(from, until - from);
      bool const some = value != 0 && !std::isnan(value);
      Area place = in;
      if (width < height) {
        place.y1 = some ? in.y0 += height * sum / value : in.y1;
        dice(row, sum, place);
      } else {
        place.x1 = some ? in.x0 += width * sum / value : in.x1;
        slice(row, sum, place);
      }
      value -= sum;
      from = until;
    }
  }
  // Halves of about equal value, side by side or one below the other.
  void binary(std::uint32_t parent, Area const& in) {
    auto const nodes = tree_.children(parent);
    std::vector<double> sums(nodes.size() + 1, 0);
    for (std::size_t i = 0; i < nodes.size(); ++i) sums[i + 1] = sums[i] + value_[nodes[i]];
    struct Part {
      std::size_t from, until;
      double value;
      Area in;
    };
    std::vector<Part> open{{0, nodes.size(), value_[parent], in}};
    while (!open.empty()) {
      auto const [from, until, value, area] = open.back();
      open.pop_back();
      budget::steps(50);
      if (from + 1 >= until) {
        put(nodes[from], area);
        continue;
      }
      double const target = value / 2 + sums[from];
      std::size_t k = from + 1, high = until - 1;
      while (k < high) {
        std::size_t const middle = (k + high) / 2;
        if (sums[middle] < target)
          k = middle + 1;
        else
          high = middle;
      }
      if (target - sums[k - 1] < sums[k] - target && from + 1 < k) --k;
      double const left = sums[k] - sums[from], right = value - left;
      bool const some = value != 0 && !std::isnan(value);
      Area first = area, second = area;
      if (area.x1 - area.x0 > area.y1 - area.y0)
        first.x1 = second.x0 = some ? (area.x0 * right + area.x1 * left) / value : area.x1;
      else
        first.y1 = second.y0 = some ? (area.y0 * right + area.y1 * left) / value : area.y1;
      open.push_back({k, until, right, second});
      open.push_back({from, k, left, first});
    }
  }
  void round() {
    for (auto* list : {&at.x0, &at.y0, &at.x1, &at.y1})
      for (double& number : *list) number = round_half_up(number);
  }

  NodeBoxes at;

 private:
  static double js_max(double a, double b) { return std::isnan(a) || std::isnan(b) ? std::nan("") : std::max(a, b); }

  Tree const& tree_;
  NodeNumbers const& value_;
};

// What padding has turned around becomes a line in its middle.
Area upright(Area area) {
  if (area.x1 < area.x0) area.x0 = area.x1 = (area.x0 + area.x1) / 2;
  if (area.y1 < area.y0) area.y0 = area.y1 = (area.y0 + area.y1) / 2;
  return area;
}

}  // namespace

NodeBoxes treemap_layout(Tree const& tree, NodeNumbers const& value, TreemapOptions const& options) {
  Boxes boxes(tree, value);
  boxes.put(tree.root, {0, 0, options.width, options.height});
  for (std::uint32_t const node : tree.from_root()) {
    double const gap = node == tree.root ? 0 : options.inner / 2;  // Half of the space between siblings.
    Area const given = boxes.area(node);
    Area const own = upright({given.x0 + gap, given.y0 + gap, given.x1 - gap, given.y1 - gap});
    boxes.put(node, own);
    if (tree.is_leaf(node)) continue;
    double const half = options.inner / 2;
    Area const inside = upright({own.x0 + (options.left - half), own.y0 + (options.top - half),
                                 own.x1 - (options.right - half), own.y1 - (options.bottom - half)});
    bool const level = (tree.depth[node] & 1) == 0;
    if (options.tiling == Tiling::Squarify)
      boxes.squarify(node, options.ratio, inside);
    else if (options.tiling == Tiling::Binary)
      boxes.binary(node, inside);
    else if (options.tiling == Tiling::Dice || (options.tiling == Tiling::SliceDice && level))
      boxes.dice(tree.children(node), value[node], inside);
    else
      boxes.slice(tree.children(node), value[node], inside);
  }
  if (options.round) boxes.round();
  return std::move(boxes.at);
}

NodeBoxes partition_layout(Tree const& tree, NodeNumbers const& value, double width, double height, double padding,
                           bool round) {
  Boxes boxes(tree, value);
  double const levels = tree.height[tree.root] + 1;
  boxes.put(tree.root, {padding, padding, width, height / levels});
  for (std::uint32_t const node : tree.from_root()) {
    Area const given = boxes.area(node);
    double const depth = tree.depth[node];
    if (!tree.is_leaf(node))
      boxes.dice(tree.children(node), value[node],
                 {given.x0, height * (depth + 1) / levels, given.x1, height * (depth + 2) / levels});
    boxes.put(node, upright({given.x0, given.y0, given.x1 - padding, given.y1 - padding}));
  }
  if (round) boxes.round();
  return std::move(boxes.at);
}

}  // namespace cml::vega
