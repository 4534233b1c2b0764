// The course of one metric as a chart.
#pragma once

#include "report/trend/recorded.hpp"

#include <chrono>

namespace cml::report {

// The time of a commit; one that no calendar has is the nearest that it has.
std::chrono::sys_seconds seconds_of(Recorded::Commit const&);

// JSON of Vega-Lite: a line over the commits' times, with a diamond at each of `marked` and a rule through it. Above
// 2,000 points each part of the line keeps its highest and its lowest value.
Result<std::string> trend_plot(Recorded const&, Recorded::Series const&, std::vector<Recorded::Point> const&,
                               std::vector<std::uint32_t> const& marked);

}  // namespace cml::report
