#include "report/trend/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace cml::report {
namespace {

constexpr double kSignificant = 0.01;
constexpr std::size_t kLeastTested = 10, kLeastLevel = 5, kMostPairs = 200;

// Mean ranks from 1; values that are equal share theirs.
std::vector<double> ranks_of(std::span<double const> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    double const rank = (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
    for (; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

// The first place of the new level; nothing when there is none.
std::optional<std::size_t> pettitt(std::span<double const> values) {
  if (values.size() < kLeastTested) return std::nullopt;
  auto const ranks = ranks_of(values);
  double const n = static_cast<double>(values.size());
  double sum = 0, greatest = 0;
  std::size_t at = 0;
  for (std::size_t k = 1; k + kLeastLevel <= ranks.size(); ++k) {
    sum += ranks[k - 1];
    double const u = std::fabs(2 * sum - static_cast<double>(k) * (n + 1));
    if (k >= kLeastLevel && u > greatest) greatest = u, at = k;
  }
  double const p = 2 * std::exp(-6 * greatest * greatest / (n * n * n + n * n));
  return p < kSignificant ? std::optional(at) : std::nullopt;
}

}  // namespace

double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  double const below = *std::max_element(values.begin(), middle);
  return below / 2 + *middle / 2;
}

double scatter_of(std::vector<double> const& values) {
  double const middle = median_of(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (double value : values) distances.push_back(std::fabs(value - middle));
  return values.empty() ? 0 : 1.4826 * median_of(std::move(distances));
}

std::vector<std::size_t> change_points(std::vector<double> const& values) {
  std::vector<std::size_t> found;
  struct Part {
    std::size_t begin, end;
  };
  std::vector<Part> untested{{0, values.size()}};
  while (!untested.empty()) {
    Part const part = untested.back();
    untested.pop_back();
    auto const at = pettitt(std::span(values).subspan(part.begin, part.end - part.begin));
    if (!at) continue;
    found.push_back(part.begin + *at);
    untested.push_back({part.begin, part.begin + *at});
    untested.push_back({part.begin + *at, part.end});
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<Drift> drift_of(std::vector<double> const& all) {
  std::size_t const count = std::min(all.size(), kMostPairs);
  if (count < kLeastTested) return std::nullopt;
  std::span<double const> const values = std::span(all).last(count);
  double s = 0;
  std::vector<double> slopes;
  slopes.reserve(count * (count - 1) / 2);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = i + 1; j < count; ++j) {
      s += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
    }
  double const n = static_cast<double>(count);
  double const deviation = std::sqrt(n * (n - 1) * (2 * n + 5) / 18);  // Ties would make it less, so this is careful.
  double const z = s == 0 ? 0 : (std::fabs(s) - 1) / deviation;
  Drift drift{median_of(std::move(slopes)), std::erfc(z / std::sqrt(2.0)), count};
  if (!(drift.p < kSignificant) || drift.slope == 0 || !std::isfinite(drift.slope)) return std::nullopt;
  return drift;
}

}  // namespace cml::report
