// Date parts and time units: how they are named, and the expressions that build and bin dates.
#pragma once

#include <functional>
#include <optional>

#include "vega/lite/context.hpp"

namespace cml::vega::lite {

bool is_date_time(Value const& v);
std::string date_time_expression(Context& ctx, Value const& date);  // datetime(2012, 0, 1, ...) or utc(...)
double date_time_timestamp(Context& ctx, Value const& date);

bool is_local_single_time_unit(std::string_view unit);
bool is_binned_time_unit(Value const& unit);
Strings time_unit_parts(std::string_view unit);
Value normalize_time_unit(Value const& unit);  // {unit, utc, binned, ...}, or undefined.
std::string time_unit_to_string(Value const& unit);
// Truncates the field's date to the unit.
std::string time_unit_field_expression(std::string_view unit, std::string_view field);
std::string time_unit_specifier(std::string_view unit);
std::string time_format_of_unit(std::string_view unit, std::string_view field, bool utc_scale);
// Milliseconds of one unit as an expression, undefined when units differ in length in no useful way.
std::optional<std::string> duration_expression(Context& ctx, Value const& unit,
                                               std::function<std::string(std::string)> const& wrap = {});
struct DatePartStep {
  std::string part;
  double step;
};
DatePartStep date_part_and_step(std::string_view unit, double step);

}  // namespace cml::vega::lite
