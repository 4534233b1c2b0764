// Every warning and refusal of the compiler, worded in one place. Callers add the JSON path.
#pragma once

#include <string>
#include <string_view>

#include "vega/lite/js.hpp"

namespace cml::vega::lite::message {

std::string invalid_spec();
std::string container_needs_single_view(std::string_view dimension);
std::string container_needs_fit(std::string_view dimension);
std::string fit_needs_single_view();
std::string fit_dropped(std::string_view direction);
std::string unknown_field_for_size(std::string_view channel);
std::string projected_channel_without_field(std::string_view channel);
std::string projected_channel_aggregated(std::string_view channel, std::string_view aggregate);
std::string nearest_needs_points(std::string_view mark);
std::string selection_unsupported(std::string_view mark);
std::string selection_not_found(std::string_view name);
std::string scale_binding_needs_continuous();
std::string legend_binding_needs_one_field();
std::string interval_value_needs_channels();
std::string lookup_needs_selection(std::string_view name);
std::string lookup_in_same_view(std::string_view name);
std::string lookup_needs_as();
std::string domains_need_same_selection();
std::string unknown_repeated_value(std::string_view name);
std::string columns_with_row_or_column(std::string_view kind);
std::string one_timer_per_view();
std::string animation_in_composition();
std::string extent_needs_field(std::string_view field);
std::string extent_encoding_ambiguous(std::string_view encoding, std::string_view param, std::string_view field);
std::string concat_cannot_share_axes();
std::string unknown_parse(std::string_view parse);
std::string parse_conflict(std::string_view field, std::string_view here, std::string_view above);
std::string transform_ignored(Value const& transform);
std::string custom_format_not_allowed(std::string_view channel);
std::string projection_overridden();
std::string angle_is_theta_for_arc();
std::string offset_on_continuous(std::string_view channel);
std::string primitive_channel(std::string_view channel, Value const& value);
std::string invalid_field_type(Value const& type);
std::string count_is_quantitative(Value const& type, std::string_view aggregate);
std::string invalid_aggregate(Value const& aggregate);
std::string color_dropped(std::string_view what);
std::string relative_band_unsupported(std::string_view channel);
std::string empty_channel(std::string_view channel);
std::string line_size_varies();
std::string channel_incompatible(std::string_view channel, std::string_view mark);
std::string unknown_channel(std::string_view channel);
std::string channel_should_be_discrete(std::string_view channel);
std::string channel_should_be_discrete_or_discretizing(std::string_view channel);
std::string facet_dropped();
std::string discrete_channel_misleading(std::string_view channel, std::string_view type);
std::string range_alignment_expression(std::string_view channel);
std::string line_with_range();
std::string orient_overridden(std::string_view given, std::string_view used);
std::string scale_property_needs_color(std::string_view property);
std::string relative_band_needs_band_scale();
std::string unaggregated_unusable(std::string_view why);
std::string size_needs_orient(std::string_view mark);
std::string scale_type_for_channel(std::string_view channel, std::string_view type, std::string_view used);
std::string scale_type_for_field(std::string_view type, std::string_view used);
std::string scale_property_for_type(std::string_view channel, std::string_view property, std::string_view type);
std::string step_dropped(std::string_view channel);
std::string conflicting_property(std::string_view property, std::string_view of);
std::string conflicting_domains();
std::string independent_scale_independent_guide(std::string_view channel);
std::string domain_sort_dropped();
std::string domain_sorts_conflict();
std::string facet_domain_guess();
std::string legend_values_unioned(std::string_view a, std::string_view b);
std::string ranged_mark_not_stacked(std::string_view channel);
std::string stack_on_nonlinear(std::string_view type);
std::string stack_of_nonsum(std::string_view aggregate);
std::string invalid_time_part(std::string_view part, Value const& value);
std::string day_dropped();
std::string errorbar_center_extent_unneeded();
std::string errorbar_center_extent(std::string_view center, std::string_view extent, std::string_view mark);
std::string composite_aggregate(std::string_view aggregate, std::string_view mark);
std::string errorband_1d(std::string_view property);
std::string binned_needs_channel(std::string_view channel);
std::string binned_only_position(std::string_view channel);
std::string threshold_needs_domain(std::string_view channel);
std::string channel_type(std::string_view channel, std::string_view type);
std::string wrong_shape(std::string_view property, std::string_view expected);
std::string old_spelling(std::string_view old_name, std::string_view new_name);

}  // namespace cml::vega::lite::message
