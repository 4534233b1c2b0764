// Table: the default configuration of Vega-Lite 6.
#include "vega/lite/config.hpp"
#include "vega/value/json.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::string_view kDefaults = R"({
  "background": "white", "padding": 5, "timeFormat": "%b %d, %Y", "countTitle": "Count of Records",
  "view": {"continuousWidth": 300, "continuousHeight": 300, "step": 20},
  "mark": {"color": "#4c78a8", "invalid": "break-paths-show-path-domains", "timeUnitBandSize": 1},
  "arc": {}, "area": {},
  "bar": {"binSpacing": 1, "continuousBandSize": 5, "minBandSize": 0.25, "timeUnitBandPosition": 0.5},
  "circle": {}, "geoshape": {}, "image": {}, "line": {}, "point": {},
  "rect": {"binSpacing": 0, "continuousBandSize": 5, "minBandSize": 0.25, "timeUnitBandPosition": 0.5},
  "rule": {"color": "black"}, "square": {}, "text": {"color": "black"},
  "tick": {"binSpacing": 0, "continuousBandSize": 5, "minBandSize": 0.25, "timeUnitBandPosition": 0.5, "thickness": 1},
  "trail": {},
  "boxplot": {"size": 14, "extent": 1.5, "box": {}, "median": {"color": "white"}, "outliers": {}, "rule": {},
  "ticks": null},
  "errorbar": {"center": "mean", "rule": true, "ticks": false},
  "errorband": {"band": {"opacity": 0.3}, "borders": false},
  "scale": {"pointPadding": 0.5, "barBandPaddingInner": 0.1, "rectBandPaddingInner": 0, "tickBandPaddingInner": 0.25,
    "bandWithNestedOffsetPaddingInner": 0.2, "bandWithNestedOffsetPaddingOuter": 0.2, "minBandSize": 2,
    "minFontSize": 8,
    "maxFontSize": 40, "minOpacity": 0.3, "maxOpacity": 0.8, "minSize": 4, "minStrokeWidth": 1, "maxStrokeWidth": 4,
    "quantileCount": 4, "quantizeCount": 4, "zero": true, "framesPerSecond": 2, "animationDuration": 5},
  "projection": {},
  "legend": {"gradientHorizontalMaxLength": 200, "gradientHorizontalMinLength": 100, "gradientVerticalMaxLength": 200,
    "gradientVerticalMinLength": 64, "unselectedOpacity": 0.35},
  "header": {"titlePadding": 10, "labelPadding": 10}, "headerColumn": {}, "headerRow": {}, "headerFacet": {},
  "selection": {
    "point": {"on": "click", "fields": ["_vgsid_"], "toggle": "event.shiftKey", "resolve": "global",
    "clear": "dblclick"},
    "interval": {"on": "[pointerdown, window:pointerup] > window:pointermove!", "encodings": ["x", "y"],
      "translate": "[pointerdown, window:pointerup] > window:pointermove!", "zoom": "wheel!",
      "mark": {"fill": "#333", "fillOpacity": 0.125, "stroke": "white"}, "resolve": "global", "clear": "dblclick"}},
  "style": {}, "title": {}, "facet": {"spacing": 20}, "concat": {"spacing": 20}, "normalizedNumberFormat": ".0%"
})";

}  // namespace

Value const& default_config() {
  thread_local Value const config = parse_json(kDefaults).value();  // Values count their references without locks.
  return config;
}

}  // namespace cml::vega::lite
