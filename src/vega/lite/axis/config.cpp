#include <algorithm>

#include "vega/lite/axis/axis.hpp"
#include "vega/lite/scale/types.hpp"

namespace cml::vega::lite {
namespace {

// Config that depends on an orientation known at run time only: one expression for each property.
Value orient_config(Value const& config, std::string_view channel, Value const& orient) {
  std::string const first = channel == "x" ? "bottom" : "left";
  auto const &a = config[channel == "x" ? "axisBottom" : "axisLeft"],
             &b = config[channel == "x" ? "axisTop" : "axisRight"];
  Value out{Object()};
  for (auto const* source : {&a, &b})
    for (auto const& [key, value] : source->properties())
      out.set(key, signal_ref(orient["signal"].to_string() + " === \"" + first + "\" ? " + expr_of(a[key.view()]) +
                              " : " + expr_of(b[key.view()])));
  return out;
}

}  // namespace

AxisConfigs axis_configs(std::string_view channel, Value const& type, Value const& orient, Value const& style,
                         Value const& config) {
  Strings kinds;
  if (is(type, "band"))
    kinds = {"Discrete", "Band"};
  else if (is(type, "point"))
    kinds = {"Discrete", "Point"};
  else if (is_quantitative_scale(type))
    kinds = {"Quantitative"};
  else if (one_of(type, {"time", "utc"}))
    kinds = {"Temporal"};
  std::string const axis = channel == "x" ? "axisX" : "axisY";
  Strings lite, vega{"axis", is_signal_ref(orient) ? "" : "axis" + title_case(orient.string_or("")), axis};
  for (auto const& k : kinds) lite.push_back("axis" + k);
  for (auto const& k : kinds) lite.push_back(axis + k);
  // Gathered with the last in precedence first, as they are written over each other.
  AxisConfigs out;
  auto const add = [&](Value const& properties, bool from_vega = false) {
    if (!is_empty(properties)) out.push_back({properties, from_vega});
  };
  auto const add_styles = [&](Value const& names) {
    for (auto const& name : as_array(names)) add(config["style"][name.string()]);
  };
  for (auto const* list : {&vega, &lite})
    for (auto const& name : *list) add_styles(config[name]["style"]);
  for (auto const& name : vega) add(name.empty() ? orient_config(config, channel, orient) : config[name], true);
  for (auto const& name : lite) add(config[name]);
  add_styles(style);
  std::reverse(out.begin(), out.end());
  return out;
}

AxisConfig axis_config_value(std::string_view property, AxisConfigs const& configs) {
  for (auto const& [properties, from_vega] : configs)
    if (auto const& value = properties[property]; value.defined()) return {value, from_vega};
  return {};
}

}  // namespace cml::vega::lite
