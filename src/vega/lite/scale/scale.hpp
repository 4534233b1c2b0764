// Scales: type, domain, range and properties are parsed for every view, merged where views share them, and
// assembled.
#pragma once

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

inline constexpr std::string_view kFacetScalePrefix = "scale_";

void parse_scales(Model& model);
Array assemble_scales(Model& model);

// The steps of parse_scales.
void parse_scale_domains(Model& model);
void parse_scale_property(Model& model, std::string_view property);
Explicit parse_scale_range(Model& model, std::string_view channel);
Value default_scale_type(Context& ctx, std::string_view channel, Value const& def, Value const& mark,
                         bool nested_offset);
Value default_scale_resolve(Model const& model, std::string_view channel);

// The Vega domain, with data sources by their final names as far as they are known.
Value assemble_domain(Model& model, std::string_view channel);
Value field_of_domain(Context& ctx, Value const& domain);  // Undefined when it has none.
bool is_data_ref(Value const& domain);
bool is_data_ref_union(Value const& domain);

std::string bin_signal_name(Model const& model, Value const& field, Value const& bin);

}  // namespace cml::vega::lite
