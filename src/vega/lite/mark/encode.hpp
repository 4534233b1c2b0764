// The encoding of marks: how each channel becomes entries of Vega's `encode.update`.
#pragma once

#include <functional>

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

// Fields, values and conditions of one channel; `main` gives the value reference of one definition.
Value wrap_condition(Model& model, Value const& def, std::string_view vg_channel,
                     std::function<Value(Value const&)> const& main, Value const& invalid_ref = {});
// Entries of an axis' or legend's own `encoding`.
Value guide_encode_entry(Model& model, Value const& encoding);

struct NonPosition {
  std::string_view vg_channel = {};
  Value default_value = {}, default_ref = {};
};
Value non_position(Model& model, std::string_view channel, NonPosition const& options = {});
Value color_encode(Model& model, Value const& filled = {});
Value text_encode(Model& model, std::string_view channel);
Value tooltip_encode(Model& model, bool reactive = false);
Value aria_encode(Model& model);
Value z_index_encode(Model& model);
Value defined_encode(Model& model);  // Where paths break.

// What every mark has; properties of the mark named in `ignore` are left out.
Value base_encode(Model& model, std::initializer_list<std::string_view> ignore, bool include_color = true);

struct MidPoint {
  std::string_view channel;
  Value def, def2;
  std::string scale_name;
  ScaleComponent* scale = nullptr;
  Stack const* stack = nullptr;
  Value offset, band_position;
  std::function<Value()> default_ref = {};
};
Value mid_point(Model& model, MidPoint params);
Value mid_point_with_invalid_test(Model& model, MidPoint const& params);
Value invalid_value_ref(Model& model, std::string_view scale_channel, Value const& def, ScaleComponent* scale,
                        std::string const& scale_name);
Value value_ref_for_def(Context& ctx, Value const& def, std::string const& scale_name, FieldOptions const& options,
                        Value const& offset = {}, Value const& band = {});
struct Interpolated {
  Value def, def2;
  std::string scale_name;
  Value offset, band_position = 0.5;
  std::string_view start_suffix = {}, end_suffix = "end";
};
Value interpolated_ref(Interpolated const& params);
Value scaled_zero_or_bound(ScaleComponent* scale, std::string const& scale_name, bool low);

enum class DefaultPosition { None, ZeroOrMin, ZeroOrMax, Mid };
Value point_position(Model& model, std::string_view channel, DefaultPosition fallback,
                     std::string_view vg_channel = {});
Value point_or_range_position(Model& model, std::string_view channel, DefaultPosition fallback, bool range);
Value range_position(Model& model, std::string_view channel, DefaultPosition first, DefaultPosition second);
Value rect_position(Model& model, std::string_view channel);
Value width_height_ref(std::string_view channel, Value const& value);
struct PositionOffset {
  Value offset;
  bool from_encoding = false;
};
PositionOffset position_offset(Model& model, std::string_view channel, Value const& band_position = {});
std::function<Value()> default_position(Model& model, DefaultPosition fallback, std::string_view channel,
                                        std::string const& scale_name, ScaleComponent* scale);

// --- Marks: one file and one row each. ---
struct MarkType {
  std::string_view name, vg_mark;
  Value (*encode)(Model& model);
  Array (*transform)(Model& model) = nullptr;  // After encoding.
};
MarkType const& mark_type_of(Model const& model);
void parse_mark_group(Model& model);

}  // namespace cml::vega::lite
