// Filter predicates on fields, and their composition with and, or, not.
#pragma once

#include <functional>

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {

bool is_field_predicate(Value const& p);
std::string field_predicate_expression(Context& ctx, Value const& predicate);
std::string field_valid_expression(std::string_view field, bool valid);
Value normalize_predicate(Value const& predicate);

// Applies `leaf` to every predicate below and, or, not.
Value map_logical(Value const& op, std::function<Value(Value const&)> const& leaf);
void each_logical_leaf(Value const& op, std::function<void(Value const&)> const& leaf);
std::string logical_expression(Value const& op, std::function<std::string(Value const&)> const& leaf);

}  // namespace cml::vega::lite
