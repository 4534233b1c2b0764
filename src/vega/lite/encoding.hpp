// Encodings as wholes: which channels hold, what they aggregate, and how paths are grouped.
#pragma once

#include <functional>

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {

bool channel_has_field(Value const& encoding, std::string_view channel);
bool channel_has_field_or_datum(Value const& encoding, std::string_view channel);
bool has_nested_offset_scale(Value const& encoding, std::string_view channel);
bool is_aggregated(Value const& encoding);

// The encoding of a unit: known channels that fit the mark, in channel order, with types filled in.
Value init_encoding(Context& ctx, Value const& encoding, std::string_view mark, bool filled, Value const& config);
Value normalize_encoding(Context& ctx, Value const& encoding, Value const& config);
Array field_defs(Value const& encoding);
// Calls `f` for each definition, also inside lists.
void each_channel_def(Value const& encoding, std::function<void(Value const&, std::string_view)> const& f);
// Only the field definitions (own or conditional).
void each_field_def(Value const& mapping, std::function<void(Value const&, std::string_view)> const& f);
Strings path_grouping_fields(std::string_view mark, Value const& encoding);

struct ExtractedTransforms {
  Array bins, time_units, aggregate;
  Array groupby;
  Value encoding{Object()};
};
// Pulls aggregates, bins and time units out of an encoding, so that several layers can share them.
ExtractedTransforms extract_transforms(Context& ctx, Value const& encoding, Value const& config);

struct StackBy {
  std::string channel;
  Value field_def;
};
struct Stack {
  Strings groupby_channels, groupby_fields;
  std::string field_channel;
  bool impute = false;
  std::vector<StackBy> stack_by;
  std::string offset;
};
// Which channel of the mark stacks, and how; nothing when none does.
std::unique_ptr<Stack> find_stack(Context& ctx, Value const& mark, Value const& encoding);

}  // namespace cml::vega::lite
