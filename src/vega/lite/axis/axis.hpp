// Axes: parsed for every unit, merged in layers, written as a grid and a main part.
#pragma once

#include <span>

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

void parse_unit_axes(Model& model);
void parse_layer_axes(Model& model);
// The part ("grid" or "main") of one axis; undefined when there is none.
Value assemble_axis(Model& model, AxisComponent const& axis, std::string_view part, bool for_header = false);
Array assemble_axes(Model& model);
Array assemble_axis_signals(Model& model);
Value guide_resolve(Model& model, std::string_view guide, std::string_view channel);

// Shared with headers.
Value default_label_baseline(Value const& angle, Value const& orient, std::string_view channel,
                             bool always_middle = false);
Value default_label_align(Value const& angle, Value const& orient, std::string_view channel);
Value normalize_angle(Value const& angle);
// Titles of several fields as one text.
Value assemble_guide_title(Value const& title, Value const& config);

// A value of config; of properties, all that one place of config says.
struct AxisConfig {
  Value value;
  bool from_vega = false;  // Vega applies it by itself.
};
// What config says about axes of one kind and style, the first in precedence first.
using AxisConfigs = std::vector<AxisConfig>;
AxisConfigs axis_configs(std::string_view channel, Value const& scale_type, Value const& orient, Value const& style,
                         Value const& config);
AxisConfig axis_config_value(std::string_view property, AxisConfigs const& configs);

inline constexpr std::string_view kAxisParts[] = {"domain", "grid", "labels", "ticks", "title"};

// Table: the properties of an axis, in the order in which they are set. part: g grid, m main, b both, -
// neither.
struct AxisProperty {
  std::string_view name;
  char part;
  std::string_view encode_part = {}, vega = {};  // Where a condition on it goes.
  bool conditional_signal = false;               // A condition becomes one signal instead.
};
std::span<AxisProperty const> axis_properties();
AxisProperty const* find_axis_property(std::string_view name);

}  // namespace cml::vega::lite
