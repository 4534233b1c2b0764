// The layout pack: circles within circles.
//
// Siblings are placed one by one, each touching two that are there, where it is nearest to the middle (Wang et al.,
// "Visualization of large hierarchical data by circle packing", 2006): a ring of circles, the front, is followed until
// one of them is in the way. The smallest circle around the front is found by Welzl's move-to-front way. The order in
// which that one looks is shuffled by a generator with a fixed seed, so a tree always looks the same.
#include <algorithm>
#include <cmath>

#include "vega/transform/tree_layout.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

struct Circle {
  double x, y, r;
};

class Shuffle {  // Numerical Recipes' generator.
 public:
  void operator()(std::vector<Circle>& circles) {
    for (std::size_t left = circles.size(); left > 0;) {
      state_ = std::fmod(1664525 * state_ + 1013904223, 4294967296.0);
      auto const i = static_cast<std::size_t>(state_ / 4294967296.0 * static_cast<double>(left));
      --left;
      std::swap(circles[left], circles[i]);
    }
  }

 private:
  double state_ = 1;
};

// --- The smallest circle around some --------------------------------------------------------------------------------

bool sticks_out(Circle const& a, Circle const& b) {
  double const dr = a.r - b.r, dx = b.x - a.x, dy = b.y - a.y;
  return dr < 0 || dr * dr < dx * dx + dy * dy;
}
bool encloses(Circle const& a, Circle const& b) {
  double const dr = a.r - b.r + std::max({a.r, b.r, 1.0}) * 1e-9, dx = b.x - a.x, dy = b.y - a.y;
  return dr > 0 && dr * dr > dx * dx + dy * dy;
}
bool encloses_all(Circle const& a, std::vector<Circle> const& others) {
  return std::all_of(others.begin(), others.end(), [&](Circle const& b) { return encloses(a, b); });
}

Circle around(Circle const& a, Circle const& b) {
  double const x21 = b.x - a.x, y21 = b.y - a.y, r21 = b.r - a.r, l = std::sqrt(x21 * x21 + y21 * y21);
  return {(a.x + b.x + x21 / l * r21) / 2, (a.y + b.y + y21 / l * r21) / 2, (l + a.r + b.r) / 2};
}

// That touches three from outside (Apollonius).
Circle around(Circle const& a, Circle const& b, Circle const& c) {
  double const a2 = a.x - b.x, a3 = a.x - c.x, b2 = a.y - b.y, b3 = a.y - c.y, c2 = b.r - a.r, c3 = c.r - a.r;
  double const d1 = a.x * a.x + a.y * a.y - a.r * a.r, d2 = d1 - b.x * b.x - b.y * b.y + b.r * b.r,
               d3 = d1 - c.x * c.x - c.y * c.y + c.r * c.r;
  double const ab = a3 * b2 - a2 * b3;
  double const xa = (b2 * d3 - b3 * d2) / (ab * 2) - a.x, xb = (b3 * c2 - b2 * c3) / ab;
  double const ya = (a3 * d2 - a2 * d3) / (ab * 2) - a.y, yb = (a2 * c3 - a3 * c2) / ab;
  double const p = xb * xb + yb * yb - 1, q = 2 * (a.r + xa * xb + ya * yb), s = xa * xa + ya * ya - a.r * a.r;
  double const r = -(std::fabs(p) > 1e-6 ? (q + std::sqrt(q * q - 4 * p * s)) / (2 * p) : s / q);
  return {a.x + xa + xb * r, a.y + ya + yb * r, r};
}

Circle around(std::vector<Circle> const& basis) {
  if (basis.size() == 1) return basis[0];
  return basis.size() == 2 ? around(basis[0], basis[1]) : around(basis[0], basis[1], basis[2]);
}

