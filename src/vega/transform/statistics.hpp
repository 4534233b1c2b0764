// Order statistics and curves, as vega-statistics and d3-array compute them.
#pragma once

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "vega/expr/scope.hpp"

namespace cml::vega {

double quantile_sorted(std::vector<double> const& sorted, double p);  // R's type 7; NaN when empty.
double quantile(std::vector<double>& values, double p);  // The same of values in any order, which it moves.
std::vector<double> quantiles(std::vector<double> values, std::vector<double> const& probabilities);
// The middle 1 - alpha of the means of `samples` resamples. NaN when empty.
std::pair<double, double> bootstrap_interval(std::vector<double> const& values, int samples, double alpha,
                                             Scope& scope);

// The numbers of a sample: all its cells, and the valid ones. The reference counts a null as a 0 of the density, but
// measures bandwidth and extent without it.
struct Sample {
  std::vector<double> cells, valid;
};
double kernel_bandwidth(Sample const& sample);  // Scott's rule.

// A Gaussian kernel density.
class KernelDensity {
 public:
  KernelDensity(Sample sample, double bandwidth);  // 0: estimated.
  double pdf(double x) const;
  double cdf(double x) const;

 private:
  static constexpr std::size_t kMoments = 20;
  // The support's values within a quarter of a bandwidth of `middle`, as the sums of (value - middle)^k / k!.
  struct Cell {
    double middle;
    std::array<double, kMoments> moments;
  };
  bool gather_cells();
  double bandwidth_;
  std::vector<double> support_;
  std::vector<Cell> cells_;  // Empty: too few values to pay, or too far apart.
};

using Point = std::pair<double, double>;
// Samples a function over an extent, finer where it bends (0.5 degrees), between min_steps and max_steps points.
std::vector<Point> sample_curve(std::function<double(double)> const& f, double low, double high, double min_steps,
                                double max_steps);

}  // namespace cml::vega
