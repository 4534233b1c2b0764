// Normalization: whatever shorthand a specification uses becomes plain unit, layer, facet and concat views.
#pragma once

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {

// What descends with the walk over nested views.
struct NormalizeParams {
  Value config;
  Value repeater;  // {row, column, repeat, layer}; undefined outside of repeats.
  std::string repeater_prefix;
  Value parent_encoding, parent_projection;
};

// The whole specification, with `autosize` settled.
Value normalize(Context& ctx, Value const& spec, Value const& config);

// The steps.
Value annotate_paths(Context& ctx, Value const& spec, std::string const& path, int depth);
Value normalize_old_spellings(Context& ctx, Value const& spec);
Value normalize_old_config(Context& ctx, Value config);
Value normalize_selection_compat(Context& ctx, Value const& spec);
Value normalize_core(Context& ctx, Value const& spec, NormalizeParams const& params);
Value normalize_layer_or_unit(Context& ctx, Value const& spec, NormalizeParams const& params);
Value normalize_top_level_selections(Context& ctx, Value const& spec);

// Unit normalizers: each says whether it applies and gives the view that stands for it.
struct UnitNormalizer {
  bool (*matches)(Value const& spec, Value const& config);
  Value (*run)(Context& ctx, Value const& spec, NormalizeParams const& params);
};
extern UnitNormalizer const kBoxplotNormalizer, kErrorbarNormalizer, kErrorbandNormalizer, kPathOverlayNormalizer,
    kRangedLineNormalizer;

// Repeaters.
Value replace_repeater_in_facet(Context& ctx, Value const& facet, Value const& repeater);
Value replace_repeater_in_encoding(Context& ctx, Value const& encoding, Value const& repeater);

inline std::string_view mark_type(Value const& mark) { return (has(mark, "type") ? mark["type"] : mark).string_or(""); }
inline bool is_facet_mapping(Value const& facet) { return has(facet, "row") || has(facet, "column"); }
[[noreturn]] void fail_invalid_view(Context& ctx, Value const& spec);

}  // namespace cml::vega::lite
