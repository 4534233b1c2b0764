#include "vega/transform/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "vega/expr/distribution.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
double quantile_sorted(std::vector<double> const& sorted, double p) {
  auto const n = sorted.size();
  if (!n || std::isnan(p)) return kNaN;
  if (p <= 0 || n < 2) return sorted.front();
  if (p >= 1) return sorted.back();
  double const i = static_cast<double>(n - 1) * p, floor = std::floor(i);
  auto const at = static_cast<std::size_t>(floor);
  return sorted[at] + (sorted[at + 1] - sorted[at]) * (i - floor);
}
std::vector<double> quantiles(std::vector<double> values, std::vector<double> const& probabilities) {
  auto const n = static_cast<double>(values.size());
  budget::steps(n * 4 * std::log2(n + 2));
  std::sort(values.begin(), values.end());
  std::vector<double> out;
  for (double p : probabilities) out.push_back(quantile_sorted(values, p));
  return out;
}
std::pair<double, double> bootstrap_interval(std::vector<double> const& values, int samples, double alpha,
                                             Scope& scope) {
  if (values.empty()) return {kNaN, kNaN};
  auto const n = static_cast<double>(values.size());
  budget::steps(samples * (3.0 * n + 25));
  std::vector<double> means(static_cast<std::size_t>(samples));
  for (auto& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[static_cast<std::size_t>(scope.random() * n)];
    mean = sum / n;
  }
  std::sort(means.begin(), means.end());
  return {quantile_sorted(means, alpha / 2), quantile_sorted(means, 1 - alpha / 2)};
}

double kernel_bandwidth(Sample const& sample) {
  double mean = 0, sum = 0, count = 0;
  for (double v : sample.valid) {
    double const delta = v - mean;
    mean += delta / ++count;
    sum += delta * (v - mean);
  }
  double const deviation = count > 1 ? std::sqrt(sum / (count - 1)) : kNaN;
  auto const q = quantiles(sample.valid, {0.25, 0.75});
  double const h = (q[1] - q[0]) / 1.34;
  double spread = std::isnan(deviation) || std::isnan(h) ? kNaN : std::fmin(deviation, h);
  for (double fallback : {deviation, std::fabs(q[0]), 1.0}) {
    if (spread != 0 && !std::isnan(spread)) break;
    spread = fallback;
  }
  return 1.06 * spread * std::pow(static_cast<double>(sample.cells.size()), -0.2);
}

KernelDensity::KernelDensity(Sample sample, double bandwidth)
    : bandwidth_(bandwidth != 0 && !std::isnan(bandwidth) ? bandwidth : kernel_bandwidth(sample)),
      support_(std::move(sample.cells)) {}
double KernelDensity::pdf(double x) const {
  double sum = 0;
  budget::steps(15 * support_.size());
  for (double s : support_) sum += density_normal((x - s) / bandwidth_, 0, 1);
  return sum / bandwidth_ / static_cast<double>(support_.size());
}
double KernelDensity::cdf(double x) const {
  double sum = 0;
  budget::steps(25 * support_.size());
  for (double s : support_) sum += cumulative_normal((x - s) / bandwidth_, 0, 1);
  return sum / static_cast<double>(support_.size());
}

std::vector<Point> sample_curve(std::function<double(double)> const& f, double low, double high, double min_steps,
                                double max_steps) {
  if (!(min_steps > 0)) min_steps = 25;
  max_steps = std::fmax(min_steps, max_steps > 0 ? max_steps : 200);
  if (max_steps > 1e6) fail("", "more than a million curve steps");
  double const span = high - low;
  auto const point = [&f](double x) {
    budget::steps(40);
    return Point(x, f(x));
  };
  std::vector<Point> done{point(low)};
  if (min_steps == max_steps) {
    for (double i = 1; i < max_steps; ++i) done.push_back(point(low + i / min_steps * span));
    done.push_back(point(high));
    return done;
  }
  std::vector<Point> next{point(high)};
  for (double i = std::floor(min_steps) - 1; i > 0; --i) next.push_back(point(low + i / min_steps * span));
  double bottom = done[0].second, top = bottom;
  for (auto const& p : next) {
    if (p.second < bottom) bottom = p.second;
    if (p.second > top) top = p.second;
  }
  double const sx = 1 / span, sy = 1 / (top - bottom), stop = span / max_steps;
  auto const angle = [&](Point const& p, Point const& r) {
    return std::atan2(sy * (r.second - p.second), sx * (r.first - p.first));
  };
  constexpr double kMinAngle = 0.5 * std::numbers::pi / 180;
  Point last = done[0];
  while (!next.empty()) {
    auto const to = next.back();
    auto const middle = point((last.first + to.first) / 2);
    if (middle.first - last.first >= stop && std::fabs(angle(last, to) - angle(last, middle)) > kMinAngle) {
      next.push_back(middle);
    } else {
      done.push_back(last = to);
      next.pop_back();
    }
  }
  return done;
}

}  // namespace cml::vega
