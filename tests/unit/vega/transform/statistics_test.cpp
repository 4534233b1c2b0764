#include "vega/transform/statistics.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "support/doubling.hpp"
#include "support/fake_scope.hpp"

using namespace cml::vega;
using cml::test::FakeScope;

namespace {

std::vector<double> values_of(std::size_t n) {
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) {
    auto const t = static_cast<double>(i);
    out.push_back(std::sin(t * 12.9898) * 3 + (i % 7 == 0 ? 25 : 0) + std::cos(t * 0.1));
  }
  return out;
}

}  // namespace

TEST_CASE("statistics: a quantile found by selection is that of the sorted values", "[vega][transform]") {
  auto const n = GENERATE(0u, 1u, 2u, 3u, 10u, 1001u);
  auto const values = values_of(n);
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (double p : {-1.0, 0.0, 0.1, 0.25, 0.5, 0.75, 0.999, 1.0, 2.0}) {
    auto moved = values;
    double const found = quantile(moved, p), wanted = quantile_sorted(sorted, p);
    INFO(n << " values, " << p);
    CHECK((found == wanted || (std::isnan(found) && std::isnan(wanted))));
  }
}

TEST_CASE("statistics: a bootstrap draws what it would draw one by one, and leaves the generator there",
          "[vega][transform]") {
  auto const n = GENERATE(1u, 2u, 37u, 900u, 16765u, 20000u);
  auto const samples = GENERATE(1, 60);
  auto const seed = GENERATE(42.0, 1.0, 0.25);
  INFO(n << " values, " << samples << " samples, seed " << seed);
  auto const values = values_of(n);
  FakeScope quick, plain;
  quick.seed = plain.seed = seed;
  auto const [low, high] = bootstrap_interval(values, samples, 0.05, quick);
  std::vector<double> means;
  for (int s = 0; s < samples; ++s) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += values[static_cast<std::size_t>(plain.random() * n)];
    means.push_back(sum / n);
  }
  std::sort(means.begin(), means.end());
  CHECK(low == Approx(quantile_sorted(means, 0.025)).epsilon(1e-10));
  CHECK(high == Approx(quantile_sorted(means, 0.975)).epsilon(1e-10));
  CHECK(quick.random() == plain.random());
}

TEST_CASE("statistics: a thousand samples of many values are not drawn one by one", "[vega][transform]") {
  FakeScope scope;
  scope.seed = 42;
  auto const values = values_of(100000);
  CHECK(cml::test::processor_seconds([&] { (void)bootstrap_interval(values, 1000, 0.05, scope); }) < 0.2);
}

TEST_CASE("statistics: a density summed by cells is the sum of its kernels", "[vega][transform]") {
  auto const n = GENERATE(50u, 500u, 30000u);
  auto const bandwidth = GENERATE(0.0, 0.05, 2.0);
  auto const values = values_of(n);
  KernelDensity const density({values, values}, bandwidth);
  double const h = bandwidth > 0 ? bandwidth : kernel_bandwidth({values, values});
  for (double x = -20; x < 50; x += 0.37) {
    long double sum = 0;
    for (double v : values) sum += std::exp(-0.5L * ((x - v) / h) * ((x - v) / h));
    auto const wanted = static_cast<double>(sum / (h * n * 2.506628274631000502415765284811L));
    INFO(n << " values, bandwidth " << h << ", at " << x);
    CHECK(std::fabs(density.pdf(x) - wanted) <= 1e-9 * wanted + 1e-18);
  }
}
