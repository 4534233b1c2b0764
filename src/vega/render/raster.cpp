// Scene to pixels with cairo, item by item as vega-scenegraph's canvas renderer draws: no group compositing, alpha per
// item, fills before strokes.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "vega/render/box.hpp"
#include "vega/render/canvas_style.hpp"
#include "vega/render/cairo_sink.hpp"
#include "vega/render/color_glyph.hpp"
#include "vega/render/disc.hpp"
#include "vega/render/document_text.hpp"
#include "vega/render/fill.hpp"
#include "vega/render/painter.hpp"
#include "vega/render/stroke.hpp"
#include "vega/render/trail.hpp"
#include "vega/scene/shapes.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

// Where an outline's own coordinates lie in the group's: turned by an angle in radians, then moved.
struct Placement {
  double x = 0, y = 0, angle = 0;
};

class Painter {
 public:
  Painter(cairo_t* cr, Pixels pixels, double resolution, FontSet& fonts, Images& images)
      : cr_(cr), sink_(cr), emoji_(cr), pixels_(pixels), resolution_(resolution), fonts_(fonts), images_(images) {}

  // Text as glyphs, and links; for a canvas that is no picture.
  void write_document() { document_.emplace(cr_, fonts_); }

  void mark(Mark const& m) {
    if (m.count == 0) return;
    bool const clipped = m.clip.group || !m.clip.path.empty();
    auto const before = pixels_;
    bool hard = false;
    if (clipped) {
      cairo_save(cr_);
      cairo_new_path(cr_);
      hard = true;
      if (!m.clip.path.empty()) {
        bool ok = false;
        auto const path = parse_path(m.clip.path, ok);
        if (ok) draw_path(sink_, path, 0, 0, 1, 1);
      } else if (m.parent) {
        trace_group(*m.parent, m.parent_item, 0, 0, sink_);
        hard = !narrow(*m.parent, m.parent_item);
      }
      cairo_clip(cr_);
      clips_ += hard;
    }
    if (m.type == MarkType::Group)
      groups(m);
    else if (is_nested(m.type))
      nested(m);
    else
      items(m);
    if (clipped) cairo_restore(cr_);
    clips_ -= hard;
    pixels_ = before;
  }

 private:
  double opacity(Mark const& m, std::size_t i) const { return m.number(Ch::Opacity, i, 1); }

  template <class Each>
  static void in_order(Mark const& m, Each each) {
    auto const order = m.draw_order();
    if (order.empty())
      for (std::size_t i = 0; i < m.count; ++i) each(i);
    else
      for (auto i : order) each(i);
  }

  // Keeps what is painted without cairo within a group. False: the group is no box of whole pixels.
  bool narrow(Mark const& group, std::size_t i) {
    BoxSink sink;
    trace_group(group, i, 0, 0, sink);
    auto const box = sink.box() ? device(*sink.box()) : std::nullopt;
    if (!box || !box->whole()) return false;
    auto const within = [](double v, int low, int high) {
      return static_cast<int>(std::lround(std::clamp(v, static_cast<double>(low), static_cast<double>(high))));
    };
    pixels_.left = within(box->left, pixels_.left, pixels_.right),
    pixels_.right = within(box->right, pixels_.left, pixels_.right);
    pixels_.top = within(box->top, pixels_.top, pixels_.bottom),
    pixels_.bottom = within(box->bottom, pixels_.top, pixels_.bottom);
    return true;
  }
  // None where it is turned.
  std::optional<PixelBox> device(PixelBox const& box) const {
    cairo_matrix_t t;
    cairo_get_matrix(cr_, &t);
    if (t.xy != 0 || t.yx != 0) return {};
    return PixelBox{t.xx * box.left + t.x0, t.yy * box.top + t.y0, t.xx * box.right + t.x0, t.yy * box.bottom + t.y0};
  }

  void blend(Mark const& m, std::size_t i) {
    if (m[Ch::Blend].present())
      cairo_set_operator(cr_, blend_operator(m.value(Ch::Blend, i).string_or("")));
    else
      cairo_set_operator(cr_, CAIRO_OPERATOR_OVER);
  }

