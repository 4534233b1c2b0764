// Widths and heights of views: fixed numbers, steps of a discrete scale, or merged into the parent's.
#pragma once

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

inline std::string_view size_type_of(std::string_view layout_size) {
  return layout_size == "childWidth" ? "width" : layout_size == "childHeight" ? "height" : layout_size;
}
inline std::string_view layout_channel(std::string_view layout_size) {
  return size_type_of(layout_size) == "width" ? "x" : "y";
}
std::string size_expression(std::string const& scale_name, ScaleComponent const& scale, std::string const& cardinality);

void parse_unit_layout_size(Model& model);
void parse_layer_layout_size(Model& model);
void parse_concat_layout_size(Model& model);
Array assemble_layout_signals(Model& model);

}  // namespace cml::vega::lite
