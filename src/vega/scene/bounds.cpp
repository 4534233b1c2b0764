// Bounding boxes of items, after vega-scenegraph's marks. Sizes of pictures follow from them, so every rule counts.
#include "vega/scene/bounds.hpp"

#include "vega/scene/shapes.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

Bounds text_bounds(Mark const& mark, std::size_t item, TextMetrics& metrics) {
  double x = 0, y = 0;
  text_anchor(mark, item, x, y);
  double height = font_size(mark, item);
  double dx = mark.number(Ch::Dx, item);
  double const dy = mark.number(Ch::Dy, item) + baseline_offset(mark, item) - round_half_up(0.8 * height);
  double width = 0;
  auto const font = item_font(mark, item);
  auto const lines = drawn_lines(mark, item, metrics);
  if (font.size > 0)
    for (auto const& line : lines)
      if (!line.empty()) width = std::max(width, metrics.width(font, line));
  height += line_height(mark, item) * static_cast<double>(lines.size() - 1);
  Value const align = mark.value(Ch::Align, item);
  if (align.string_or("") == "center")
    dx -= width / 2;
  else if (align.string_or("") == "right")
    dx -= width;
  Bounds bounds;
  bounds.set(x + dx, y + dy, x + dx + width, y + dy + height);
  double const angle = mark.number(Ch::Angle, item);
  if (angle != 0) bounds.rotate(angle * kPi / 180, x, y);
  return bounds;
}

Bounds group_bounds(Mark const& mark, std::size_t item) {
  Bounds bounds;
  bool const clip = mark.value(Ch::Clip, item).truthy();
  double const width = or_zero(mark.number(Ch::Width, item)), height = or_zero(mark.number(Ch::Height, item));
  if (!clip && item < mark.groups.size())
    for (auto const& child : mark.groups[item].marks) bounds.join(child->bounds);
  if ((clip || width != 0 || height != 0) && !mark.value(Ch::NoBound, item).truthy())
    bounds.add(0, 0).add(width, height);
  bound_stroke(mark, item, bounds, false);
  return bounds.translate(mark.number(Ch::X, item), mark.number(Ch::Y, item));
}

}  // namespace

void bound_stroke(Mark const& mark, std::size_t item, Bounds& bounds, bool miter) {
  if (!mark.value(Ch::Stroke, item).truthy() || mark.number(Ch::Opacity, item, 1) == 0 ||
      mark.number(Ch::StrokeOpacity, item, 1) == 0)
    return;
  double const width = mark.number(Ch::StrokeWidth, item, 1);
  double e = (mark.value(Ch::StrokeCap, item).string_or("") == "square" ? std::sqrt(2.0) : 1) * width / 2;
  Value const join = mark.value(Ch::StrokeJoin, item);
  if (miter && (!join.truthy() || join.string_or("") == "miter"))
    e = std::max(e, mark.number(Ch::StrokeMiterLimit, item, 4) * width / 2);
  bounds.expand(e);
}

std::string image_url(Mark const& mark, std::size_t item) {
  Value const url = mark.value(Ch::Url, item);
  return (url.is_nullish() ? mark.value(Ch::Image, item) : url).to_string();
}

bool image_box(Mark const& mark, std::size_t item, double nw, double nh, Bounds& box) {
  bool const aspect = mark.value(Ch::Aspect, item).bool_or(true);
  Value const vw = mark.value(Ch::Width, item), vh = mark.value(Ch::Height, item);
  double const w = !vw.is_nullish()        ? vw.to_number()
                   : nw == 0               ? 0
                   : aspect && vh.truthy() ? vh.to_number() * nw / nh
                                           : nw;
  double const h = !vh.is_nullish()        ? vh.to_number()
                   : nh == 0               ? 0
                   : aspect && vw.truthy() ? vw.to_number() * nh / nw
                                           : nh;
  auto const align = mark.value(Ch::Align, item), baseline = mark.value(Ch::Baseline, item);
  double const x = mark.number(Ch::X, item) - (align.string_or("") == "center"  ? w / 2
                                               : align.string_or("") == "right" ? w
                                                                                : 0);
  double const y = mark.number(Ch::Y, item) - (baseline.string_or("") == "middle"   ? h / 2
                                               : baseline.string_or("") == "bottom" ? h
                                                                                    : 0);
  box.set(x, y, x + w, y + h);
  return w != 0 && h != 0;
}