  Rgb const* color(std::string_view text) {
    auto const found = colors_.find(std::string(text));
    if (found != colors_.end()) return found->second ? &*found->second : nullptr;
    auto const& added = colors_.emplace(std::string(text), parse_color(text)).first->second;
    return added ? &*added : nullptr;
  }

  // A colour as the canvas takes it: an unknown one leaves the fill style as it was, and black is its initial one.
  SolidColor solid(Value const& value, double alpha) {
    auto const* c = value.is_string() ? color(value.string()) : nullptr;
    return solid_color(c ? *c : Rgb{0, 0, 0, 1}, alpha);
  }
  // Sets cairo's source from a colour or gradient. False when nothing would show.
  bool paint(Value const& value, double alpha, Bounds const& box) {
    if (value.is_object()) return gradient(value, alpha, box);
    auto const c = solid(value, alpha);
    if (!(c.a > 0)) return false;
    cairo_set_source_rgba(cr_, c.r, c.g, c.b, c.a);
    return true;
  }
  bool gradient(Value const& g, double alpha, Bounds const& box) {
    cairo_pattern_t* const pattern = gradient_pattern(g, alpha, box);
    cairo_set_source(cr_, pattern);
    cairo_pattern_destroy(pattern);
    return true;
  }

  // Every dash is a small outline. cairo cuts what it draws to 2^23 pixels.
  void count_dashes(Mark const& m, std::size_t i, double length) {
    auto const box = box_of(m, i);
    double const around = 2 * std::clamp(or_zero(box.width()) + or_zero(box.height()), 0.0, 1e7);
    budget::steps(std::fmin(around / length, 1e9) * 50);
  }
  Bounds box_of(Mark const& m, std::size_t i) const {
    return is_nested(m.type) ? m.bounds : i < m.item_bounds.size() ? m.item_bounds[i] : Bounds();
  }
  bool set_fill(Mark const& m, std::size_t i, double item_opacity) {
    Value const fill = m.value(Ch::Fill, i);
    if (!fill.truthy()) return false;
    double const alpha = item_opacity * m.number(Ch::FillOpacity, i, 1);
    return alpha > 0 && paint(fill, alpha, box_of(m, i));
  }
  bool set_stroke(Mark const& m, std::size_t i, double item_opacity) {
    Value const stroke = m.value(Ch::Stroke, i);
    if (!stroke.truthy()) return false;
    auto const style = stroke_style(m, i);
    double const alpha = item_opacity * m.number(Ch::StrokeOpacity, i, 1);
    if (style.width == 0 || !(alpha > 0) || !paint(stroke, alpha, box_of(m, i))) return false;
    if (!style.dashes.empty()) {
      double total = 0;
      for (double length : style.dashes) total += length;
      count_dashes(m, i, total / static_cast<double>(style.dashes.size()));
    }
    set_stroke_style(cr_, style);
    return true;
  }

  // cairo sweeps the box of what it paints, and blends pixel by pixel.
  void count_area(Mark const& m, std::size_t i) {
    auto const box = box_of(m, i);
    double x = box.width(), y = box.height();
    cairo_user_to_device_distance(cr_, &x, &y);
    auto const side = [](double length, int most) {
      return std::clamp(or_zero(std::fabs(length)) + 2, 2.0, most + 2.0);
    };
    budget::steps(2000 + side(x, pixels_.width) * side(y, pixels_.height) * (m[Ch::Blend].present() ? 20 : 2));
  }
  // Fills and strokes cairo's path and uses it up.
  void paint_path(Mark const& m, std::size_t i, double alpha, bool fill, bool stroke) {
    count_area(m, i);
    blend(m, i);
    if (fill && set_fill(m, i, alpha)) cairo_fill_preserve(cr_);
    if (stroke && set_stroke(m, i, alpha)) cairo_stroke_preserve(cr_);
    cairo_new_path(cr_);
  }

  bool strokes(Mark const& m, std::size_t i) const {
    return m.value(Ch::Stroke, i).truthy() && m.number(Ch::StrokeWidth, i, 1) > 0;
  }

