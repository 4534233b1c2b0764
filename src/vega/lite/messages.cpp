#include "vega/lite/messages.hpp"

namespace cml::vega::lite::message {
namespace {

std::string shortened(Value const& v) {
  auto text = stringify(v);
  if (text.size() > 160) text = text.substr(0, 157) + "...";
  return text;
}

}  // namespace

std::string invalid_spec() {
  return "this view has none of mark, layer, facet, concat, hconcat, vconcat or repeat; add a mark and an "
         "encoding";
}
std::string container_needs_single_view(std::string_view dimension) {
  return std::string(dimension) + ": \"container\" works for single and layered views only; ignored";
}
std::string container_needs_fit(std::string_view dimension) {
  return std::string(dimension) + ": \"container\" works best with autosize \"fit\"";
}
std::string fit_needs_single_view() {
  return "autosize \"fit\" works for single and layered views only; using \"pad\"";
}
std::string fit_dropped(std::string_view direction) {
  return direction.empty() ? std::string("autosize \"fit\" dropped: the view grows in steps")
                           : "autosize \"fit-" + std::string(direction) + "\" dropped: that side grows in steps";
}
std::string unknown_field_for_size(std::string_view channel) {
  return "cannot tell the view's size: the field of " + std::string(channel) + " is unknown";
}
std::string projected_channel_without_field(std::string_view channel) {
  return "a selection names the channel " + std::string(channel) + ", which has no field";
}
std::string projected_channel_aggregated(std::string_view channel, std::string_view aggregate) {
  return "a selection cannot use the channel " + std::string(channel) + ": it is aggregated (" +
         std::string(aggregate) + ")";
}
std::string nearest_needs_points(std::string_view mark) {
  return "\"nearest\" does not work with " + std::string(mark) + " marks";
}
std::string selection_unsupported(std::string_view mark) {
  return "selections are not supported by " + std::string(mark);
}
std::string selection_not_found(std::string_view name) {
  return "there is no selection named \"" + std::string(name) + "\"";
}
std::string scale_binding_needs_continuous() { return "only unbinned continuous scales can be bound to a selection"; }
std::string legend_binding_needs_one_field() {
  return "binding to a legend needs a selection over exactly one field or channel";
}
std::string interval_value_needs_channels() {
  return "the value of an interval selection is given by x, y, longitude or latitude";
}
std::string lookup_needs_selection(std::string_view name) {
  return "lookup works on selections; \"" + std::string(name) + "\" is a variable parameter";
}
std::string lookup_in_same_view(std::string_view name) {
  return "the selection \"" + std::string(name) +
         "\" is defined and looked up in the same view; move the lookup into another layer";
}
std::string lookup_needs_as() { return "lookup without from.fields needs \"as\" to be one name; using \"_lookup\""; }
std::string domains_need_same_selection() {
  return "layers override the domain of one scale by different selections; give them the same one";
}
std::string unknown_repeated_value(std::string_view name) {
  return "unknown repeater \"" + std::string(name) + "\"; use row, column, layer or repeat";
}
std::string columns_with_row_or_column(std::string_view kind) {
  return "\"columns\" is ignored in a " + std::string(kind) + " by row or column";
}
std::string one_timer_per_view() { return "only the first timer selection of a view is used"; }
std::string animation_in_composition() { return "animation does not work inside facet, layer or concat"; }
std::string extent_needs_field(std::string_view field) {
  return "a selection over several fields needs \"field\" or \"encoding\" to give a domain; using \"" +
         std::string(field) + "\"";
}
std::string extent_encoding_ambiguous(std::string_view encoding, std::string_view param, std::string_view field) {
  return "selection \"" + std::string(param) + "\" has not exactly one " + std::string(encoding) +
         " encoding; using field \"" + std::string(field) + "\"";
}
std::string concat_cannot_share_axes() { return "concatenated and repeated views cannot share axes"; }
std::string unknown_parse(std::string_view parse) {
  return "unknown parse \"" + std::string(parse) +
         "\"; use number, boolean, string, date, date:'format' or utc:'format'";
}
std::string parse_conflict(std::string_view field, std::string_view here, std::string_view above) {
  return "field \"" + std::string(field) + "\" is parsed as " + std::string(above) + " above and as " +
         std::string(here) + " here";
}
std::string transform_ignored(Value const& transform) { return "unknown transform ignored: " + shortened(transform); }
std::string custom_format_not_allowed(std::string_view channel) {
  return "custom format of " + std::string(channel) + " dropped: config.customFormatTypes is not set";
}
std::string projection_overridden() { return "this view's projection overrides the one of the layer above"; }
std::string angle_is_theta_for_arc() { return "arc marks use theta, not angle; reading angle as theta"; }
std::string offset_on_continuous(std::string_view channel) {
  return std::string(channel) + "Offset dropped: " + std::string(channel) + " is continuous";
}
std::string primitive_channel(std::string_view channel, Value const& value) {
  return std::string(channel) + " is a bare value; write {\"value\": " + stringify(value) + "}";
}
std::string invalid_field_type(Value const& type) {
  return (type.string_or("") == "unknown" ? "no valid field type" : "unknown field type " + stringify(type)) +
         "; use quantitative, temporal, ordinal, nominal or geojson";
}
std::string count_is_quantitative(Value const& type, std::string_view aggregate) {
  return "type " + stringify(type) + " does not fit the aggregate " + std::string(aggregate) + "; using quantitative";
}
std::string invalid_aggregate(Value const& aggregate) {
  return "unknown aggregate " + shortened(aggregate) + "; ignored";
}
std::string color_dropped(std::string_view what) {
  return "color " + std::string(what) + " dropped: fill or stroke is given too";
}
std::string relative_band_unsupported(std::string_view channel) {
  return "a relative band size cannot be used for " + std::string(channel) + " here";
}
std::string empty_channel(std::string_view channel) {
  return std::string(channel) + " dropped: it has no field, datum, value or signal";
}
std::string line_size_varies() { return "a line cannot change its size along an aggregated field; use the trail mark"; }
std::string channel_incompatible(std::string_view channel, std::string_view mark) {
  return std::string(channel) + " dropped: it does not work with " + std::string(mark);
}
std::string unknown_channel(std::string_view channel) {
  return "unknown encoding channel \"" + std::string(channel) + "\" dropped";
}
std::string channel_should_be_discrete(std::string_view channel) {
  return std::string(channel) + " should be discrete (ordinal, nominal or binned)";
}
std::string channel_should_be_discrete_or_discretizing(std::string_view channel) {
  return std::string(channel) +
         " should be discrete (ordinal, nominal or binned) or have a discretizing scale such as threshold";
}
std::string facet_dropped() { return "facet dropped: row or column is given too"; }
std::string discrete_channel_misleading(std::string_view channel, std::string_view type) {
  return std::string(channel) + " shows categories; it does not show the order or size of a field of type " +
         std::string(type);
}
std::string range_alignment_expression(std::string_view channel) {
  return std::string(channel) + " of ranged marks cannot be an expression; ignored";
}
std::string line_with_range() { return "a line has no x2 or y2; drawing rules"; }
std::string orient_overridden(std::string_view given, std::string_view used) {
  return "orient \"" + std::string(given) + "\" overridden: the encoding asks for \"" + std::string(used) + "\"";
}
std::string scale_property_needs_color(std::string_view property) {
  return "scale property \"" + std::string(property) + "\" works for color channels only";
}
std::string relative_band_needs_band_scale() { return "a relative band size needs a band scale"; }
std::string unaggregated_unusable(std::string_view why) {
  return "domain \"unaggregated\" ignored: " + std::string(why);
}
std::string size_needs_orient(std::string_view mark) {
  return "size cannot be applied along this side of the mark " + std::string(mark);
}
std::string scale_type_for_channel(std::string_view channel, std::string_view type, std::string_view used) {
  return "scale type \"" + std::string(type) + "\" does not work for " + std::string(channel) + "; using \"" +
         std::string(used) + "\"";
}
std::string scale_type_for_field(std::string_view type, std::string_view used) {
  return "scale type \"" + std::string(type) + "\" does not fit the field's type; using \"" + std::string(used) + "\"";
}
std::string scale_property_for_type(std::string_view channel, std::string_view property, std::string_view type) {
  return "scale property \"" + std::string(property) + "\" of " + std::string(channel) +
         " dropped: it does not work with a " + std::string(type) + " scale";
}
std::string step_dropped(std::string_view channel) {
  return "the step of " + std::string(channel) + " is dropped: that side is continuous";
}
std::string conflicting_property(std::string_view property, std::string_view of) {
  return "layers disagree on " + std::string(of) + " property \"" + std::string(property) + "\"; using the first";
}
std::string conflicting_domains() { return "layers give different scale domains; using their union"; }
std::string independent_scale_independent_guide(std::string_view channel) {
  return "the scale of " + std::string(channel) + " is independent, so its axis or legend is too";
}
std::string domain_sort_dropped() {
  return "sort dropped: a domain of several fields can be sorted by count, min or max only";
}
std::string domain_sorts_conflict() {
  return "fields that share a domain have different sorts; using the natural order";
}
std::string facet_domain_guess() {
  return "independent facet scales over several fields or sources: using the first field; the view size may "
         "be off";
}
std::string legend_values_unioned(std::string_view a, std::string_view b) {
  return "the legends of " + std::string(a) + " and " + std::string(b) + " are merged; showing the values of both";
}
std::string ranged_mark_not_stacked(std::string_view channel) {
  return std::string(channel) + " is not stacked: " + std::string(channel) + "2 is given";
}
std::string stack_on_nonlinear(std::string_view type) {
  return "stacking on a " + std::string(type) + " scale is misleading";
}
std::string stack_of_nonsum(std::string_view aggregate) {
  return "stacking " + std::string(aggregate) + " values is misleading: they do not add up";
}
std::string invalid_time_part(std::string_view part, Value const& value) {
  return "invalid " + std::string(part) + " " + stringify(value);
}
std::string day_dropped() { return "day dropped: it cannot be combined with other date parts"; }
std::string errorbar_center_extent_unneeded() {
  return "center and extent are not used when the data are aggregated already";
}
std::string errorbar_center_extent(std::string_view center, std::string_view extent, std::string_view mark) {
  return "center " + std::string(center) + " is unusual with extent " + std::string(extent) + " for " +
         std::string(mark);
}
std::string composite_aggregate(std::string_view aggregate, std::string_view mark) {
  return "aggregate " + std::string(aggregate) + " dropped: " + std::string(mark) + " aggregates by itself";
}
std::string errorband_1d(std::string_view property) {
  return "an error band over one axis has no " + std::string(property);
}
std::string binned_needs_channel(std::string_view channel) {
  return std::string(channel) + " is required for data that are binned already";
}
std::string binned_only_position(std::string_view channel) {
  return "bin \"binned\" works for x and y, not for " + std::string(channel);
}
std::string threshold_needs_domain(std::string_view channel) {
  return "the threshold scale of " + std::string(channel) + " needs a domain";
}
std::string channel_type(std::string_view channel, std::string_view type) {
  return std::string(channel) + " does not fit a field of type " + std::string(type);
}
std::string wrong_shape(std::string_view property, std::string_view expected) {
  return std::string(property) + " should be " + std::string(expected);
}
std::string old_spelling(std::string_view old_name, std::string_view new_name) {
  return "\"" + std::string(old_name) + "\" is an old spelling; read as " + std::string(new_name);
}

}  // namespace cml::vega::lite::message
