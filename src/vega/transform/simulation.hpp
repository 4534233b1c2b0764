// Nodes that push and pull each other, step by step; formulas follow d3-force 3.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "vega/transform/quadtree.hpp"

namespace cml::vega {

struct CenterForce {
  double x = 0, y = 0;
};
struct CollideForce {
  std::vector<double> radius;  // By node, as are the other lists of nodes.
  double strength = 1, iterations = 1;
};
struct ManyBodyForce {
  std::vector<double> strength;
  double theta = 0.9, nearest = 1, farthest = 1e300;
};
struct LinkForce {
  std::vector<std::uint32_t> source, target;  // By link, as the others.
  std::vector<double> distance, strength, bias;
  double iterations = 1;
};
struct PlaceForce {
  bool across = true;  // Towards an x, else a y.
  std::vector<double> place, strength;
};
using AnyForce = std::variant<CenterForce, CollideForce, ManyBodyForce, LinkForce, PlaceForce>;

struct Simulation {
  std::vector<double> x, y, vx, vy;
  std::vector<double> fixed_x, fixed_y;  // NaN: free.
  double alpha = 1, alpha_decay = 0, alpha_target = 0;
  double velocity_kept = 0.6;  // Of a step.
  std::vector<AnyForce> forces;

  void place_new_nodes();  // Those without a place, along a spiral.
  void tick();

 private:
  friend class Push;
  double random();
  double jiggle() { return (random() - 0.5) * 1e-6; }
  double seed_ = 1;
  Quadtree tree_;
};

}  // namespace cml::vega