  // From an outline's own coordinates to pixels.
  cairo_matrix_t matrix_of(Placement const& at) const {
    cairo_matrix_t t;
    cairo_get_matrix(cr_, &t);
    if (at.x != 0 || at.y != 0) cairo_matrix_translate(&t, at.x, at.y);
    if (at.angle != 0 && std::isfinite(at.angle)) cairo_matrix_rotate(&t, at.angle);
    return t;
  }

  // The colour of a fill that needs no cairo (alpha 0: nothing shows); none for a gradient, or where pictures are
  // clipped or blended.
  std::optional<SolidColor> plain_fill(Mark const& m, std::size_t i, double alpha) {
    if (resolution_ == 0 || clips_ > 0 || m[Ch::Blend].present()) return {};
    Value const fill = m.value(Ch::Fill, i);
    if (fill.is_object()) return {};
    return fill.truthy() ? solid(fill, alpha * m.number(Ch::FillOpacity, i, 1)) : SolidColor{0, 0, 0, 0};
  }
  // Fills what `trace` draws without cairo. False: only cairo can do it, or it is too large to be quicker here.
  template <class Trace>
  bool fill_outline(Mark const& m, std::size_t i, double alpha, Trace trace, Placement const& at) {
    auto const color = plain_fill(m, i, alpha);
    if (!color) return false;
    if (!(color->a > 0)) return true;
    auto const t = matrix_of(at);
    // The pieces of a trail overlap along their edges, which would count twice there.
    if (m.type == MarkType::Trail)
      return t.xy == 0 && t.yx == 0 && t.xx == t.yy &&
             paint_trail(coverage_, m, {t.xx, t.yx, t.xy, t.yy, t.x0, t.y0}, pixels_, *color);
    fill_.start({t.xx, t.yx, t.xy, t.yy, t.x0, t.y0});
    trace(fill_);
    return fill_.paint(pixels_, *color);
  }
  // Draws a line of upright text letter by letter. False: it has something that only outlines can do.
  bool letters(Mark const& m, std::size_t i, double alpha, Font const& font, std::string_view line, double x,
               double y) {
    auto const color = plain_fill(m, i, alpha);
    cairo_matrix_t t;
    cairo_get_matrix(cr_, &t);
    if (!color || strokes(m, i) || t.xy != 0 || t.yx != 0) return false;
    return fonts_.paint(font, t.xx, line, t.xx * x + t.x0, t.yy * y + t.y0, pixels_, *color);
  }
  bool glyphs(Mark const& m, std::size_t i, double alpha, Font const& font, std::string_view line, double x, double y) {
    if (!document_ || strokes(m, i)) return false;
    blend(m, i);
    if (set_fill(m, i, alpha)) document_->show(font, line, x, y);
    return true;
  }
  // What the letters of a line have in colours of their own.
  void colored(Mark const& m, std::size_t i, double alpha, Font const& font, std::string_view line, double x,
               double y) {
    Value const fill = m.value(Ch::Fill, i);
    if (!fill.truthy()) return;
    auto const color = solid(fill, alpha * m.number(Ch::FillOpacity, i, 1));
    fonts_.each_colored(font, line, [&](Face& face, ShapedGlyph const& glyph) {
      blend(m, i);
      emoji_.draw(face, glyph.index, font.size, x + glyph.x, y + glyph.y, color);
    });
  }
  // Strokes what `trace` draws without cairo, or through cairo's blending and clipping where they are needed. False:
  // only cairo can do it.
  template <class Trace>
  bool stroke_outline(Mark const& m, std::size_t i, double alpha, Trace trace, Placement const& at) {
    cairo_matrix_t t;  // Widths and dashes are the group's.
    cairo_get_matrix(cr_, &t);
    if (resolution_ == 0 || t.xy != 0 || t.yx != 0 || t.xx != t.yy || !(t.xx > 0)) return false;
    auto style = stroke_style(m, i).scaled(t.xx);
    if (!(style.width > 0)) return true;
    Value const stroke = m.value(Ch::Stroke, i);
    double const stroke_alpha = alpha * m.number(Ch::StrokeOpacity, i, 1);
    auto const placed = matrix_of(at);
    stroke_.start({placed.xx, placed.yx, placed.xy, placed.yy, placed.x0, placed.y0}, std::move(style));
    if (clips_ == 0 && !m[Ch::Blend].present() && !stroke.is_object()) {
      auto const color = solid(stroke, stroke_alpha);
      if (!(color.a > 0)) return true;
      trace(stroke_);
      return stroke_.paint(pixels_, color);
    }
    if (!(stroke_alpha > 0)) return true;
    trace(stroke_);
    Mask mask;
    if (!stroke_.mask(pixels_, mask)) return false;
    if (mask.width > 0 && mask.height > 0) paint_through(m, i, mask, stroke, stroke_alpha);
    return true;
  }
  void paint_through(Mark const& m, std::size_t i, Mask const& mask, Value const& color, double alpha) {
    count_area(m, i);
    SurfacePointer const surface(cairo_image_surface_create(CAIRO_FORMAT_A8, mask.width, mask.height));
    auto* const data = cairo_image_surface_get_data(surface.get());
    if (!data || !paint(color, alpha, box_of(m, i))) return;
    auto const stride = cairo_image_surface_get_stride(surface.get());
    for (int row = 0; row < mask.height; ++row)
      std::copy_n(mask.coverage.data() + static_cast<std::ptrdiff_t>(row) * mask.width, mask.width,
                  data + static_cast<std::ptrdiff_t>(row) * stride);
    cairo_surface_mark_dirty(surface.get());
    blend(m, i);
    cairo_save(cr_);
    cairo_identity_matrix(cr_);
    cairo_mask_surface(cr_, surface.get(), mask.left, mask.top);
    cairo_restore(cr_);
  }

