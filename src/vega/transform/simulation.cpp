#include "vega/transform/simulation.hpp"

#include <algorithm>
#include <cmath>

#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {

// A linear congruential generator with Numerical Recipes' constants; the same in every run.
double Simulation::random() {
  seed_ = std::fmod(1664525 * seed_ + 1013904223, 4294967296.0);
  return seed_ / 4294967296.0;
}

void Simulation::place_new_nodes() {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isnan(fixed_x[i])) x[i] = fixed_x[i];
    if (!std::isnan(fixed_y[i])) y[i] = fixed_y[i];
    if (std::isnan(x[i]) || std::isnan(y[i])) {
      double const radius = 10 * std::sqrt(0.5 + static_cast<double>(i));
      double const angle = static_cast<double>(i) * (kPi * (3 - std::sqrt(5.0)));
      x[i] = radius * std::cos(angle), y[i] = radius * std::sin(angle);
    }
    if (std::isnan(vx[i]) || std::isnan(vy[i])) vx[i] = vy[i] = 0;
  }
}

// One force on all nodes.
class Push {
 public:
  explicit Push(Simulation& s) : s_(s) {}

  void operator()(CenterForce const& force) {
    double sx = 0, sy = 0;
    auto const n = static_cast<double>(s_.x.size());
    for (std::size_t i = 0; i < s_.x.size(); ++i) sx += s_.x[i], sy += s_.y[i];
    sx = sx / n - force.x, sy = sy / n - force.y;
    for (std::size_t i = 0; i < s_.x.size(); ++i) s_.x[i] -= sx, s_.y[i] -= sy;
  }

  void operator()(PlaceForce const& force) {
    auto const& at = force.across ? s_.x : s_.y;
    auto& speed = force.across ? s_.vx : s_.vy;
    for (std::size_t i = 0; i < at.size(); ++i) speed[i] += (force.place[i] - at[i]) * force.strength[i] * s_.alpha;
  }

  void operator()(LinkForce const& force) {
    for (double k = 0; k < force.iterations; ++k) {
      budget::steps(5 + 30 * force.source.size());
      for (std::size_t i = 0; i < force.source.size(); ++i) {
        auto const from = force.source[i], to = force.target[i];
        double x = or_jiggle(s_.x[to] + s_.vx[to] - s_.x[from] - s_.vx[from]);
        double y = or_jiggle(s_.y[to] + s_.vy[to] - s_.y[from] - s_.vy[from]);
        double l = std::sqrt(x * x + y * y);
        l = (l - force.distance[i]) / l * s_.alpha * force.strength[i];
        x *= l, y *= l;
        double b = force.bias[i];
        s_.vx[to] -= x * b, s_.vy[to] -= y * b;
        b = 1 - b;
        s_.vx[from] += x * b, s_.vy[from] += y * b;
      }
    }
  }

  void operator()(CollideForce const& force) {
    std::vector<double> x(s_.x.size()), y(s_.x.size());
    for (double k = 0; k < force.iterations; ++k) {
      budget::steps(20 + 10 * x.size());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = s_.x[i] + s_.vx[i], y[i] = s_.y[i] + s_.vy[i];
      s_.tree_.build(x, y);
      auto& nodes = s_.tree_.nodes();
      for (auto const at : s_.tree_.upwards()) {  // The largest radius below.
        auto& node = nodes[static_cast<std::size_t>(at)];
        if (node.leaf()) {
          node.value = force.radius[static_cast<std::size_t>(node.point)];
          continue;
        }
        node.value = 0;
        for (auto const child : node.child)
          if (child != Quadtree::kNone && nodes[static_cast<std::size_t>(child)].value > node.value)
            node.value = nodes[static_cast<std::size_t>(child)].value;
      }
      for (std::size_t i = 0; i < x.size(); ++i) collide(force, i);
    }
  }

