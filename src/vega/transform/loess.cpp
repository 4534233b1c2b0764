// Robust local regression (vega-statistics' loess): for each point a line through its nearest neighbours, weighted by
// the tricube of their distance, the whole twice reweighted by residuals.
//
// On either side of a point the tricube (1 - u^3)^3 is a polynomial in x, so the weighted sums over a run of neighbours
// follow from the run's moments. A binary tree of moments over the sorted points turns the sums over a window of k
// neighbours from O(k) into O(log k). Each node's moments are about its own centre in units of its half width, so
// nothing cancels: inside a window both |centre - x| and the half width are at most the window's reach.
#include <algorithm>
#include <array>
#include <cmath>

#include "vega/transform/fit.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kLeaf = 32;  // Points under a leaf; below that many, summing is as quick.
constexpr int kDegree = 9;         // Of the tricube.
constexpr int kMoments = kDegree + 3;

constexpr auto kBinomial = [] {
  std::array<std::array<double, kMoments>, kMoments> out{};
  for (std::size_t n = 0; n < out.size(); ++n) {
    out[n][0] = 1;
    for (std::size_t k = 1; k <= n; ++k) out[n][k] = out[n - 1][k - 1] + (k < n ? out[n - 1][k] : 0);
  }
  return out;
}();

// Weighted sums over neighbours, x measured from the point that is fitted.
struct Sums {
  double w = 0, x = 0, y = 0, xy = 0, x2 = 0;
};

struct Node {
  double center = 0, half = 0;
  std::array<double, kMoments> weight{}, weighted_y{};  // Sums of r z^j and r y z^j, z = (x - center) / half.

  void add_point(double x, double y, double r) {
    double const z = half > 0 ? (x - center) / half : 0;
    for (std::size_t j = 0; j < kMoments; ++j, r *= z) weight[j] += r, weighted_y[j] += r * y;
  }
  void add_node(Node const& child) {
    double const shift = half > 0 ? (child.center - center) / half : 0, scale = half > 0 ? child.half / half : 0;
    std::array<double, kMoments> shifts, scales;
    shifts[0] = scales[0] = 1;
    for (std::size_t j = 1; j < kMoments; ++j) shifts[j] = shifts[j - 1] * shift, scales[j] = scales[j - 1] * scale;
    for (std::size_t j = 0; j < kMoments; ++j)
      for (std::size_t k = 0; k <= j; ++k) {
        double const factor = kBinomial[j][k] * shifts[j - k] * scales[k];
        weight[j] += factor * child.weight[k];
        weighted_y[j] += factor * child.weighted_y[k];
      }
  }
  // Adds the node's points, all on one side of `x`; `inverse_reach` is negative for the left side.
  void add_to(Sums& sums, double x, double inverse_reach) const {
    double const offset = center - x, a = offset * inverse_reach, b = half * inverse_reach;
    // (1 - (a + b z)^3)^3 as a polynomial in z: its derivatives at a.
    double const a2 = a * a, a3 = a2 * a, a4 = a2 * a2, a5 = a4 * a, a6 = a3 * a3, a7 = a6 * a, a8 = a4 * a4;
    double const one = 1 - a3;
    double const factors[kDegree + 1] = {one * one * one,
                                         -9 * a2 + 18 * a5 - 9 * a8,
                                         -9 * a + 45 * a4 - 36 * a7,
                                         -3 + 60 * a3 - 84 * a6,
                                         45 * a2 - 126 * a5,
                                         18 * a - 126 * a4,
                                         3 - 84 * a3,
                                         -36 * a2,
                                         -9 * a,
                                         -1};
    double w = 0, z = 0, z2 = 0, y = 0, zy = 0, power = 1;
    for (std::size_t k = 0; k <= kDegree; ++k, power *= b) {
      double const f = factors[k] * power;
      w += f * weight[k], z += f * weight[k + 1], z2 += f * weight[k + 2];
      y += f * weighted_y[k], zy += f * weighted_y[k + 1];
    }
    sums.w += w;
    sums.x += offset * w + half * z;
    sums.x2 += offset * offset * w + 2 * offset * half * z + half * half * z2;
    sums.y += y;
    sums.xy += offset * y + half * zy;
  }
};

class MomentTree {
 public:
  MomentTree(std::vector<double> const& x, std::vector<double> const& y) : x_(x), y_(y) {}

  void build(std::vector<double> const& robust) {
    robust_ = &robust;
    levels_.assign(1, std::vector<Node>(x_.size() / kLeaf));
    for (std::size_t i = 0; i < levels_[0].size(); ++i) {
      auto& leaf = levels_[0][i] = spanning(i * kLeaf, (i + 1) * kLeaf);
      for (auto k = i * kLeaf; k < (i + 1) * kLeaf; ++k) leaf.add_point(x_[k], y_[k], robust[k]);
    }
    for (std::size_t width = 2 * kLeaf; levels_.back().size() > 1; width *= 2) {
      auto const& below = levels_.back();
      std::vector<Node> level(below.size() / 2);
      for (std::size_t i = 0; i < level.size(); ++i) {
        level[i] = spanning(i * width, (i + 1) * width);
        level[i].add_node(below[2 * i]);
        level[i].add_node(below[2 * i + 1]);
      }
      levels_.push_back(std::move(level));
    }
  }