Bounds item_bounds(Mark const& mark, std::size_t item, SceneContext& context) {
  Bounds bounds;
  double const x = mark.number(Ch::X, item), y = mark.number(Ch::Y, item);
  switch (mark.type) {
    case MarkType::Group:
      return group_bounds(mark, item);
    case MarkType::Text:
      return text_bounds(mark, item, context.text());
    case MarkType::Rect:
      bounds.set(or_zero(x), or_zero(y), or_zero(x + mark.number(Ch::Width, item, std::nan(""))),
                 or_zero(y + mark.number(Ch::Height, item, std::nan(""))));
      bound_stroke(mark, item, bounds, false);
      return bounds;
    case MarkType::Rule:
      bounds.set(or_zero(x), or_zero(y), mark.number(Ch::X2, item, or_zero(x)), mark.number(Ch::Y2, item, or_zero(y)));
      bound_stroke(mark, item, bounds, false);
      return bounds;
    case MarkType::Image: {
      double w = 0, h = 0;
      context.image_size(image_url(mark, item), w, h);
      image_box(mark, item, w, h, bounds);
      return bounds;
    }
    case MarkType::Path: {
      BoundsSink sink(mark.number(Ch::Angle, item));
      // The path is drawn at its place before turning, as Vega does it.
      if (!trace_item(mark, item, sink)) return bounds.set(0, 0, 0, 0);
      bounds = sink.bounds();
      bounds.translate(or_zero(x), or_zero(y));
      bound_stroke(mark, item, bounds, true);
      return bounds;
    }
    default: {
      BoundsSink sink(mark.number(Ch::Angle, item));
      trace_item(mark, item, sink);
      bounds = sink.bounds();
      bound_stroke(mark, item, bounds, true);
      return bounds.translate(or_zero(x), or_zero(y));
    }
  }
}

namespace {

// The usual symbol layer (circles or squares without rotation, constant stroke) in one tight loop.
bool symbol_bounds(Mark& mark) {
  auto const& shape = mark[Ch::Shape];
  auto const& stroke = mark[Ch::Stroke];
  auto const& angle = mark[Ch::Angle];
  if (shape.present() && (!shape.constant() || shape.constant_value().string_or("circle") != "circle")) return false;
  if (angle.present() || (stroke.present() && !stroke.constant())) return false;
  for (Ch c : {Ch::StrokeWidth, Ch::StrokeCap, Ch::StrokeJoin, Ch::StrokeMiterLimit, Ch::StrokeOpacity, Ch::Opacity})
    if (mark[c].present() && !mark[c].constant()) return false;
  Bounds unit;
  unit.set(0, 0, 0, 0);
  bound_stroke(mark, 0, unit, true);
  double const e = unit.x2;
  for (std::size_t i = 0; i < mark.count; ++i) {
    double const r = std::sqrt(mark.number(Ch::Size, i, 64)) / 2, x = or_zero(mark.number(Ch::X, i)),
                 y = or_zero(mark.number(Ch::Y, i));
    Bounds b;
    if (!std::isnan(r)) b.set(x - r, y - r, x + r, y + r).expand(e);
    mark.item_bounds[i] = b;
    mark.bounds.join(b);
  }
  return true;
}

}  // namespace

void compute_bounds(Mark& mark, SceneContext& context) {
  mark.bounds.clear();
  if (is_nested(mark.type)) {
    if (mark.count > 0) {
      BoundsSink sink;
      trace_nested(mark, sink);
      mark.bounds = sink.bounds();
      bound_stroke(mark, 0, mark.bounds, true);
    }
    mark.item_bounds.assign(1, mark.bounds);
  } else {
    mark.item_bounds.assign(mark.count, Bounds());
    if (!(mark.type == MarkType::Symbol && symbol_bounds(mark)))
      for (std::size_t i = 0; i < mark.count; ++i)
        mark.bounds.join(mark.item_bounds[i] = item_bounds(mark, i, context));
  }
  if (!mark.clip.path.empty()) {
    BoundsSink sink;
    bool ok = false;
    auto const path = parse_path(mark.clip.path, ok);
    if (ok) draw_path(sink, path, 0, 0, 1, 1);
    mark.bounds.intersect(sink.bounds());
  } else if (mark.clip.group && mark.parent) {
    Bounds box;
    box.set(0, 0, mark.parent->number(Ch::Width, mark.parent_item), mark.parent->number(Ch::Height, mark.parent_item));
    mark.bounds.intersect(box);
  }
}

}  // namespace cml::vega
