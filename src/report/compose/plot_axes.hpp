// What the values of a plot are, and what of them can be drawn: an axis of numbers, of time or of names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/compose/plot.hpp"

namespace cml::report {

enum class AxisKind { Number, Time, Name };

// By most of the column's values in all revisions. "index" is a number.
AxisKind axis_kind(std::vector<PlotData> const&, std::string const& column);
// Milliseconds since 1970 of "2026-01-02", "2026-01-02 10:00:00,5", "2026-01-02T10:00+01:00"; of seconds or
// milliseconds since 1970 themselves, when the column is one of times.
std::optional<double> time_of(metrics::Scalar const&);
// What stands on an axis of that kind: a finite number, milliseconds, or the value as it is; null when it is none of
// it.
metrics::Scalar on_axis(metrics::Scalar const&, AxisKind);

// How the axes of a request are drawn. A user's own template decides for itself: then all kinds are welcome.
struct Axes {
  AxisKind x = AxisKind::Number, y = AxisKind::Number;
  bool log_x = false, log_y = false;
  bool shown(metrics::Scalar const& x_value, metrics::Scalar const& y_value) const;
};
Axes axes_of(PlotRequest const&, std::vector<PlotData> const&);

// Sentences for below the picture: what of the data cannot be seen in it. BadInput, with the reason, when no point
// could be drawn at all.
Result<std::vector<std::string>> look_over(PlotRequest const&, std::vector<PlotData> const&);

// Different values of these columns, at most `most`.
std::size_t count_of_classes(std::vector<PlotData> const&, std::vector<std::string> const& columns, std::size_t most);
std::size_t longest_name(std::vector<PlotData> const&, std::string const& column);  // In characters.
// "a_long_name" of at most `most` characters, with "…" in its middle.
std::string cut_in_the_middle(std::string const& text, std::size_t most);

}  // namespace cml::report
