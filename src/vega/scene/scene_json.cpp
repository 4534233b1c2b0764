#include <cmath>

#include "vega/scene/scene.hpp"
#include "vega/value/json.hpp"

namespace cml::vega {
namespace {

// Members of a scene item in the reference's JSON, by its own list (fill and stroke gradients appear as they are).
constexpr Ch kItemChannels[] = {Ch::Clip,
                                Ch::ZIndex,
                                Ch::X,
                                Ch::Y,
                                Ch::Width,
                                Ch::Height,
                                Ch::Align,
                                Ch::Baseline,
                                Ch::Fill,
                                Ch::FillOpacity,
                                Ch::Opacity,
                                Ch::Blend,
                                Ch::Stroke,
                                Ch::StrokeOpacity,
                                Ch::StrokeWidth,
                                Ch::StrokeCap,
                                Ch::StrokeDash,
                                Ch::StrokeDashOffset,
                                Ch::StrokeForeground,
                                Ch::StrokeOffset,
                                Ch::StartAngle,
                                Ch::EndAngle,
                                Ch::InnerRadius,
                                Ch::OuterRadius,
                                Ch::CornerRadius,
                                Ch::PadAngle,
                                Ch::CornerRadiusTopLeft,
                                Ch::CornerRadiusTopRight,
                                Ch::CornerRadiusBottomLeft,
                                Ch::CornerRadiusBottomRight,
                                Ch::Interpolate,
                                Ch::Tension,
                                Ch::Orient,
                                Ch::Defined,
                                Ch::Url,
                                Ch::Aspect,
                                Ch::Smooth,
                                Ch::Path,
                                Ch::ScaleX,
                                Ch::ScaleY,
                                Ch::X2,
                                Ch::Y2,
                                Ch::Size,
                                Ch::Shape,
                                Ch::Text,
                                Ch::Angle,
                                Ch::Theta,
                                Ch::Radius,
                                Ch::Dir,
                                Ch::Dx,
                                Ch::Dy,
                                Ch::Ellipsis,
                                Ch::Limit,
                                Ch::LineBreak,
                                Ch::LineHeight,
                                Ch::Font,
                                Ch::FontSize,
                                Ch::FontWeight,
                                Ch::FontStyle,
                                Ch::FontVariant,
                                Ch::Description,
                                Ch::Aria,
                                Ch::AriaRole,
                                Ch::AriaRoleDescription};

Value mark_json(Mark const& mark) {
  Object out;
  out["marktype"] = Value(mark_type_name(mark.type));
  if (!mark.name.empty()) out["name"] = Value(mark.name);
  out["role"] = Value(mark.role);
  out["interactive"] = mark.interactive;
  if (mark.clip.group || !mark.clip.path.empty())
    out["clip"] = true;
  else
    out["clip"] = false;
  out["zindex"] = mark.zindex;
  Array items;
  for (std::size_t i = 0; i < mark.count; ++i) {
    Object item;
    if (mark.type == MarkType::Group) {
      Array children;
      for (auto const& child : mark.groups[i].marks) children.push_back(mark_json(*child));
      item["items"] = Value(std::move(children));
    }
    for (Ch c : kItemChannels) {
      if (mark.type == MarkType::Shape && c == Ch::Shape) continue;  // A function in the reference.
      Value v = mark.value(c, i);
      if (v.defined()) item[channel_name(c)] = std::move(v);
    }
    items.push_back(Value(std::move(item)));
  }
  out["items"] = Value(std::move(items));
  if (mark.aria.defined()) out["aria"] = mark.aria;
  if (!mark.aria_description.empty()) out["description"] = Value(mark.aria_description);
  return out;
}

}  // namespace

std::string scene_to_json(Scene const& scene, int indent) { return to_json(mark_json(*scene.root), indent); }

}  // namespace cml::vega
