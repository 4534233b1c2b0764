// Visual channels of items, and their storage: one value for all items, or one column with a cell an item.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "vega/value/table.hpp"

namespace cml::vega {

// Order is the order in scene JSON. The guides' own working channels stand at the end.
enum class Ch : std::uint8_t {
  X,
  Y,
  X2,
  Y2,
  Xc,
  Yc,
  Width,
  Height,
  Opacity,
  Fill,
  FillOpacity,
  Stroke,
  StrokeOpacity,
  StrokeWidth,
  StrokeCap,
  StrokeJoin,
  StrokeMiterLimit,
  StrokeDash,
  StrokeDashOffset,
  StrokeForeground,
  StrokeOffset,
  Blend,
  CornerRadius,
  CornerRadiusTopLeft,
  CornerRadiusTopRight,
  CornerRadiusBottomRight,
  CornerRadiusBottomLeft,
  Clip,
  ZIndex,
  Size,
  Shape,
  Path,
  ScaleX,
  ScaleY,
  Angle,
  Interpolate,
  Tension,
  Orient,
  Defined,
  StartAngle,
  EndAngle,
  PadAngle,
  InnerRadius,
  OuterRadius,
  Url,
  Image,
  Aspect,
  Smooth,
  Align,
  Baseline,
  Text,
  Limit,
  Ellipsis,
  LineBreak,
  LineHeight,
  Dir,
  Dx,
  Dy,
  Radius,
  Theta,
  Font,
  FontSize,
  FontWeight,
  FontStyle,
  FontVariant,
  Href,
  Cursor,
  Tooltip,
  Description,
  Aria,
  AriaRole,
  AriaRoleDescription,
  // Guides and layout.
  Offset,
  Position,
  TitlePadding,
  MinExtent,
  MaxExtent,
  Range,
  Translate,
  Format,
  FormatType,
  Padding,
  Anchor,
  AnchorInput,
  Auto,
  Frame,
  NoBound,
  Row,
  Column,
  IsVoronoi,
  Count
};
inline constexpr std::size_t kChannels = static_cast<std::size_t>(Ch::Count);

std::string_view channel_name(Ch channel);
std::optional<Ch> find_channel(std::string_view name);

class Channel {
 public:
  Channel() = default;
  explicit Channel(Value constant) : present_(true), constant_(std::move(constant)) {}
  explicit Channel(ColumnRef column) : present_(true), column_(std::move(column)) {}

  bool present() const { return present_; }
  bool constant() const { return !column_; }
  ColumnRef const& column() const { return column_; }
  Value at(std::size_t item) const { return column_ ? column_->at(item) : constant_; }
  Value const& constant_value() const { return constant_; }
  // The number in a cell; `fallback` where it is absent, null, undefined or no number (`item.x || 0` in the reference).
  double number(std::size_t item, double fallback) const {
    if (column_ ? column_->is_nullish_at(item) : constant_.is_nullish()) return fallback;
    double const n = column_                 ? column_->number_at(item)
                     : constant_.is_number() ? constant_.number()
                                             : constant_.to_number();
    return n == n ? n : fallback;
  }
  bool nullish(std::size_t item) const { return column_ ? column_->is_nullish_at(item) : constant_.is_nullish(); }
  void set(std::size_t item, Value value, std::size_t items);
  void gather(std::vector<std::uint32_t> const& order) {
    if (column_) column_ = column_->gather(order);
  }

 private:
  bool present_ = false;
  Value constant_;
  ColumnRef column_;
};

}  // namespace cml::vega
