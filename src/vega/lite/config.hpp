// The configuration: Vega-Lite's defaults, what the user gave merged over them, and what of it goes on to
// Vega.
#pragma once

#include "vega/lite/js.hpp"

namespace cml::vega::lite {

Value const& default_config();
// Later configurations win, property by property (vega-util's mergeConfig).
Value merge_config(std::initializer_list<Value> configs);
Value init_config(Value const& specified);
// The config of the Vega specification; undefined when nothing is left.
Value strip_and_redirect_config(Value const& config);

struct TitleConfig {
  Value mark, subtitle_mark, non_mark, subtitle;
};
TitleConfig extract_title_config(Value const& title);
Value assemble_parameter_signals(Value const& params);

// Sizes of a view by default: discrete ones may be {step}.
Value view_continuous_size(Value const& view, std::string_view dimension);
Value view_discrete_size(Value const& view, std::string_view dimension);
double view_discrete_step(Value const& view, std::string_view dimension);
inline bool is_step(Value const& size) { return has(size, "step"); }

}  // namespace cml::vega::lite
