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
// Points sorted by x; repeated x are averaged in the output.
std::vector<Point> fit_loess(std::vector<Point> points, double bandwidth);

}  // namespace cml::vega
