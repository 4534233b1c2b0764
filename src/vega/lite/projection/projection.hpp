// Map projections: one for each view, or one that layered views share.
#pragma once

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

void parse_projections(Model& model);
Array assemble_projections(Model& model);

}  // namespace cml::vega::lite
