#include "report/compose/plot_theme.hpp"

#include <algorithm>
#include <cmath>

namespace cml::report {
namespace {

constexpr std::string_view kTheme = R"({
  "view": {"stroke": null},
  "title": {"anchor": "start", "frame": "group", "fontSize": 14, "offset": 10},
  "axis": {
    "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 6, "titlePadding": 8,
    "domain": false, "ticks": false, "grid": true, "gridColor": "#888888", "gridOpacity": 0.25
  },
  "axisBand": {"grid": false},
  "legend": {
    "orient": "top", "direction": "horizontal", "columns": 3, "labelFontSize": 12, "labelLimit": 260, "offset": 4,
    "symbolOpacity": 1, "symbolStrokeWidth": 2
  },
  "header": {"labelFontSize": 12, "labelPadding": 4},
  "text": {"fontSize": 12}
})";
constexpr double kLineHeight = 15;  // Pixels that a label of 12 needs.

}  // namespace

std::string_view plot_theme() { return kTheme; }

bool labelled_at_ends(std::vector<SeriesEnd> const& ends, double left, double right, double low, double high,
                      double height) {
  if (ends.size() < 2 || ends.size() > 4 || !(right > left) || !(high > low)) return false;
  std::vector<double> places;
  for (SeriesEnd const& end : ends) {
    if (!std::isfinite(end.x) || !std::isfinite(end.y) || end.x < right - (right - left) / 50) return false;
    places.push_back((end.y - low) / (high - low) * height);
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i] - places[i - 1] < kLineHeight) return false;
  return true;
}

}  // namespace cml::report
