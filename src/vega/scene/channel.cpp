#include "vega/scene/channel.hpp"

#include <array>
#include <unordered_map>

namespace cml::vega {
namespace {

constexpr std::array<std::string_view, kChannels> kNames{
    "x", "y", "x2", "y2", "xc", "yc", "width", "height",
    "opacity", "fill", "fillOpacity", "stroke", "strokeOpacity", "strokeWidth", "strokeCap", "strokeJoin", "strokeMiterLimit",
    "strokeDash", "strokeDashOffset", "strokeForeground", "strokeOffset", "blend",
    "cornerRadius", "cornerRadiusTopLeft", "cornerRadiusTopRight", "cornerRadiusBottomRight", "cornerRadiusBottomLeft", "clip", "zindex",
    "size", "shape", "path", "scaleX", "scaleY", "angle",
    "interpolate", "tension", "orient", "defined",
    "startAngle", "endAngle", "padAngle", "innerRadius", "outerRadius",
    "url", "image", "aspect", "smooth", "align", "baseline",
    "text", "limit", "ellipsis", "lineBreak", "lineHeight", "dir", "dx", "dy", "radius", "theta", "font", "fontSize", "fontWeight", "fontStyle", "fontVariant",
    "href", "cursor", "tooltip", "description", "aria", "ariaRole", "ariaRoleDescription",
    "offset", "position", "titlePadding", "minExtent", "maxExtent", "range", "translate", "format", "formatType", "padding", "anchor", "_anchor",
    "auto", "frame", "noBound", "row", "column", "isVoronoi"};
static_assert(!kNames.back().empty(), "a channel lacks its name");

}  // namespace

std::string_view channel_name(Ch channel) { return kNames[static_cast<std::size_t>(channel)]; }

std::optional<Ch> find_channel(std::string_view name) {
  static auto const index = [] {
    std::unordered_map<std::string_view, Ch> map;
    for (std::size_t i = 0; i < kChannels; ++i) map.emplace(kNames[i], static_cast<Ch>(i));
    return map;
  }();
  auto const found = index.find(name);
  return found == index.end() ? std::nullopt : std::optional<Ch>(found->second);
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
