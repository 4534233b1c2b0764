// Headers of facets: titles, labels, and the axes that cells share.
#pragma once

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

void parse_facet_headers(Model& model);
Array assemble_header_marks(Model& model);
Value assemble_label_title(Model& model, Value const& def, std::string_view channel);
Value layout_title_band(Model const& model);  // Undefined when there is none.

Value header_property(std::string_view property, Value const& header, Value const& config, std::string_view channel);
std::string_view header_channel(std::string_view channel, Value const& orient);

}  // namespace cml::vega::lite
