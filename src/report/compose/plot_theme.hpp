// The look of report plots: made for pull request pages, which show them 400 to 800 pixels wide, light or dark.
#pragma once

#include <string_view>
#include <vector>

namespace cml::report {

// JSON of a Vega-Lite config without text colours: those are of the page that the plot is drawn for. Titles stand at
// the left in plain words, the grid steps back, legends stand in one row above.
std::string_view plot_theme();

// Where a series ends.
struct SeriesEnd {
  double x = 0, y = 0;
};
// Whether the names of the series can stand where their lines end, instead of in a legend: two to four lines that all
// end at the right, far enough from each other in a plot of `height` pixels over values from `low` to `high`.
bool labelled_at_ends(std::vector<SeriesEnd> const&, double left, double right, double low, double high, double height);

}  // namespace cml::report
