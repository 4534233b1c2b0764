// Ticks and nice domains of time scales (d3-time's ticks, d3-scale's time). Instants in milliseconds.
#pragma once

#include <vector>

#include "vega/value/value.hpp"

namespace cml::vega {

// `count`: a number of ticks, an interval name, {"interval": name, "step": n}, or nullish for 10.
std::vector<double> time_ticks(double start, double stop, Value const& count, bool utc);
void time_nice(double& start, double& stop, Value const& count, bool utc);

}  // namespace cml::vega