  void operator()(ManyBodyForce const& force) {
    s_.tree_.build(s_.x, s_.y);
    auto& nodes = s_.tree_.nodes();
    for (auto const at : s_.tree_.upwards()) {
      auto& node = nodes[static_cast<std::size_t>(at)];
      double strength = 0, weight = 0;
      if (node.leaf()) {
        auto const first = static_cast<std::size_t>(node.point);
        node.x = s_.x[first], node.y = s_.y[first];
        for (auto p = node.point; p != Quadtree::kNone; p = s_.tree_.next(p))
          strength += force.strength[static_cast<std::size_t>(p)];
      } else {
        double x = 0, y = 0;
        for (auto const child : node.child) {
          if (child == Quadtree::kNone) continue;
          auto const& part = nodes[static_cast<std::size_t>(child)];
          double const c = std::fabs(part.value);
          if (!(c > 0)) continue;
          strength += part.value, weight += c, x += c * part.x, y += c * part.y;
        }
        node.x = x / weight, node.y = y / weight;
      }
      node.value = strength;
    }
    for (std::size_t i = 0; i < s_.x.size(); ++i) repel(force, i);
  }

 private:
  double or_jiggle(double v) { return v == 0 || std::isnan(v) ? s_.jiggle() : v; }

  void collide(CollideForce const& force, std::size_t i) {
    double const ri = force.radius[i], ri2 = ri * ri, xi = s_.x[i] + s_.vx[i], yi = s_.y[i] + s_.vy[i];
    s_.tree_.visit([&](Quadtree::Node const& node, Quadtree::Box const& box) {
      budget::steps(8);
      double rj = node.value, r = ri + rj;
      if (!node.leaf()) return box.x0 > xi + r || box.x1 < xi - r || box.y0 > yi + r || box.y1 < yi - r;
      auto const other = static_cast<std::size_t>(node.point);
      if (other <= i) return true;
      double x = xi - s_.x[other] - s_.vx[other], y = yi - s_.y[other] - s_.vy[other], l = x * x + y * y;
      if (!(l < r * r)) return true;
      if (x == 0) x = s_.jiggle(), l += x * x;
      if (y == 0) y = s_.jiggle(), l += y * y;
      l = std::sqrt(l);
      l = (r - l) / l * force.strength;
      rj *= rj;
      r = rj / (ri2 + rj);
      x *= l, y *= l;
      s_.vx[i] += x * r, s_.vy[i] += y * r;
      r = 1 - r;
      s_.vx[other] -= x * r, s_.vy[other] -= y * r;
      return true;
    });
  }

  void repel(ManyBodyForce const& force, std::size_t i) {
    double const theta2 = force.theta * force.theta, near2 = force.nearest * force.nearest,
                 far2 = force.farthest * force.farthest;
    s_.tree_.visit([&](Quadtree::Node const& node, Quadtree::Box const& box) {
      budget::steps(8);
      if (node.value == 0 || std::isnan(node.value)) return true;
      double x = node.x - s_.x[i], y = node.y - s_.y[i], l = x * x + y * y;
      double const w = box.x1 - box.x0;
      auto const apart = [&] {
        if (x == 0) x = s_.jiggle(), l += x * x;
        if (y == 0) y = s_.jiggle(), l += y * y;
        if (l < near2) l = std::sqrt(near2 * l);
      };
      if (w * w / theta2 < l) {  // Far enough to be one.
        if (l < far2) {
          apart();
          s_.vx[i] += x * node.value * s_.alpha / l, s_.vy[i] += y * node.value * s_.alpha / l;
        }
        return true;
      }
      if (!node.leaf() || l >= far2) return false;
      if (static_cast<std::size_t>(node.point) != i || s_.tree_.next(node.point) != Quadtree::kNone) apart();
      for (auto p = node.point; p != Quadtree::kNone; p = s_.tree_.next(p)) {
        budget::steps(4);  // All points may be in one place.
        if (static_cast<std::size_t>(p) == i) continue;
        double const push = force.strength[static_cast<std::size_t>(p)] * s_.alpha / l;
        s_.vx[i] += x * push, s_.vy[i] += y * push;
      }
      return true;
    });
  }

  Simulation& s_;
};

void Simulation::tick() {
  alpha += (alpha_target - alpha) * alpha_decay;
  for (auto const& force : forces) {
    budget::steps(200 + 10 * x.size());
    std::visit(Push(*this), force);
  }
  auto const move = [&](std::vector<double>& at, std::vector<double>& speed, std::vector<double> const& fixed) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (std::isnan(fixed[i]))
        at[i] += speed[i] *= velocity_kept;
      else
        at[i] = fixed[i], speed[i] = 0;
    }
  };
  move(x, vx, fixed_x);
  move(y, vy, fixed_y);
}

}  // namespace cml::vega
