#include "report/trend/trend_plot.hpp"

#include <algorithm>
#include <cmath>

#include "base/time_text.hpp"
#include "report/compose/plot.hpp"

namespace cml::report {
namespace {

constexpr std::size_t kMostDrawn = 2'000;

// With DVC's anchors, as the other templates; "change" is a column of our own.
constexpr std::string_view kTrendTemplate = R"json({
  "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
  "title": "<DVC_METRIC_TITLE>",
  "width": 400,
  "height": 160,
  "config": "<DVC_METRIC_THEME>",
  "data": {"values": "<DVC_METRIC_DATA>"},
  "encoding": {
    "x": {"field": "<DVC_METRIC_X>", "type": "temporal", "title": null, "scale": {"type": "utc"}}
  },
  "layer": [
    {
      "mark": {"type": "line", "strokeWidth": 2},
      "encoding": {
        "y": {"field": "<DVC_METRIC_Y>", "type": "quantitative", "title": null,
          "scale": {"zero": false}},
        "order": "<DVC_METRIC_ORDER>",
        "color": "<DVC_METRIC_COLOR>"
      }
    },
    {
      "transform": [{"filter": "isValid(datum.change)"}],
      "mark": {"type": "rule", "strokeDash": [4, 3], "color": "#8b949e"}
    },
    {
      "transform": [{"filter": "isValid(datum.change)"}],
      "mark": {"type": "point", "shape": "diamond", "filled": true, "opacity": 1, "size": 90},
      "encoding": {
        "y": {"field": "change", "type": "quantitative"},
        "color": "<DVC_METRIC_COLOR>"
      }
    }
  ]
})json";
constexpr std::string_view kWithoutChanges = "\n    },\n    {\n      \"transform\"";

// Those that are drawn: of each part the highest and the lowest.
std::vector<Recorded::Point> thinned(std::vector<Recorded::Point> const& points,
                                     std::vector<std::uint32_t> const& marked) {
  if (points.size() <= kMostDrawn) return points;
  std::vector<Recorded::Point> kept;
  std::size_t const part = (2 * points.size() + kMostDrawn - 1) / kMostDrawn;
  for (std::size_t begin = 0; begin < points.size(); begin += part) {
    std::size_t const end = std::min(begin + part, points.size());
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (!(points[i].value >= points[low].value)) low = i;
      if (!(points[i].value <= points[high].value)) high = i;
    }
    for (std::size_t i = begin; i < end; ++i)
      if (i == low || i == high || std::binary_search(marked.begin(), marked.end(), points[i].commit))
        kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace

std::chrono::sys_seconds seconds_of(Recorded::Commit const& commit) {
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  return std::chrono::sys_seconds(std::chrono::seconds(std::clamp<std::int64_t>(commit.time, 0, kYear9999)));
}

Result<std::string> trend_plot(Recorded const& recorded, Recorded::Series const& series,
                               std::vector<Recorded::Point> const& points, std::vector<std::uint32_t> const& marked) {
  PlotData data{"value", {}};
  data.records.columns = {{"time", {}, {}}, {"value", {}, {}}};
  if (!marked.empty()) data.records.columns.push_back({"change", {}, {}});
  auto& columns = data.records.columns;
  for (auto const& point : thinned(points, marked)) {
    columns[0].cells.emplace_back(
        iso_time(std::chrono::system_clock::time_point(seconds_of(recorded.commits[point.commit]))));
    columns[1].cells.push_back(std::isfinite(point.value) ? metrics::Scalar(point.value) : metrics::Scalar());
    if (marked.empty()) continue;
    bool const change = std::binary_search(marked.begin(), marked.end(), point.commit);
    columns[2].cells.push_back(change ? metrics::Scalar(point.value) : metrics::Scalar());
  }
  PlotRequest request;
  request.file = series.file;
  request.x = "time";
  request.y = {"value"};
  request.title = request.y_label = series.name;
  request.template_name = "trend";
  // Without changes their layers would ask for a column that there is not.
  std::string text(kTrendTemplate);
  if (marked.empty()) text = text.substr(0, text.find(kWithoutChanges)) + "\n    }\n  ]\n}";
  return fill_template(text, request, {data});
}

}  // namespace cml::report