  // Fills and strokes an outline; `trace` draws it into a sink.
  template <class Trace>
  void outline(Mark const& m, std::size_t i, Trace trace, Placement const& at = {}, bool fill = true,
               bool stroke = true) {
    double const alpha = opacity(m, i);
    auto const by_cairo = [&](bool fills) {
      cairo_matrix_t before;  // Widths, dashes and gradients are the group's.
      cairo_get_matrix(cr_, &before);
      auto const placed = matrix_of(at);
      cairo_set_matrix(cr_, &placed);
      cairo_new_path(cr_);
      trace(sink_);
      cairo_set_matrix(cr_, &before);
      paint_path(m, i, alpha, fills, !fills);
    };
    if (fill && m.value(Ch::Fill, i).truthy() && !fill_outline(m, i, alpha, trace, at)) by_cairo(true);
    if (stroke && strokes(m, i) && !stroke_outline(m, i, alpha, trace, at)) by_cairo(false);
  }

  // What `draw` draws leads to the item's address.
  template <class Draw>
  void linked(Mark const& m, std::size_t i, Draw draw) {
    auto const link = document_ && m[Ch::Href].present() ? link_attributes(m.value(Ch::Href, i).string_or("")) : "";
    if (!link.empty()) cairo_tag_begin(cr_, CAIRO_TAG_LINK, link.c_str());
    draw();
    if (!link.empty()) cairo_tag_end(cr_, CAIRO_TAG_LINK);
  }

  void nested(Mark const& m) {
    linked(m, 0, [&] { nested_outline(m); });
  }
  void nested_outline(Mark const& m) {
    if (opacity(m, 0) == 0) return;
    outline(m, 0, [&](PathSink& sink) { trace_nested(m, sink); });
  }

  void items(Mark const& m) {
    budget::steps(150 * m.count);
    in_order(m, [&](std::size_t i) { linked(m, i, [&] { item(m, i); }); });
  }
  void item(Mark const& m, std::size_t i) {
    switch (m.type) {
      case MarkType::Text:
        return text(m, i);
      case MarkType::Rule:
        return rule(m, i);
      case MarkType::Image:
        return image(m, i);
      default:
        return path(m, i);
    }
  }

