// The encoding channels: one row each says where a channel may stand and what it can encode.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vega/lite/js.hpp"

namespace cml::vega::lite {

struct ChannelInfo {
  std::string_view name;
  std::uint32_t marks;         // Bits of the marks that take it (mark_bit).
  std::uint32_t binned_marks;  // Only beside a "binned" primary channel.
  bool scale, legend, non_position, discrete_range;
};

std::span<ChannelInfo const> all_channels();  // Unit channels, then row, column, facet.
std::span<ChannelInfo const> unit_channels();
std::span<std::string_view const> scale_channels();
std::span<std::string_view const> non_position_channels();
inline constexpr std::string_view kPositionScaleChannels[] = {"x", "y"};
inline constexpr std::string_view kFacetChannels[] = {"row", "column", "facet"};
inline constexpr std::string_view kGeoChannels[] = {"longitude", "longitude2", "latitude", "latitude2"};

ChannelInfo const* find_channel(std::string_view name);
inline bool is_channel(std::string_view name) { return find_channel(name) != nullptr; }
bool is_scale_channel(std::string_view name);
bool is_non_position_channel(std::string_view name);
bool supports_legend(std::string_view channel);
bool has_discrete_range(std::string_view channel);
inline bool is_x_or_y(std::string_view c) { return c == "x" || c == "y"; }
inline bool is_offset_channel(std::string_view c) { return c == "xOffset" || c == "yOffset"; }
inline bool is_polar(std::string_view c) { return one_of(c, {"theta", "theta2", "radius", "radius2"}); }
inline bool is_geo(std::string_view c) { return one_of(c, {"longitude", "longitude2", "latitude", "latitude2"}); }
inline bool is_color_channel(std::string_view c) { return c == "color" || c == "fill" || c == "stroke"; }
bool is_single_def_unit_channel(std::string_view c);

std::string_view main_range_channel(std::string_view channel);  // x2 -> x
inline bool is_secondary_range_channel(std::string_view c) { return main_range_channel(c) != c; }
std::string_view secondary_range_channel(std::string_view channel);  // x -> x2; empty when there is none.
std::string_view vg_position_channel(std::string_view channel);      // theta -> startAngle
std::string_view size_channel(std::string_view channel);             // x, x2 -> width; empty when none.
std::string_view offset_channel(std::string_view channel);           // x2 -> x2Offset
std::string_view offset_scale_channel(std::string_view channel);     // x -> xOffset
std::string_view position_of_geo(std::string_view channel);          // latitude2 -> y2

enum class MarkSupport { No, Binned, Always };
MarkSupport mark_support(std::string_view channel, std::string_view mark);
std::span<std::string_view const> mark_names();  // The primitive ones.
int mark_index(std::string_view mark);           // -1: not a primitive mark.

}  // namespace cml::vega::lite
