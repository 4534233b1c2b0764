// Curves fitted to points: least squares of several shapes and local regression (vega-statistics/regression).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "vega/transform/statistics.hpp"

namespace cml::vega {

struct Fit {
  std::vector<double> coefficients;
  std::function<double(double)> predict;
  double r_squared = 0;
};
// Points whose coordinates are numbers. `method`: constant, linear, log, exp, pow, quad or poly of `order`.
Fit fit_curve(std::string_view method, std::vector<Point> const& points, int order);

struct FittedLine {
  double intercept, slope;
};
// Ordinary least squares from the (weighted) means of x, y, xy and x squared; level when all x are equal.
FittedLine least_squares(double x, double y, double xy, double x2);

// Running means avoid large sums.
struct Mean {
  double value = 0, n = 0;
  void add(double v) { value += (v - value) / ++n; }
};

struct Centered {
  std::vector<double> x, y;
  double mean_x = 0, mean_y = 0;
  explicit Centered(std::vector<Point> const& points);
};

// Robust local regression (loess.cpp). Points sorted by x; repeated x are averaged in the output.
std::vector<Point> fit_loess(std::vector<Point> points, double bandwidth);

}  // namespace cml::vega
