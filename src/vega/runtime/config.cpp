// Vega's default configuration (vega-parser config) and its merging rules.
#include "vega/runtime/run.hpp"
#include "vega/value/json.hpp"

namespace cml::vega {
namespace {

constexpr std::string_view kDefaults = R"json({
"description": "Vega visualization", "padding": 0, "autosize": "pad", "background": null,
"group": null, "mark": null,
"arc": {"fill": "#4c78a8"}, "area": {"fill": "#4c78a8"}, "image": null,
"line": {"stroke": "#4c78a8", "strokeWidth": 2}, "path": {"stroke": "#4c78a8"}, "rect": {"fill": "#4c78a8"},
"rule": {"stroke": "#000"}, "shape": {"stroke": "#4c78a8"}, "symbol": {"fill": "#4c78a8", "size": 64},
"text": {"fill": "#000", "font": "sans-serif", "fontSize": 11}, "trail": {"fill": "#4c78a8", "size": 2},
"style": {
 "guide-label": {"fill": "#000", "font": "sans-serif", "fontSize": 10},
 "guide-title": {"fill": "#000", "font": "sans-serif", "fontSize": 11, "fontWeight": "bold"},
 "group-title": {"fill": "#000", "font": "sans-serif", "fontSize": 13, "fontWeight": "bold"},
 "group-subtitle": {"fill": "#000", "font": "sans-serif", "fontSize": 12},
 "point": {"size": 30, "strokeWidth": 2, "shape": "circle"}, "circle": {"size": 30, "strokeWidth": 2},
 "square": {"size": 30, "strokeWidth": 2, "shape": "square"},
 "cell": {"fill": "transparent", "stroke": "#ddd"}, "view": {"fill": "transparent"}},
"title": {"orient": "top", "anchor": "middle", "offset": 4, "subtitlePadding": 3},
"axis": {"minExtent": 0, "maxExtent": 200, "bandPosition": 0.5, "domain": true, "domainWidth": 1, "domainColor": "#888",
 "grid": false, "gridWidth": 1, "gridColor": "#ddd", "labels": true, "labelAngle": 0, "labelLimit": 180,
 "labelOffset": 0,
 "labelPadding": 2, "ticks": true, "tickColor": "#888", "tickOffset": 0, "tickRound": true, "tickSize": 5,
 "tickWidth": 1,
 "titlePadding": 4},
"axisBand": {"tickOffset": -0.5},
"projection": {"type": "mercator"},
"legend": {"orient": "right", "padding": 0, "gridAlign": "each", "columnPadding": 10, "rowPadding": 2,
 "symbolDirection": "vertical", "gradientDirection": "vertical", "gradientLength": 200, "gradientThickness": 16,
 "gradientStrokeColor": "#ddd", "gradientStrokeWidth": 0, "gradientLabelOffset": 2, "labelAlign": "left",
 "labelBaseline": "middle", "labelLimit": 160, "labelOffset": 4, "labelOverlap": true, "symbolLimit": 30,
 "symbolType": "circle", "symbolSize": 100, "symbolOffset": 0, "symbolStrokeWidth": 1.5,
 "symbolBaseFillColor": "transparent", "symbolBaseStrokeColor": "#888", "titleLimit": 180, "titleOrient": "top",
 "titlePadding": 5,
 "layout": {"offset": 18, "direction": "horizontal", "left": {"direction": "vertical"},
 "right": {"direction": "vertical"}}},
"range": {"category": {"scheme": "tableau10"}, "ordinal": {"scheme": "blues"}, "heatmap": {"scheme": "yellowgreenblue"},
 "ramp": {"scheme": "blues"}, "diverging": {"scheme": "blueorange", "extent": [1, 0]},
 "symbol": ["circle", "square", "triangle-up", "cross", "diamond", "triangle-right", "triangle-down", "triangle-left"]}
})json";

// An object's members replace those of the same name; `deep` members are merged one level further.
void merge_member(Value& into, std::string_view key, Value const& value, bool deep_all, std::string_view deep_key) {
  if (!value.is_object()) {
    into.set(key, value);
    return;
  }
  Value target = into[key].is_object() ? into[key] : Value(Object());
  for (auto const& [name, member] : value.properties()) {
    if ((deep_all || name == deep_key) && member.is_object())
      merge_member(target, name, member, false, "");
    else
      target.set(name, member);
  }
  into.set(key, std::move(target));
}

}  // namespace

Value default_config() {
  thread_local Value const defaults = parse_json(kDefaults).value();  // Values count their references without locks.
  return defaults;
}

Value merge_config(Value config, Value const& more) {
  for (auto const& [key, value] : more.properties()) {
    if (key == "signals") {  // Collected by name; the first definition stays.
      Value list = config["signals"].is_array() ? config["signals"] : Value(Array());
      for (auto const& signal : value.items()) list.push(signal);
      config.set("signals", std::move(list));
      continue;
    }
    merge_member(config, key, value, key == "style", key == "legend" ? "layout" : "");
  }
  return config;
}

}  // namespace cml::vega
