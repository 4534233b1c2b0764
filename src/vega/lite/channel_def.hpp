// Channel definitions of an encoding: what kind they are, the Vega field they name, their title and their
// type.
#pragma once

#include "vega/lite/channel.hpp"
#include "vega/lite/context.hpp"

namespace cml::vega::lite {

inline constexpr std::string_view kSelectionId = "_vgsid_";

inline bool is_field_def(Value const& d) { return has(d, "field") || is(d["aggregate"], "count"); }
inline bool is_datum_def(Value const& d) { return has(d, "datum"); }
inline bool is_value_def(Value const& d) { return has(d, "value"); }
inline bool is_field_or_datum_def(Value const& d) { return is_field_def(d) || is_datum_def(d); }
inline bool is_typed_field_def(Value const& d) { return is_field_def(d) && has(d, "type"); }
inline bool is_conditional_def(Value const& d) { return has(d, "condition"); }
inline bool is_scale_field_def(Value const& d) { return has(d, "scale") || has(d, "sort"); }
inline bool is_position_def(Value const& d) { return has(d, "axis") || has(d, "stack") || has(d, "impute"); }
bool has_conditional_field_def(Value const& d);
bool has_conditional_field_or_datum_def(Value const& d);
bool has_conditional_value_def(Value const& d);
bool is_numeric_datum(Value const& d);
bool is_continuous_def(Value const& d);
bool is_unbinned_quantitative_def(Value const& d);
bool is_discrete_def(Value const& d);  // Refuses unknown types.
inline bool is_discrete_type(Value const& type) { return one_of(type, {"ordinal", "nominal"}); }
inline bool is_continuous_type(Value const& type) { return one_of(type, {"quantitative", "temporal"}); }
inline bool is_text(Value const& v) { return v.is_string() || (v.is_array() && v.at(0).is_string()); }

// The field definition itself or the one inside its condition; undefined when there is none.
Value const& get_field_def(Value const& d);
Value const& get_field_or_datum_def(Value const& d);

bool is_binning(Value const& bin);
bool is_binned(Value const& bin);
inline bool is_parameter_extent(Value const& extent) { return has(extent, "param"); }
Value normalize_bin(Value const& bin, std::string_view channel);
std::string bin_to_string(Value const& bin);
bool bin_requires_range(Value const& field_def, std::string_view channel);

struct FieldOptions {
  std::string_view expr = {};  // "datum" or "parent": as an expression.
  std::string_view prefix = {}, suffix = {}, bin_suffix = {};
  bool for_as = false;  // As the name of an output column.
};
std::string vg_field(Value const& field_def, FieldOptions const& options = {});
inline std::string field_name(Value const& field_def) { return field_def["field"].to_string(); }

inline bool is_sort_field(Value const& sort) { return is(sort["op"], "count") || has(sort, "field"); }
inline bool is_sort_by_encoding(Value const& sort) { return has(sort, "encoding"); }
std::string sort_array_index_field(Value const& field_def, std::string_view channel, FieldOptions options = {});
Value sort_params(Value const& order_def, FieldOptions const& options = {});

bool is_aggregate_op(Value const& op);
bool is_counting_aggregate(Value const& op);
bool is_sum_aggregate(Value const& op);
bool is_shared_domain_aggregate(Value const& op);

// The axis, legend or header that belongs to a definition; undefined when none.
Value const& guide_of(Value const& def);
Value default_title(Value const& field_def, Value const& config);
Value def_title(Value const& def, Value const& config, bool allow_disabling, bool include_default = true);
struct FormatPair {
  Value format, format_type;
};
FormatPair format_mixins(Value const& def);
bool is_temporal_field_def(Value const& def);
bool is_time_format_def(Value const& def);
bool is_custom_format_type(Value const& format_type);

Value init_channel_def(Context& ctx, Value const& def, std::string_view channel, Value const& config,
                       bool composite = false);
Value init_field_def(Context& ctx, Value const& def, std::string_view channel, bool composite = false);
Value to_field_def_base(Value const& field_def);

// A constant as expression text for comparison or domain: dates become datetime(...). Undefined when the
// plain value will do and `only_if_needed`.
struct ValueExprOptions {
  Value time_unit, type;
  bool wrap_time = false, only_if_needed = false;
};
Value value_expression(Context& ctx, Value const& v, ValueExprOptions const& options);
Value value_array(Context& ctx, Value const& def, Value const& values);

// {expr: e, ...} -> {signal: e, ...}
Value signal_ref_or_value(Value const& v);
Value replace_expr_refs(Value const& object);
Value signal_or_value_ref(Value const& v);  // -> {signal} or {value}; undefined stays.
Value signal_or_value_ref_with_condition(Value const& v);
Value signal_or_string_value(Value const& v);  // Text of an expression, or null.
std::string expr_of(Value const& v);           // The same as text; "null" for null.

}  // namespace cml::vega::lite
