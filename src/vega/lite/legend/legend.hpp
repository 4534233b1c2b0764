// Legends: parsed for every unit, merged across views and across channels that show the same field.
#pragma once

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

void parse_legends(Model& model);
Array assemble_legends(Model& model);
// False when the two cannot be one legend.
bool merge_legend(Context& ctx, LegendComponent& merged, LegendComponent const& child);

struct LegendParams {
  Model& m;
  std::string_view channel;
  Value def, legend, scale_type, orient, type, direction;
};
// A property by its rule or from the legend itself.
Value legend_property(LegendParams const& params, std::string_view property);
// A part of the legend's encoding, with what the user gave over it.
Value legend_encode_part(LegendParams const& params, LegendComponent const& legend, std::string_view part,
                         Value const& given);
// The first value of a conditional definition, or its value.
Value first_condition_value(Value const& def);

}  // namespace cml::vega::lite
