#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "vega/transform/fit.hpp"

using namespace cml::vega;

namespace {

// The definition, summed neighbour by neighbour, without reweighting by residuals (which `y` on a line makes all
// equal).
double direct_fit(std::vector<double> const& x, std::vector<double> const& y, std::vector<double> const& robust,
                  std::size_t i, std::size_t left, std::size_t right) {
  double const reach = std::fmax(x[i] - x[left], x[right] - x[i]);
  double w = 0, sx = 0, sy = 0, sxy = 0, sx2 = 0;
  for (auto k = left; k <= right; ++k) {
    double const u = std::fabs(x[k] - x[i]) / (reach == 0 ? 1 : reach), t = 1 - u * u * u, f = t * t * t * robust[k],
                 d = x[k] - x[i];
    w += f, sx += f * d, sy += f * y[k], sxy += f * d * y[k], sx2 += f * d * d;
  }
  return least_squares(sx / w, sy / w, sxy / w, sx2 / w).intercept;
}

std::vector<double> direct_loess(std::vector<double> const& x, std::vector<double> const& y, double bandwidth) {
  auto const n = x.size(),
             window = std::max<std::size_t>(2, static_cast<std::size_t>(bandwidth * static_cast<double>(n)));
  std::vector<double> fitted(n), robust(n, 1);
  for (int iteration = 0; iteration < 3; ++iteration) {
    std::size_t left = 0, right = window - 1;
    for (std::size_t i = 0; i < n; ++i) {
      while (right + 1 < n && i > left && x[right + 1] - x[i] <= x[i] - x[left]) ++left, ++right;
      fitted[i] = direct_fit(x, y, robust, i, left, right);
    }
    std::vector<double> residuals(n), sorted(n);
    for (std::size_t i = 0; i < n; ++i) sorted[i] = residuals[i] = std::fabs(y[i] - fitted[i]);
    std::sort(sorted.begin(), sorted.end());
    double const median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    if (median < 1e-12) break;
    for (std::size_t i = 0; i < n; ++i) {
      double const u = residuals[i] / (6 * median), w = 1 - u * u;
      robust[i] = u >= 1 ? 1e-12 : w * w;
    }
  }
  return fitted;
}

}  // namespace

TEST_CASE("loess: sums by the tree of moments equal the sums over every neighbour") {
  auto const n = GENERATE(3u, 40u, 257u, 1500u);
  auto const bandwidth = GENERATE(0.02, 0.1, 0.3, 1.0);
  INFO("n " << n << ", bandwidth " << bandwidth);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> x(n), y(n);
  double at = -50;
  for (std::size_t i = 0; i < n; ++i) {
    at += 0.01 + std::pow(uniform(random), 8) * 30;  // Clusters and gaps.
    x[i] = at, y[i] = std::sin(at / 40) + (uniform(random) < 0.05 ? 9 : 0.2 * uniform(random));
  }
  std::vector<Point> points;
  for (auto i = n; i-- > 0;) points.emplace_back(x[i], y[i]);  // Any order in.
  auto const fitted = fit_loess(points, bandwidth);
  auto const expected = direct_loess(x, y, bandwidth);
  REQUIRE(fitted.size() == n);
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(fitted[i].first == Approx(x[i]).margin(1e-9));
    CHECK(fitted[i].second == Approx(expected[i]).epsilon(1e-5));  // Few points of weight 1e-12 are badly conditioned.
  }
}

TEST_CASE("loess: repeated x give one point, the mean of their fits") {
  auto const fitted = fit_loess({{1, 1}, {1, 3}, {1, 5}, {2, 4}, {2, 4}, {3, 6}}, 1);
  REQUIRE(fitted.size() == 3);
  CHECK(fitted[0].first == 1);
  CHECK(fitted[2].first == 3);
  CHECK(fit_loess({}, 0.3).empty());
  CHECK(fit_loess({{5, 2}, {5, 4}}, 0.3).size() == 1);  // No reach at all.
}
