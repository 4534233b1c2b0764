// Distributions: density, cumulative probability, quantile and samples of normal, log-normal and uniform.
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/distribution.hpp"
#include "vega/expr/function.hpp"

namespace cml::vega {
namespace {

double mean_of(Call const& call, std::size_t i) {
  double const mean = call.number(i);
  return std::isnan(mean) ? 0 : mean;
}
double deviation_of(Call const& call, std::size_t i) { return call[i].is_nullish() ? 1 : call.number(i); }

using Function = double (*)(double, double, double);
template <Function F>
Value normal(Call const& c) {
  return F(c.number(0), mean_of(c, 1), deviation_of(c, 2));
}

// With one bound it is the upper one.
struct Bounds {
  double low, high;
};
Bounds bounds_of(Call const& c, std::size_t i) {
  if (!c[i + 1].is_nullish()) return {c.number(i), c.number(i + 1)};
  return {0, c[i].is_nullish() ? 1 : c.number(i)};
}
template <Function F>
Value uniform(Call const& c) {
  auto const [low, high] = bounds_of(c, 1);
  return F(c.number(0), low, high);
}

constexpr FunctionType kDistributions[] = {
    {"densityNormal", 1, -1, normal<density_normal>},
    {"cumulativeNormal", 1, -1, normal<cumulative_normal>},
    {"quantileNormal", 1, -1, normal<quantile_normal>},
    {"densityLogNormal", 1, -1, normal<density_log_normal>},
    {"cumulativeLogNormal", 1, -1, normal<cumulative_log_normal>},
    {"quantileLogNormal", 1, -1, normal<quantile_log_normal>},
    {"densityUniform", 1, -1, uniform<density_uniform>},
    {"cumulativeUniform", 1, -1, uniform<cumulative_uniform>},
    {"quantileUniform", 1, -1, uniform<quantile_uniform>},
    {"sampleNormal", 0, -1,
     [](Call const& c) -> Value { return sample_normal(c.scope, mean_of(c, 0), deviation_of(c, 1)); }, nullptr, nullptr,
     true},
    {"sampleLogNormal", 0, -1,
     [](Call const& c) -> Value { return std::exp(mean_of(c, 0) + sample_normal(c.scope, 0, 1) * deviation_of(c, 1)); },
     nullptr, nullptr, true},
    {"sampleUniform", 0, -1,
     [](Call const& c) -> Value {
       auto const [low, high] = bounds_of(c, 0);
       return low + (high - low) * c.scope.random();
     },
     nullptr, nullptr, true},
};

}  // namespace

std::span<FunctionType const> distribution_functions() { return kDistributions; }

}  // namespace cml::vega