  // Draws a plain circle symbol without a path. False: it has something that only cairo can do (or nothing at all).
  bool circle(Mark const& m, std::size_t i) {
    if (m.type != MarkType::Symbol || clips_ > 0 || resolution_ == 0 || m[Ch::Blend].present() ||
        m[Ch::StrokeDash].present())
      return false;
    if (m[Ch::Shape].present() && m.value(Ch::Shape, i).string_or("") != "circle") return false;
    double const radius = std::sqrt(m.number(Ch::Size, i, 64)) / 2 * resolution_;
    double x = m.number(Ch::X, i), y = m.number(Ch::Y, i);
    if (!std::isfinite(x) || !std::isfinite(y) || !(radius >= kSmallestDisc) || radius > 100) return false;
    Value const fill = m.value(Ch::Fill, i), stroke = m.value(Ch::Stroke, i);
    if (fill.is_object() || stroke.is_object()) return false;
    double const alpha = opacity(m, i), half = stroke.truthy() ? m.number(Ch::StrokeWidth, i, 1) * resolution_ / 2 : 0;
    if (half > 0 && radius - half < kSmallestDisc) return false;
    budget::steps(100 + 3 * (radius + half) * (radius + half));
    cairo_user_to_device(cr_, &x, &y);
    if (fill.truthy())
      if (auto const c = solid(fill, alpha * m.number(Ch::FillOpacity, i, 1)); c.a > 0)
        paint_ring(pixels_, x, y, radius, 0, c);
    if (half > 0)
      if (auto const c = solid(stroke, alpha * m.number(Ch::StrokeOpacity, i, 1)); c.a > 0)
        paint_ring(pixels_, x, y, radius + half, radius - half, c);
    return true;
  }

