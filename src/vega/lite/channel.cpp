// Table: encoding channels in the order in which Vega-Lite visits them.
#include "vega/lite/channel.hpp"

#include <array>
#include <vector>

namespace cml::vega::lite {
namespace {

constexpr std::string_view kMarks[] = {"arc",  "area", "bar",  "image", "line",   "point",  "rect",
                                       "rule", "text", "tick", "trail", "circle", "square", "geoshape"};
enum : std::uint32_t {
  kArc = 1 << 0,
  kArea = 1 << 1,
  kBar = 1 << 2,
  kImage = 1 << 3,
  kLine = 1 << 4,
  kPoint = 1 << 5,
  kRect = 1 << 6,
  kRule = 1 << 7,
  kText = 1 << 8,
  kTick = 1 << 9,
  kTrail = 1 << 10,
  kCircle = 1 << 11,
  kSquare = 1 << 12,
  kGeoshape = 1 << 13,
  kAll = (1 << 14) - 1,
  kNotGeoshape = kAll & ~kGeoshape,
  kRanged = kArea | kBar | kImage | kRect | kRule,
  kRangedIfBinned = kCircle | kPoint | kSquare | kTick | kLine | kTrail,
  kSized = kPoint | kTick | kRule | kCircle | kSquare | kBar | kText | kLine | kTrail,
  kDashed = kLine | kPoint | kTick | kRule | kCircle | kSquare | kBar | kGeoshape,
};

constexpr std::array kChannels = {
    // name, marks, marks beside binned, scale, legend, non-position, discrete range
    ChannelInfo{"x", kNotGeoshape, 0, true, false, false, false},
    ChannelInfo{"y", kNotGeoshape, 0, true, false, false, false},
    ChannelInfo{"x2", kRanged, kRangedIfBinned, false, false, false, false},
    ChannelInfo{"y2", kRanged, kRangedIfBinned, false, false, false, false},
    ChannelInfo{"theta", kText | kArc, 0, true, false, false, false},
    ChannelInfo{"theta2", kArc, 0, false, false, false, false},
    ChannelInfo{"radius", kText | kArc, 0, true, false, false, false},
    ChannelInfo{"radius2", kArc, 0, false, false, false, false},
    ChannelInfo{"longitude", kNotGeoshape, 0, false, false, false, false},
    ChannelInfo{"longitude2", kRanged, kRangedIfBinned, false, false, false, false},
    ChannelInfo{"latitude", kNotGeoshape, 0, false, false, false, false},
    ChannelInfo{"latitude2", kRanged, kRangedIfBinned, false, false, false, false},
    ChannelInfo{"xOffset", kNotGeoshape, 0, true, false, false, false},
    ChannelInfo{"yOffset", kNotGeoshape, 0, true, false, false, false},
    ChannelInfo{"color", kAll, 0, true, true, true, false},
    ChannelInfo{"fill", kAll, 0, true, true, true, false},
    ChannelInfo{"stroke", kAll, 0, true, true, true, false},
    ChannelInfo{"time", kNotGeoshape, 0, true, false, true, false},
    ChannelInfo{"opacity", kAll, 0, true, true, true, false},
    ChannelInfo{"fillOpacity", kAll, 0, true, false, true, false},
    ChannelInfo{"strokeOpacity", kAll, 0, true, false, true, false},
    ChannelInfo{"strokeWidth", kAll, 0, true, true, true, false},
    ChannelInfo{"strokeDash", kDashed, 0, true, true, true, true},
    ChannelInfo{"size", kSized, 0, true, true, true, false},
    ChannelInfo{"angle", kPoint | kSquare | kText, 0, true, false, true, false},
    ChannelInfo{"shape", kPoint | kGeoshape, 0, true, true, true, true},
    ChannelInfo{"order", kAll, 0, false, false, true, false},
    ChannelInfo{"text", kText, 0, false, false, true, true},
    ChannelInfo{"detail", kAll, 0, false, false, true, false},
    ChannelInfo{"key", kAll, 0, false, false, true, false},
    ChannelInfo{"tooltip", kAll, 0, false, false, true, true},
    ChannelInfo{"href", kAll, 0, false, false, true, true},
    ChannelInfo{"url", kImage, 0, false, false, true, true},
    ChannelInfo{"description", kAll, 0, false, false, true, true},
    ChannelInfo{"row", kAll, 0, false, false, false, true},
    ChannelInfo{"column", kAll, 0, false, false, false, true},
    ChannelInfo{"facet", kAll, 0, false, false, false, true},
};

// Vega visits polar before offset scales, unlike the unit order.
constexpr std::array<std::string_view, 18> kScaleChannels = {
    "x",    "y",       "theta",       "radius",        "xOffset",     "yOffset",    "color", "fill",  "stroke",
    "time", "opacity", "fillOpacity", "strokeOpacity", "strokeWidth", "strokeDash", "size",  "angle", "shape"};

}  // namespace

std::span<ChannelInfo const> all_channels() { return kChannels; }
std::span<ChannelInfo const> unit_channels() { return std::span(kChannels).first(kChannels.size() - 3); }
std::span<std::string_view const> scale_channels() { return kScaleChannels; }
std::span<std::string_view const> non_position_channels() {
  static std::vector<std::string_view> const list = [] {
    std::vector<std::string_view> names;
    for (auto const& c : kChannels)
      if (c.non_position) names.push_back(c.name);
    return names;
  }();
  return list;
}

ChannelInfo const* find_channel(std::string_view name) {
  for (auto const& c : kChannels)
    if (c.name == name) return &c;
  return nullptr;
}
bool is_scale_channel(std::string_view name) {
  auto const* c = find_channel(name);
  return c && c->scale;
}
bool is_non_position_channel(std::string_view name) {
  auto const* c = find_channel(name);
  return c && c->non_position;
}
bool supports_legend(std::string_view name) {
  auto const* c = find_channel(name);
  return c && c->legend;
}
bool has_discrete_range(std::string_view name) {
  auto const* c = find_channel(name);
  return c && c->discrete_range;
}
bool is_single_def_unit_channel(std::string_view c) {
  return is_channel(c) && !one_of(c, {"order", "detail", "tooltip", "row", "column", "facet"});
}

std::string_view main_range_channel(std::string_view c) {
  if (one_of(c, {"x2", "y2", "latitude2", "longitude2", "theta2", "radius2"})) return c.substr(0, c.size() - 1);
  return c;
}
std::string_view secondary_range_channel(std::string_view c) {
  for (std::string_view second : {"x2", "y2", "latitude2", "longitude2", "theta2", "radius2"})
    if (second.substr(0, second.size() - 1) == c) return second;
  return {};
}
std::string_view vg_position_channel(std::string_view c) {
  if (c == "theta") return "startAngle";
  if (c == "theta2") return "endAngle";
  if (c == "radius") return "outerRadius";
  if (c == "radius2") return "innerRadius";
  return c;
}
std::string_view size_channel(std::string_view c) {
  if (c == "x" || c == "x2") return "width";
  if (c == "y" || c == "y2") return "height";
  return {};
}
std::string_view offset_channel(std::string_view c) {
  constexpr std::pair<std::string_view, std::string_view> table[] = {
      {"x", "xOffset"},         {"y", "yOffset"},           {"x2", "x2Offset"},         {"y2", "y2Offset"},
      {"theta", "thetaOffset"}, {"radius", "radiusOffset"}, {"theta2", "theta2Offset"}, {"radius2", "radius2Offset"}};
  for (auto const& [from, to] : table)
    if (from == c) return to;
  return {};
}
std::string_view offset_scale_channel(std::string_view c) {
  if (c == "x") return "xOffset";
  if (c == "y") return "yOffset";
  return {};
}
std::string_view position_of_geo(std::string_view c) {
  if (c == "latitude") return "y";
  if (c == "latitude2") return "y2";
  if (c == "longitude") return "x";
  if (c == "longitude2") return "x2";
  return {};
}

std::span<std::string_view const> mark_names() { return kMarks; }
int mark_index(std::string_view mark) {
  for (int i = 0; i < 14; ++i)
    if (kMarks[i] == mark) return i;
  return -1;
}
MarkSupport mark_support(std::string_view channel, std::string_view mark) {
  auto const* c = find_channel(channel);
  int const i = mark_index(mark);
  if (!c || i < 0) return MarkSupport::No;
  if (c->marks >> i & 1) return MarkSupport::Always;
  return c->binned_marks >> i & 1 ? MarkSupport::Binned : MarkSupport::No;
}

}  // namespace cml::vega::lite
