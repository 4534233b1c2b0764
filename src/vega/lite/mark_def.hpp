// Marks as a specification defines them: types, styles, and properties with their configured defaults.
#pragma once

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {

struct MarkLookup {
  std::string_view vg_channel = {};
  bool ignore_vg_config = false;
};
// The mark's own property, else the styles', the mark type's, all marks'.
Value mark_prop_or_config(std::string_view channel, Value const& mark, Value const& config,
                          MarkLookup const& lookup = {});
Value mark_config(std::string_view channel, Value const& mark, Value const& config, std::string_view vg_channel = {});
Value const& mark_style_config(std::string_view property, Value const& mark, Value const& styles);
Value mark_styles(Value const& mark);  // [type, ...style]

inline bool is_mark_def(Value const& mark) { return has(mark, "type"); }
inline Value to_mark_def(Value const& mark) { return is_mark_def(mark) ? mark : Value::object({{"type", mark}}); }
inline bool is_path_mark(std::string_view m) { return one_of(m, {"line", "area", "trail"}); }
inline bool is_rect_mark(std::string_view m) { return one_of(m, {"rect", "bar", "image", "arc", "tick"}); }
inline bool is_relative_band_size(Value const& v) { return has(v, "band"); }

Value default_filled(Value const& mark, Value const& config, bool graticule);
Value init_mark_def(Context& ctx, Value const& mark, Value const& encoding, Value const& config);

Value band_position(Value const& def, Value const& def2, Value const& mark, Value const& config);
Value band_size(std::string_view channel, Value const& def, Value const& def2, Value const& mark, Value const& config,
                Value const& scale_type, bool use_vl_size_channel);
bool has_band_end(Value const& def, Value const& def2, Value const& mark, Value const& config);

// How marks and scales treat null and NaN.
enum class InvalidMode { AlwaysValid, Filter, BreakPathsFilterDomains, BreakPathsShowDomains, Show };
InvalidMode normalize_invalid_mode(Value const& mode, bool is_path);
InvalidMode scale_invalid_mode(Value const& mark, Value const& config, std::string_view channel,
                               Value const& scale_type, bool counting);
struct InvalidSources {
  bool marks_include, scales_include;
};
InvalidSources invalid_sources(Value const& mode, bool is_path);

inline constexpr std::string_view kCornerRadii[] = {"cornerRadius", "cornerRadiusTopLeft", "cornerRadiusTopRight",
                                                    "cornerRadiusBottomLeft", "cornerRadiusBottomRight"};

}  // namespace cml::vega::lite
