#include "vega/lite/axis/axis.hpp"
#include "vega/lite/mark_def.hpp"
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
      out.set(key, signal_ref(orient["signal"].to_string() + " === \"" + first + "\" ? " +
                              expr_of(a[key.view()]) + " : " + expr_of(b[key.view()])));
  return out;
}

}  // namespace

AxisConfigs axis_configs(std::string_view channel, Value const& type, Value const& orient,
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
  AxisConfigs out;
  out.lite = out.vega = out.style = Value(Object());
  for (auto const& name : lite) assign(out.lite, config[name]);
  for (auto const& name : vega)
    assign(out.vega, name.empty() ? orient_config(config, channel, orient) : config[name]);
  for (auto const* list : {&vega, &lite})
    for (auto const& name : *list)
      for (auto const& style : as_array(config[name]["style"]))
        assign(out.style, config["style"][style.string_or("")]);
  return out;
}

AxisConfigValue axis_config_value(std::string_view property, Value const& config, Value const& style,
                                  AxisConfigs const& configs) {
  if (auto const value = style_config(property, style, config["style"]); value.defined())
    return {value, false};
  if (has(configs.lite, property)) return {configs.lite[property], false};
  if (has(configs.vega, property)) return {configs.vega[property], true};
  if (has(configs.style, property)) return {configs.style[property], false};
  return {};
}

}  // namespace cml::vega::lite