  // Adds points [begin, end), which all lie on one side of x.
  void add(Sums& sums, std::size_t begin, std::size_t end, double x, double inverse_reach) const {
    auto const first = (begin + kLeaf - 1) / kLeaf, last = std::min(end / kLeaf, levels_[0].size());
    if (first >= last) return add_points(sums, begin, end, x, inverse_reach);
    add_points(sums, begin, first * kLeaf, x, inverse_reach);
    add_points(sums, last * kLeaf, end, x, inverse_reach);
    auto from = first, to = last;
    for (std::size_t level = 0; from < to; ++level, from /= 2, to /= 2) {
      auto const& nodes = levels_[level];
      if (from % 2) nodes[from++].add_to(sums, x, inverse_reach);
      if (from < to && to % 2) nodes[--to].add_to(sums, x, inverse_reach);
    }
  }

 private:
  Node spanning(std::size_t begin, std::size_t end) const {
    Node node;
    node.center = (x_[begin] + x_[end - 1]) / 2, node.half = (x_[end - 1] - x_[begin]) / 2;
    return node;
  }
  void add_points(Sums& sums, std::size_t begin, std::size_t end, double x, double inverse_reach) const {
    for (auto k = begin; k < end; ++k) {
      double const d = x_[k] - x, u = d * inverse_reach, t = 1 - u * u * u, w = t * t * t * (*robust_)[k], dw = d * w;
      sums.w += w, sums.x += dw, sums.y += y_[k] * w, sums.xy += y_[k] * dw, sums.x2 += d * dw;
    }
  }

  std::vector<double> const &x_, &y_;
  std::vector<double> const* robust_ = nullptr;
  std::vector<std::vector<Node>> levels_;  // Leaves first; nodes that would be cut short by the end are left out.
};

double median_of(std::vector<double> values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2) return *middle;
  double const upper = *middle;
  return (*std::max_element(values.begin(), middle) + upper) / 2;
}

// Values at the points; averaged where x repeats.
std::vector<Point> merged(Centered const& c, std::vector<double> const& fitted) {
  std::vector<Point> out;
  double repeats = 0;
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    double const x = c.x[i] + c.mean_x;
    if (!out.empty() && out.back().first == x) {
      out.back().second += (fitted[i] - out.back().second) / ++repeats;
    } else {
      repeats = 0;
      out.emplace_back(x, fitted[i]);
    }
  }
  for (auto& point : out) point.second += c.mean_y;
  return out;
}

}  // namespace

std::vector<Point> fit_loess(std::vector<Point> points, double bandwidth) {
  std::stable_sort(points.begin(), points.end(), [](Point const& a, Point const& b) { return a.first < b.first; });
  Centered const c(points);
  auto const n = c.x.size();
  if (!n) return {};
  auto const& xs = c.x;
  auto const window =
      std::min(n, std::max<std::size_t>(2, whole<std::size_t>(bandwidth * static_cast<double>(n), 0, n)));
  std::vector<double> fitted(n), residuals(n), robust(n, 1);
  MomentTree tree(c.x, c.y);
  constexpr int kIterations = 2;
  constexpr double kEpsilon = 1e-12;
  for (int iteration = 0; iteration <= kIterations; ++iteration) {
    tree.build(robust);
    std::size_t left = 0, right = window - 1;
    for (std::size_t i = 0; i < n; ++i) {
      double const x = xs[i], reach = std::fmax(x - xs[left], xs[right] - x), inverse = 1 / (reach == 0 ? 1 : reach);
      Sums sums;
      auto const split = std::min(i, right + 1);
      tree.add(sums, left, split, x, -inverse);
      tree.add(sums, split, right + 1, x, inverse);
      fitted[i] = least_squares(sums.x / sums.w, sums.y / sums.w, sums.xy / sums.w, sums.x2 / sums.w).intercept;
      residuals[i] = std::fabs(c.y[i] - fitted[i]);
      // The window moves on while its next point is at least as near as its first.
      if (i + 1 < n)
        while (right + 1 < n && i + 1 > left && xs[right + 1] - xs[i + 1] <= xs[i + 1] - xs[left]) ++left, ++right;
    }
    if (iteration == kIterations) break;
    double const median = median_of(residuals);
    if (std::fabs(median) < kEpsilon) break;
    for (std::size_t i = 0; i < n; ++i) {
      double const u = residuals[i] / (6 * median), w = 1 - u * u;
      robust[i] = u >= 1 ? kEpsilon : w * w;
    }
  }
  return merged(c, fitted);
}

}  // namespace cml::vega