// The one to three circles that fix the smallest one around the basis and one more.
std::vector<Circle> extended(std::vector<Circle> const& basis, Circle const& p) {
  if (encloses_all(p, basis)) return {p};
  for (Circle const& b : basis)
    if (sticks_out(p, b) && encloses_all(around(b, p), basis)) return {b, p};
  for (std::size_t i = 0; i + 1 < basis.size(); ++i)
    for (std::size_t j = i + 1; j < basis.size(); ++j)
      if (sticks_out(around(basis[i], basis[j]), p) && sticks_out(around(basis[i], p), basis[j]) &&
          sticks_out(around(basis[j], p), basis[i]) && encloses_all(around(basis[i], basis[j], p), basis))
        return {basis[i], basis[j], p};
  fail("", "no circle encloses the circles to pack: their sizes are too far apart");
}

Circle smallest_around(std::vector<Circle> circles, Shuffle& shuffle) {
  shuffle(circles);
  std::vector<Circle> basis;
  Circle found{};
  for (std::size_t i = 0; i < circles.size();) {
    budget::steps(10);
    if (!basis.empty() && encloses(found, circles[i])) {
      ++i;
      continue;
    }
    basis = extended(basis, circles[i]);
    found = around(basis);
    i = 0;
  }
  return found;
}

// --- Siblings -------------------------------------------------------------------------------------------------------

// Puts c so that it touches a and b, on the side that turns left from b to a.
void touch(Circle const& b, Circle const& a, Circle& c) {
  double const dx = b.x - a.x, dy = b.y - a.y, d2 = dx * dx + dy * dy;
  if (d2 == 0 || std::isnan(d2)) {
    c.x = a.x + c.r;
    c.y = a.y;
    return;
  }
  double const a2 = (a.r + c.r) * (a.r + c.r), b2 = (b.r + c.r) * (b.r + c.r);
  if (a2 > b2) {
    double const x = (d2 + b2 - a2) / (2 * d2), y = std::sqrt(std::max(0.0, b2 / d2 - x * x));
    c.x = b.x - x * dx - y * dy;
    c.y = b.y - x * dy + y * dx;
  } else {
    double const x = (d2 + a2 - b2) / (2 * d2), y = std::sqrt(std::max(0.0, a2 / d2 - x * x));
    c.x = a.x + x * dx - y * dy;
    c.y = a.y + x * dy + y * dx;
  }
}

bool overlap(Circle const& a, Circle const& b) {
  double const dr = a.r + b.r - 1e-6, dx = b.x - a.x, dy = b.y - a.y;
  return dr > 0 && dr * dr > dx * dx + dy * dy;
}

// The front is a ring through `next` and `previous`, by circle.
class Siblings {
 public:
  explicit Siblings(std::vector<Circle>& circles) : c_(circles), next_(circles.size()), previous_(circles.size()) {}

  // The radius of the circle around all, whose middle is then 0, 0.
  double pack(Shuffle& shuffle) {
    std::size_t const n = c_.size();
    if (n == 0) return 0;
    c_[0].x = c_[0].y = 0;
    if (n == 1) return c_[0].r;
    c_[0].x = -c_[1].r;
    c_[1].x = c_[0].r;
    c_[1].y = 0;
    if (n == 2) return c_[0].r + c_[1].r;
    touch(c_[1], c_[0], c_[2]);
    std::size_t a = 0, b = 1;
    join(0, 1), join(1, 2), join(2, 0);
    for (std::size_t i = 3; i < n; ++i) {
      while (!place(i, a, b)) {
      }
      join(a, i), join(i, b);
      b = i;
      nearest(a, b);
    }
    std::vector<Circle> front{c_[b]};
    for (std::size_t at = next_[b]; at != b; at = next_[at]) front.push_back(c_[at]);
    Circle const around_all = smallest_around(std::move(front), shuffle);
    for (Circle& circle : c_) circle.x -= around_all.x, circle.y -= around_all.y;
    return around_all.r;
  }

 private:
  void join(std::size_t a, std::size_t b) { next_[a] = b, previous_[b] = a; }

