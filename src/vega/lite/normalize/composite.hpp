// What the composite marks share: which axis is continuous, tooltips, and the layers that make up their
// parts.
#pragma once

#include "vega/lite/encoding.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {

std::string composite_orient(Context& ctx, Value const& spec, std::string_view mark);
// The definition without an aggregate that the mark does itself.
Value without_aggregate(Context& ctx, Value const& def, std::string_view mark);

struct TooltipPart {
  std::string field_prefix;
  Value title_prefix;
};
// {tooltip: [...]}, or the encoding's own tooltip.
Value composite_tooltip(std::vector<TooltipPart> const& parts, Value const& axis_def, Value const& encoding,
                        bool with_field_name);

// One part of a composite mark as a list of no or one layer.
Array composite_part(Value const& mark_def, std::string_view part, Value const& config, Value base);

struct PartMaker {
  Value mark_def;
  std::string axis;
  Value axis_def, shared_encoding, config;
  void add(Array& layers, std::string_view part, Value const& mark, std::string_view prefix,
           std::string_view end_prefix, Value const& extra_encoding) const;
};

inline Value axis_title(Value const& def) { return has(def, "title") ? def["title"] : def["field"]; }
bool is_composite(Value const& spec, std::string_view name);

struct ErrorParams {
  Array transform;
  Value axis_def, encoding, mark_def, outer_spec, tooltip;
  std::string axis, ticks_orient;
};
ErrorParams error_params(Context& ctx, Value const& spec, std::string_view mark, Value const& config);

}  // namespace cml::vega::lite
