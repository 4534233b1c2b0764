// The scale types and what they can do.
#pragma once

#include "vega/lite/js.hpp"

namespace cml::vega::lite {

std::string_view scale_category(std::string_view type);  // Empty for an unknown type.
int scale_precedence(Value const& type);
bool scales_compatible(Value const& a, Value const& b);
bool has_discrete_domain(Value const& type);
bool has_continuous_domain(Value const& type);
bool is_quantitative_scale(Value const& type);  // linear, log, pow, sqrt, symlog
bool is_continuous_scale(Value const& type);    // quantitative, time, utc
bool is_discretizing_scale(Value const& type);  // quantile, quantize, threshold
bool scale_supports_property(Value const& type, std::string_view property);
bool scale_supports_field_type(Value const& type, Value const& field_type);
bool channel_supports_scale(std::string_view channel, Value const& type);
// Only for color channels.
bool property_needs_color(std::string_view property);
inline constexpr std::string_view kScaleProperties[] = {
    "domainMax", "domainMin",   "domainMid", "domainRaw", "align",        "bins",
    "reverse",   "round",       "clamp",     "nice",      "base",         "exponent",
    "constant",  "interpolate", "zero",      "padding",   "paddingInner", "paddingOuter"};

}  // namespace cml::vega::lite