  // Puts circle i next to a and b; false when another of the front is in its way, which then takes a's or b's place.
  bool place(std::size_t i, std::size_t& a, std::size_t& b) {
    touch(c_[a], c_[b], c_[i]);
    std::size_t ahead = next_[b], behind = previous_[a];
    double way_ahead = c_[b].r, way_behind = c_[a].r;
    do {
      budget::steps(10);
      if (way_ahead <= way_behind) {
        if (overlap(c_[ahead], c_[i])) {
          b = ahead;
          join(a, b);
          return false;
        }
        way_ahead += c_[ahead].r;
        ahead = next_[ahead];
      } else {
        if (overlap(c_[behind], c_[i])) {
          a = behind;
          join(a, b);
          return false;
        }
        way_behind += c_[behind].r;
        behind = previous_[behind];
      }
    } while (ahead != next_[behind]);
    return true;
  }

  double score(std::size_t node) const {
    Circle const &a = c_[node], &b = c_[next_[node]];
    double const ab = a.r + b.r, dx = (a.x * b.r + b.x * a.r) / ab, dy = (a.y * b.r + b.y * a.r) / ab;
    return dx * dx + dy * dy;
  }

  // The pair of the front that is nearest to the middle.
  void nearest(std::size_t& a, std::size_t& b) const {
    double least = score(a);
    for (std::size_t at = next_[b]; at != b; at = next_[at]) {
      budget::steps(10);
      double const own = score(at);
      if (own < least) a = at, least = own;
    }
    b = next_[a];
  }

  std::vector<Circle>& c_;
  std::vector<std::size_t> next_, previous_;
};

class Pack {
 public:
  explicit Pack(Tree const& tree) : tree_(tree) {
    for (auto* list : {&at.x, &at.y, &at.r}) list->assign(tree.size(), 0);
  }
  // Children around 0, 0 with so much room around each; a parent's radius is that of the circle around them.
  void pack_all(double padding) {
    for (std::uint32_t const node : tree_.from_leaves()) {
      auto const children = tree_.children(node);
      if (children.empty()) continue;
      double const room = std::isnan(padding) ? 0 : padding;
      std::vector<Circle> circles;
      for (std::uint32_t const child : children) circles.push_back({at.x[child], at.y[child], at.r[child] + room});
      double const radius = Siblings(circles).pack(shuffle_);
      for (std::size_t i = 0; i < children.size(); ++i) {
        at.x[children[i]] = circles[i].x, at.y[children[i]] = circles[i].y;
        at.r[children[i]] = room == 0 ? circles[i].r : circles[i].r - room;
      }
      at.r[node] = radius + room;
    }
  }
  void translate(double scale) {
    for (std::uint32_t const node : tree_.from_root()) {
      at.r[node] *= scale;
      if (node == tree_.root) continue;
      at.x[node] = at.x[tree_.parent[node]] + scale * at.x[node];
      at.y[node] = at.y[tree_.parent[node]] + scale * at.y[node];
    }
  }
  NodePoints at;

 private:
  Tree const& tree_;
  Shuffle shuffle_;
};

}  // namespace

NodePoints pack_layout(Tree const& tree, NodeNumbers const& value, PackOptions const& options) {
  Pack pack(tree);
  pack.at.x[tree.root] = options.width / 2;
  pack.at.y[tree.root] = options.height / 2;
  for (std::uint32_t node = 0; node < tree.size(); ++node) {
    double const radius = options.radius ? (*options.radius)[node] : std::sqrt(value[node]);
    if (tree.is_leaf(node)) pack.at.r[node] = radius > 0 ? radius : 0;
  }
  if (options.radius) {
    pack.pack_all(options.padding * 0.5);
    pack.translate(1);
    return std::move(pack.at);
  }
  double const size = std::min(options.width, options.height);
  pack.pack_all(0);
  pack.pack_all(options.padding * (pack.at.r[tree.root] / size));
  pack.translate(size / (2 * pack.at.r[tree.root]));
  return std::move(pack.at);
}

}  // namespace cml::vega
