// The colours of series in report plots.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cml::report {

// Seven colours that people with any colour blindness tell apart: at least 25 apart in CIE76 as Machado et al. (2009)
// simulate protanopia, deuteranopia and tritanopia, each with a contrast of 3:1 to white and to GitHub's dark page.
std::vector<std::string_view> const& plot_palette();
// Of the n-th series; the eighth has the first colour again, and the next dashes.
std::string_view plot_color(std::size_t series);
// Of the one revision that a plot compares with: it steps back behind the present one.
inline constexpr std::string_view kBaselineColor = "#8c959f";
// "[1,0]" (a line), "[6,3]", ...: JSON of Vega's strokeDash.
std::string_view plot_dash(std::size_t series);

}  // namespace cml::report
