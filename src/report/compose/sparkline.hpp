// The course of one metric as a tiny picture for a table's cell.
#pragma once

#include <string>
#include <vector>

namespace cml::report {

// PNG of 96 by 26 pixels: a line without axes from the smallest value to the greatest, a dot on the last one. NaN
// leaves a gap. Drawn here and not by the engine: a report may hold a thousand of them.
std::string sparkline_png(std::vector<double> const& values, bool dark);

}  // namespace cml::report
