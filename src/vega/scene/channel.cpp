#include "vega/scene/channel.hpp"

#include <array>

namespace cml::vega {
namespace {

constexpr std::array<std::string_view, kChannels> kNames{"x",
                                                         "y",
                                                         "x2",
                                                         "y2",
                                                         "xc",
                                                         "yc",
                                                         "width",
                                                         "height",
                                                         "opacity",
                                                         "fill",
                                                         "fillOpacity",
                                                         "stroke",
                                                         "strokeOpacity",
                                                         "strokeWidth",
                                                         "strokeCap",
                                                         "strokeJoin",
                                                         "strokeMiterLimit",
                                                         "strokeDash",
                                                         "strokeDashOffset",
                                                         "strokeForeground",
                                                         "strokeOffset",
                                                         "blend",
                                                         "cornerRadius",
                                                         "cornerRadiusTopLeft",
                                                         "cornerRadiusTopRight",
                                                         "cornerRadiusBottomRight",
                                                         "cornerRadiusBottomLeft",
                                                         "clip",
                                                         "zindex",
                                                         "size",
                                                         "shape",
                                                         "path",
                                                         "scaleX",
                                                         "scaleY",
                                                         "angle",
                                                         "interpolate",
                                                         "tension",
                                                         "orient",
                                                         "defined",
                                                         "startAngle",
                                                         "endAngle",
                                                         "padAngle",
                                                         "innerRadius",
                                                         "outerRadius",
                                                         "url",
                                                         "image",
                                                         "aspect",
                                                         "smooth",
                                                         "align",
                                                         "baseline",
                                                         "text",
                                                         "limit",
                                                         "ellipsis",
                                                         "lineBreak",
                                                         "lineHeight",
                                                         "dir",
                                                         "dx",
                                                         "dy",
                                                         "radius",
                                                         "theta",
                                                         "font",
                                                         "fontSize",
                                                         "fontWeight",
                                                         "fontStyle",
                                                         "fontVariant",
                                                         "href",
                                                         "cursor",
                                                         "tooltip",
                                                         "description",
                                                         "aria",
                                                         "ariaRole",
                                                         "ariaRoleDescription",
                                                         "offset",
                                                         "position",
                                                         "titlePadding",
                                                         "minExtent",
                                                         "maxExtent",
                                                         "range",
                                                         "translate",
                                                         "format",
                                                         "formatType",
                                                         "padding",
                                                         "anchor",
                                                         "_anchor",
                                                         "auto",
                                                         "frame",
                                                         "noBound",
                                                         "row",
                                                         "column",
                                                         "isVoronoi"};
static_assert(!kNames.back().empty(), "a channel lacks its name");

// An open-addressed hash of the names, so far from full that most are found at once.
constexpr std::size_t kSlots = 512;
constexpr std::size_t slot_of(std::string_view name) {
  std::size_t hash = name.size();
  for (std::size_t at : {std::size_t{0}, name.size() / 2, name.size() - 1})
    hash = hash * 31 + static_cast<unsigned char>(name[at]);
  return hash % kSlots;
}
constexpr auto kIndex = [] {
  std::array<Ch, kSlots> index{};
  index.fill(Ch::Count);
  for (std::size_t c = 0; c < kChannels; ++c) {
    auto slot = slot_of(kNames[c]);
    while (index[slot] != Ch::Count) slot = (slot + 1) % kSlots;
    index[slot] = static_cast<Ch>(c);
  }
  return index;
}();

}  // namespace

std::string_view channel_name(Ch channel) { return kNames[static_cast<std::size_t>(channel)]; }

std::optional<Ch> find_channel(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (auto slot = slot_of(name); kIndex[slot] != Ch::Count; slot = (slot + 1) % kSlots)
    if (channel_name(kIndex[slot]) == name) return kIndex[slot];
  return std::nullopt;
}

void Channel::set(std::size_t item, Value value, std::size_t items) {
  present_ = true;
  if (!column_ && items == 1) {
    constant_ = std::move(value);
    return;
  }
  std::vector<Value> cells(items);
  for (std::size_t i = 0; i < items; ++i) cells[i] = at(i);
  cells[item] = std::move(value);
  column_ = Column::of_values(std::move(cells));
}

}  // namespace cml::vega