  void path(Mark const& m, std::size_t i) {
    if (opacity(m, i) == 0 || circle(m, i)) return;
    bool const moved = m.type != MarkType::Rect;
    Placement const at =
        moved ? Placement{m.number(Ch::X, i), m.number(Ch::Y, i), m.number(Ch::Angle, i) * kPi / 180} : Placement{};
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) return;
    if (moved)
      return outline(
          m, i, [&](PathSink& sink) { trace_item(m, i, sink); }, at);
    box(m, i, true, true, [&](PathSink& sink) { trace_item(m, i, sink); });
  }

  // The colour and width of a stroke that needs no cairo: straight ends and corners, no dashes (width 0: nothing
  // shows).
  struct Line {
    SolidColor color;
    double width;
  };
  std::optional<Line> plain_line(Mark const& m, std::size_t i, double alpha) {
    Value const stroke = m.value(Ch::Stroke, i);
    if (!stroke.truthy()) return Line{{0, 0, 0, 0}, 0};
    if (resolution_ == 0 || clips_ > 0 || stroke.is_object()) return {};
    for (Ch c : {Ch::Blend, Ch::StrokeDash, Ch::StrokeCap, Ch::StrokeJoin, Ch::StrokeMiterLimit})
      if (m[c].present()) return {};
    auto const color = solid(stroke, alpha * m.number(Ch::StrokeOpacity, i, 1));
    double const width = m.number(Ch::StrokeWidth, i, 1);
    return Line{color, color.a > 0 && width > 0 ? width : 0};
  }
  // Fills and strokes what is mostly a box.
  template <class Trace>
  void box(Mark const& m, std::size_t i, bool fill, bool stroke, Trace trace) {
    double const alpha = opacity(m, i);
    if (alpha == 0) return;
    BoxSink sink;
    trace(sink);
    auto const shape = sink.box() ? device(*sink.box()) : std::nullopt;
    auto const color = !shape ? std::nullopt : fill ? plain_fill(m, i, alpha) : SolidColor{0, 0, 0, 0};
    auto const line = !color ? std::nullopt : stroke ? plain_line(m, i, alpha) : Line{{0, 0, 0, 0}, 0};
    if (!line) return outline(m, i, trace, {}, fill, stroke);
    auto const within = [](double from, double to, int least, int most) {
      return std::fmax(0, std::fmin(to, most) - std::fmax(from, least));
    };
    budget::steps(4 * within(shape->left, shape->right, pixels_.left, pixels_.right) *
                  within(shape->top, shape->bottom, pixels_.top, pixels_.bottom));
    if (color->a > 0) paint_frame(pixels_, *shape, {0, 0, 0, 0}, *color);
    double const half = line->width * resolution_ / 2;
    if (half > 0) paint_frame(pixels_, grown(*shape, half), grown(*shape, -half), line->color);
  }
  static PixelBox grown(PixelBox const& box, double by) {
    return {box.left - by, box.top - by, box.right + by, box.bottom + by};
  }

  void rule(Mark const& m, std::size_t i) {
    double const alpha = opacity(m, i);
    if (alpha == 0) return;
    double const x = m.number(Ch::X, i), y = m.number(Ch::Y, i), x2 = m.number(Ch::X2, i, x),
                 y2 = m.number(Ch::Y2, i, y);
    if (x == x2 || y == y2) {
      auto const line = plain_line(m, i, alpha);
      double const half = line ? line->width / 2 : 0, across = y == y2 ? 0 : half, down = y == y2 ? half : 0;
      auto const shape = line ? device({std::min(x, x2) - across, std::min(y, y2) - down, std::max(x, x2) + across,
                                        std::max(y, y2) + down})
                              : std::nullopt;
      if (shape) {
        if (half > 0 && !shape->empty()) paint_frame(pixels_, *shape, {0, 0, 0, 0}, line->color);
        return;
      }
    }
    outline(
        m, i,
        [&](PathSink& sink) {
          sink.move_to(x, y);
          sink.line_to(x2, y2);
        },
        {}, false);
  }

  void text(Mark const& m, std::size_t i) {
    double const alpha = opacity(m, i);
    Value const content = m.value(Ch::Text, i);
    if (alpha == 0 || font_size(m, i) <= 0 || content.is_nullish() || (content.is_string() && content.string().empty()))
      return;
    double x = 0, y = 0;
    text_anchor(m, i, x, y);
    if (!std::isfinite(x) || !std::isfinite(y)) return;
    double const angle = m.number(Ch::Angle, i);
    cairo_save(cr_);
    if (angle != 0) {
      cairo_translate(cr_, x, y);
      cairo_rotate(cr_, angle * kPi / 180);
      x = y = 0;
    }
    x += m.number(Ch::Dx, i);
    y += m.number(Ch::Dy, i) + baseline_offset(m, i);
    Value const align = m.value(Ch::Align, i);
    Font const font = item_font(m, i);
    double const lead = line_height(m, i);
    for (auto const& line : drawn_lines(m, i, fonts_)) {
      if (!line.empty()) {
        budget::steps(60 * line.size());
        // node-canvas aligns by whole pixels of the text's extents, unlike the measured alignment.
        double left = x;
        if (align.string_or("") == "right" || align.string_or("") == "end")
          left -= std::ceil(fonts_.width(font, line));
        else if (align.string_or("") == "center")
          left -= std::floor(std::ceil(fonts_.width(font, line)) / 2);
        if (!letters(m, i, alpha, font, line, left, y) && !glyphs(m, i, alpha, font, line, left, y))
          outline(m, i, [&](PathSink& sink) { fonts_.trace(font, line, left, y, sink); });
        colored(m, i, alpha, font, line, left, y);
      }
      y += lead;
    }
    cairo_restore(cr_);
  }

  void image(Mark const& m, std::size_t i) {
    auto const* bitmap = images_.get(image_url(m, i));
    Bounds box;
    if (!bitmap || !image_box(m, i, bitmap->width, bitmap->height, box)) return;
    double x = box.x1, y = box.y1, w = box.width(), h = box.height();
    if (m.value(Ch::Aspect, i).bool_or(true)) {
      double const natural = static_cast<double>(bitmap->width) / bitmap->height;
      double const wanted = m.number(Ch::Width, i, std::nan("")) / m.number(Ch::Height, i, std::nan(""));
      if (!std::isnan(wanted) && wanted != natural) {
        if (wanted < natural) {
          double const t = w / natural;
          y += (h - t) / 2;
          h = t;
        } else {
          double const t = h * natural;
          x += (w - t) / 2;
          w = t;
        }
      }
    }
    budget::steps(1000 + 4.0 * bitmap->width * bitmap->height);  // Scaling down reads every pixel.
    count_area(m, i);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::uint32_t*>(bitmap->pixels.data()));
    cairo_surface_t* surface = cairo_image_surface_create_for_data(data, CAIRO_FORMAT_ARGB32, bitmap->width,
                                                                   bitmap->height, bitmap->width * 4);
    cairo_save(cr_);
    blend(m, i);
    cairo_translate(cr_, x, y);
    cairo_scale(cr_, w / bitmap->width, h / bitmap->height);
    cairo_set_source_surface(cr_, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr_),
                             m.value(Ch::Smooth, i).bool_or(true) ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
    // Beyond its edge a picture goes on as its own mirror image, as node-canvas scales it: no edge fades out.
    if (!document_) cairo_pattern_set_extend(cairo_get_source(cr_), CAIRO_EXTEND_REFLECT);
    cairo_rectangle(cr_, 0, 0, bitmap->width, bitmap->height);
    cairo_clip(cr_);
    cairo_paint_with_alpha(cr_, std::clamp(opacity(m, i), 0.0, 1.0));
    cairo_restore(cr_);
    cairo_surface_destroy(surface);
  }

  void groups(Mark const& m) {
    in_order(m, [&](std::size_t i) {
      double const x = m.number(Ch::X, i), y = m.number(Ch::Y, i), alpha = opacity(m, i),
                   shift = group_stroke_offset(m, i);
      if (!std::isfinite(x) || !std::isfinite(y)) return;
      bool const fore = m.value(Ch::StrokeForeground, i).truthy();
      auto const outline = [&](bool fill, bool stroke) {
        box(m, i, fill, stroke, [&](PathSink& sink) { trace_group(m, i, x + shift, y + shift, sink); });
      };
      if (alpha != 0 && (m.value(Ch::Fill, i).truthy() || m.value(Ch::Stroke, i).truthy())) outline(true, !fore);
      cairo_save(cr_);
      cairo_translate(cr_, x, y);
      auto const before = pixels_;
      bool hard = false;
      if (m.value(Ch::Clip, i).truthy()) {
        cairo_new_path(cr_);
        trace_group(m, i, 0, 0, sink_);
        cairo_clip(cr_);
        hard = !narrow(m, i);
      }
      clips_ += hard;
      for (auto const* child : draw_order(m.groups[i])) mark(*child);
      clips_ -= hard;
      pixels_ = before;
      cairo_restore(cr_);
      if (fore && alpha != 0) outline(false, true);
    });
  }

  cairo_t* cr_;
  CairoSink sink_;
  ColorGlyphs emoji_;
  FillSink fill_;
  StrokeSink stroke_;
  Coverage coverage_;                     // Of trails.
  Pixels pixels_;                         // What cr_ draws into; an image surface needs no flush between the two.
  int clips_ = 0;                         // Clips in force.
  std::optional<DocumentText> document_;  // None: a picture.
  double resolution_;                     // Device pixels a unit of the scene; 0: draw exactly, sparing nothing.
  FontSet& fonts_;
  Images& images_;
  std::unordered_map<std::string, std::optional<Rgb>> colors_;
};

}  // namespace

void paint_picture(cairo_t* canvas, Pixels const& pixels, double resolution, Scene const& scene, FontSet& fonts,
                   Images& images) {
  Painter(canvas, pixels, resolution, fonts, images).mark(*scene.root);
}

void paint_document(cairo_t* canvas, Scene const& scene, FontSet& fonts, Images& images) {
  Painter painter(canvas, Pixels{nullptr, 0, 0, 0}, 0, fonts, images);
  painter.write_document();
  painter.mark(*scene.root);
}

}  // namespace cml::vega
