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
double quantile(std::vector<double>& values, double p) {
  auto const n = values.size();
  budget::steps(6 * n);
  if (!n || std::isnan(p)) return kNaN;
  double const i = static_cast<double>(n - 1) * std::clamp(p, 0.0, 1.0), floor = std::floor(i);
  auto const at = values.begin() + static_cast<std::ptrdiff_t>(floor);
  std::nth_element(values.begin(), at, values.end());
  if (i == floor) return *at;
  double const next = *std::min_element(at + 1, values.end());
  return *at + (next - *at) * (i - floor);
}
std::vector<double> quantiles(std::vector<double> values, std::vector<double> const& probabilities) {
  std::vector<double> out;
  if (constexpr std::size_t kFew = 4; probabilities.size() <= kFew) {
    for (double p : probabilities) out.push_back(quantile(values, p));
    return out;
  }
  auto const n = static_cast<double>(values.size());
  budget::steps(n * 4 * std::log2(n + 2));
  std::sort(values.begin(), values.end());
  for (double p : probabilities) out.push_back(quantile_sorted(values, p));
  return out;
}

namespace {

// The draws of a bootstrap: which value each takes. A generator that works from its last number alone comes back to one
// that it has given, and goes round from there: the reference's after some ten thousands. From then on nothing is
// drawn; the sum of any number of draws is that of whole rounds and of a part of one.
class Draws {
 public:
  Draws(std::vector<double> const& values, Scope& scope) : values_(values), scope_(scope) {}

  // The sum of the next `count` draws.
  double sum(std::size_t count) {
    double total = 0;
    for (; count > 0 && round_ == 0; --count) total += draw();
    if (count == 0) return total;
    auto const whole = count / round_, rest = count % round_, end = at_ + rest;
    total += static_cast<double>(whole) * sums_[round_];
    total += end <= round_ ? sums_[end] - sums_[at_] : sums_[round_] - sums_[at_] + sums_[end - round_];
    at_ = end % round_;
    return total;
  }
  // Brings the generator to where drawing each number would have left it.
  void finish() {
    if (round_ == 0) return;
    for (auto left = (at_ + round_ - 1) % round_; left > 0; --left) scope_.random();
  }

 private:
  static constexpr std::size_t kMostKept = 1u << 20;  // Of a generator that has given more, no round is looked for.
  double draw() {
    double const u = scope_.random();
    auto const value = values_[static_cast<std::size_t>(u * static_cast<double>(values_.size()))];
    if (given_.size() == kMostKept) return value;
    if (u == mark_) {
      close();
      at_ = 1 % round_;
      return value;
    }
    if (given_.size() == next_mark_) mark_ = u, marked_at_ = given_.size(), next_mark_ *= 2;
    given_.push_back(value);
    return value;
  }
  void close() {
    round_ = given_.size() - marked_at_;
    sums_.assign(1, 0);
    for (std::size_t i = marked_at_; i < given_.size(); ++i) sums_.push_back(sums_.back() + given_[i]);
  }
  std::vector<double> const& values_;
  Scope& scope_;
  std::vector<double> given_;  // The values drawn so far.
  double mark_ = -1;           // A number given before (the one at a power of two), and when.
  std::size_t marked_at_ = 0, next_mark_ = 1;
  std::size_t round_ = 0, at_ = 0;  // The length of a round, once it is known, and how much of it has gone by.
  std::vector<double> sums_;        // Of the first draws of a round.
};

}  // namespace

std::pair<double, double> bootstrap_interval(std::vector<double> const& values, int samples, double alpha,
                                             Scope& scope) {
  if (values.empty()) return {kNaN, kNaN};
  auto const n = static_cast<double>(values.size());
  budget::steps(samples * 3.0 * std::fmin(n, 1e4) + 25);
  std::vector<double> means(static_cast<std::size_t>(samples));
  Draws draws(values, scope);
  for (auto& mean : means) mean = draws.sum(values.size()) / n;
  draws.finish();
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
      support_(std::move(sample.cells)) {
  if (!gather_cells()) cells_.clear();
}

// The fast Gauss transform (Greengard and Strain 1991): with t = (x - middle) / bandwidth and |u| at most a quarter,
// exp(-(t - u)^2 / 2) = exp(-t^2 / 2) sum He_k(t) u^k / k!, so that one sum over k serves all values of a cell. Twenty
// terms leave less than 1e-12 of the value up to eight bandwidths away, and less than 1e-18 of a kernel's height
// beyond.
bool KernelDensity::gather_cells() {
  constexpr double kWidth = 0.5;  // Of a cell, in bandwidths.
  if (support_.size() < 4 * kMoments || !(bandwidth_ > 0) || !std::isfinite(bandwidth_)) return false;
  budget::steps(30 * support_.size());
  double low = support_[0], high = low;
  for (double s : support_) {
    if (!std::isfinite(s)) return false;
    low = std::min(low, s), high = std::max(high, s);
  }
  double const width = kWidth * bandwidth_, count = std::floor((high - low) / width) + 1;
  if (!(count * kMoments < static_cast<double>(support_.size()))) return false;
  cells_.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = {low + (static_cast<double>(i) + 0.5) * width, {}};
  for (double s : support_) {
    auto& cell = cells_[std::min(cells_.size() - 1, static_cast<std::size_t>((s - low) / width))];
    double const u = (s - cell.middle) / bandwidth_;
    double power = 1;
    for (std::size_t k = 0; k < kMoments; ++k) {
      cell.moments[k] += power;
      power *= u / static_cast<double>(k + 1);
    }
  }
  return true;
}

namespace {
constexpr double kFarthestKernel = 39;  // Bandwidths; beyond, a double holds nothing of it.
}

double KernelDensity::pdf(double x) const {
  double sum = 0;
  auto const size = static_cast<double>(support_.size());
  if (cells_.empty()) {
    budget::steps(15 * support_.size());
    for (double s : support_) sum += density_normal((x - s) / bandwidth_, 0, 1);
    return sum / bandwidth_ / size;
  }
  budget::steps(4 * cells_.size() * kMoments);
  for (auto const& cell : cells_) {
    double const t = (x - cell.middle) / bandwidth_;
    if (cell.moments[0] == 0 || std::fabs(t) > kFarthestKernel) continue;
    double before = 0, hermite = 1, series = 0;
    for (std::size_t k = 0; k < kMoments; ++k) {  // He_k+1 = t He_k - k He_k-1.
      series += hermite * cell.moments[k];
      double const next = t * hermite - static_cast<double>(k) * before;
      before = hermite, hermite = next;
    }
    sum += density_normal(t, 0, 1) * series;
  }
  return sum / bandwidth_ / size;
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
