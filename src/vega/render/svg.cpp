// Scene to SVG in the structure that Vega's own SVG output has: groups per mark, text as text, ARIA attributes, clip
// paths and gradients in <defs> with stable ids.
#include <cmath>
#include <map>

#include "vega/render/render.hpp"
#include "vega/scene/shapes.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

std::string escaped(std::string_view text, bool attribute) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += attribute ? "&quot;" : "\"";
        break;
      case '\t':
        out += attribute ? "&#x9;" : "\t";
        break;
      case '\n':
        out += attribute ? "&#xA;" : "\n";
        break;
      case '\r':
        out += "&#xD;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;  // Other control characters are not valid XML.
    }
  }
  return out;
}
std::string translate(double x, double y) { return "translate(" + svg_number(x) + "," + svg_number(y) + ")"; }

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    unsigned const v = at(0) << 16 | at(1) << 8 | at(2);
    out += kDigits[v >> 18];
    out += kDigits[v >> 12 & 63];
    out += i + 1 < bytes.size() ? kDigits[v >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kDigits[v & 63] : '=';
  }
  return out;
}

enum class Style { None, Item, Background, Foreground };

class SvgWriter {
 public:
  SvgWriter(FontSet& fonts, Images& images) : fonts_(fonts), images_(images) {}

  std::string write(Scene const& scene, double scale) {
    out_ =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" "
        "class=\"marks\"";
    attribute("width", svg_number(scene.width * scale));
    attribute("height", svg_number(scene.height * scale));
    attribute("viewBox", "0 0 " + svg_number(scene.width) + " " + svg_number(scene.height));
    out_ += ">";
    if (!scene.background.empty() && scene.background != "transparent" && scene.background != "none") {
      out_ += "<rect";
      attribute("width", svg_number(scene.width));
      attribute("height", svg_number(scene.height));
      attribute("fill", scene.background);
      out_ += "/>";
    }
    out_ += "<g fill=\"none\" stroke-miterlimit=\"4\"";
    attribute("transform", translate(scene.origin_x, scene.origin_y));
    out_ += ">";
    mark(*scene.root);
    out_ += "</g>";
    if (!defs_.empty()) out_ += "<defs>" + defs_ + "</defs>";
    return out_ + "</svg>\n";
  }

 private:
  void attribute(std::string_view name, std::string_view value) {
    out_ += " ";
    out_ += name;
    out_ += "=\"" + escaped(value, true) + "\"";
  }

  std::string clip_reference(std::string const& content) {
    auto const [found, added] = clips_.emplace(content, clips_.size() + 1);
    auto const id = "clip" + std::to_string(found->second);
    if (added) defs_ += "<clipPath id=\"" + id + "\">" + content + "</clipPath>";
    return "url(#" + id + ")";
  }
  std::string group_clip(Mark const& group, std::size_t item) {
    if (has_corner_radius(group, item)) {
      SvgPathSink sink;
      trace_group(group, item, 0, 0, sink);
      return clip_reference("<path d=\"" + sink.data() + "\"/>");
    }
    return clip_reference("<rect x=\"0\" y=\"0\" width=\"" + svg_number(group.number(Ch::Width, item)) +
                          "\" height=\"" + svg_number(group.number(Ch::Height, item)) + "\"/>");
  }

  static std::string_view tag_of(MarkType type) {
    switch (type) {
      case MarkType::Group:
        return "g";
      case MarkType::Image:
        return "image";
      case MarkType::Rule:
        return "line";
      case MarkType::Text:
        return "text";
      default:
        return "path";
    }
  }

  void mark_aria(Mark const& m) {
    if (m.aria.is_boolean() && !m.aria.boolean()) return attribute("aria-hidden", "true");
    for (auto const* ignored :
         {"axis-domain", "axis-grid", "axis-label", "axis-tick", "axis-title", "legend-band", "legend-entry",
          "legend-gradient", "legend-label", "legend-title", "legend-symbol", "title"})
      if (m.role == ignored) return;
    std::string role = "graphics-symbol", description, label = m.aria_description;
    if (m.role == "axis" || m.role == "legend") {
      description = m.role;
      if (label.empty()) label = m.caption;
    } else if (m.role == "title-text" || m.role == "title-subtitle") {
      description = m.role == "title-text" ? "title" : "subtitle";
      std::string text;
      Value const content = m.value(Ch::Text, 0);
      if (content.is_array())
        for (auto const& line : content.items()) text += (text.empty() ? "" : " ") + line.to_string();
      else
        text = content.to_string();
      if (label.empty()) label = (m.role == "title-text" ? "Title text '" : "Subtitle text '") + text + "'";
    } else {
      bool described = m.type == MarkType::Group || m.type == MarkType::Text;
      if (!described && m[Ch::Description].present()) described = true;
      if (described) role = "graphics-object";
      description = std::string(mark_type_name(m.type)) + " mark container";
    }
    attribute("role", role);
    attribute("aria-roledescription", description);
    if (!label.empty()) attribute("aria-label", label);
  }
  void item_aria(Mark const& m, std::size_t i) {
    Value const aria = m.value(Ch::Aria, i);
    if (aria.is_boolean() && !aria.boolean()) return attribute("aria-hidden", "true");
    Value const description = m.value(Ch::Description, i);
    if (description.is_nullish()) return;
    attribute("aria-label", description.to_string());
    Value const role = m.value(Ch::AriaRole, i), text = m.value(Ch::AriaRoleDescription, i);
    attribute("role", role.truthy()               ? role.to_string()
                      : m.type == MarkType::Group ? "graphics-object"
                                                  : "graphics-symbol");
    attribute("aria-roledescription", text.truthy() ? text.to_string() : std::string(mark_type_name(m.type)) + " mark");
  }

  void paint(Mark const& m, std::size_t i, Ch channel, std::string_view name) {
    Value const v = m.value(channel, i);
    if (v.is_nullish()) return;
    if (v.is_object() && v.has("gradient")) return attribute(name, gradient(v));
    auto const text = v.to_string();
    if (text != "transparent" || channel == Ch::Fill) attribute(name, text);
  }
  std::string gradient(Value const& g) {
    auto const at = [&](char const* key, double fallback) {
      return svg_number(g[key].is_nullish() ? fallback : g[key].to_number());
    };
    bool const radial = g["gradient"].string_or("") == "radial";
    auto const id = "gradient_" + std::to_string(gradients_++);
    if (radial)
      defs_ += "<pattern id=\"p_" + id +
               "\" viewBox=\"0,0,1,1\" width=\"100%\" height=\"100%\" preserveAspectRatio=\"xMidYMid slice\"><rect "
               "width=\"1\" height=\"1\" fill=\"url(#" +
               id + ")\"/></pattern><radialGradient id=\"" + id + "\" fx=\"" + at("x1", 0.5) + "\" fy=\"" +
               at("y1", 0.5) + "\" fr=\"" + at("r1", 0) + "\" cx=\"" + at("x2", 0.5) + "\" cy=\"" + at("y2", 0.5) +
               "\" r=\"" + at("r2", 0.5) + "\">";
    else
      defs_ += "<linearGradient id=\"" + id + "\" x1=\"" + at("x1", 0) + "\" x2=\"" + at("x2", 1) + "\" y1=\"" +
               at("y1", 0) + "\" y2=\"" + at("y2", 0) + "\">";
    for (auto const& stop : g["stops"].items())
      defs_ += "<stop offset=\"" + svg_number(stop["offset"].to_number()) + "\" stop-color=\"" +
               escaped(stop["color"].to_string(), true) + "\"/>";
    defs_ += radial ? "</radialGradient>" : "</linearGradient>";
    return "url(#" + std::string(radial ? "p_" : "") + id + ")";
  }

  void style(Mark const& m, std::size_t i, Style kind, bool with_fill = true, bool with_stroke = true) {
    if (kind == Style::None) return;
    if (kind != Style::Item && !m.interactive) attribute("pointer-events", "none");
    if (kind == Style::Foreground) return attribute("display", "none");
    if (m.type == MarkType::Image || m.type == MarkType::Text) {
      if (m.type == MarkType::Text) {
        Font const font = item_font(m, i);
        attribute("font-family", font.family);
        attribute("font-size", svg_number(font.size) + "px");
        for (auto const& [c, name] : {std::pair{Ch::FontStyle, "font-style"},
                                      {Ch::FontVariant, "font-variant"},
                                      {Ch::FontWeight, "font-weight"}})
          if (Value const v = m.value(c, i); v.truthy()) attribute(name, v.to_string());
      }
    }
    if (with_fill) paint(m, i, Ch::Fill, "fill");
    if (with_stroke) paint(m, i, Ch::Stroke, "stroke");
    static constexpr std::pair<Ch, char const*> kNumbers[] = {
        {Ch::FillOpacity, "fill-opacity"},           {Ch::StrokeOpacity, "stroke-opacity"},
        {Ch::StrokeWidth, "stroke-width"},           {Ch::StrokeDashOffset, "stroke-dashoffset"},
        {Ch::StrokeMiterLimit, "stroke-miterlimit"}, {Ch::Opacity, "opacity"}};
    for (auto const& [c, name] : kNumbers)
      if (Value const v = m.value(c, i); !v.is_nullish()) attribute(name, svg_number(v.to_number()));
    for (auto const& [c, name] : {std::pair{Ch::StrokeCap, "stroke-linecap"}, {Ch::StrokeJoin, "stroke-linejoin"}})
      if (Value const v = m.value(c, i); v.truthy()) attribute(name, v.to_string());
    if (Value const dash = m.value(Ch::StrokeDash, i); dash.is_array() && dash.size())
      attribute("stroke-dasharray", dash.to_string());
    if (Value const blend = m.value(Ch::Blend, i); blend.truthy())
      attribute("style", "mix-blend-mode: " + blend.to_string() + ";");
  }

  void mark(Mark const& m) {
    out_ += "<g";
    attribute("class", "mark-" + std::string(mark_type_name(m.type)) + " role-" + (m.role.empty() ? "mark" : m.role) +
                           (m.name.empty() ? "" : " " + m.name));
    if (!m.clip.path.empty())
      attribute("clip-path", clip_reference("<path d=\"" + escaped(m.clip.path, true) + "\"/>"));
    else if (m.clip.group && m.parent)
      attribute("clip-path", group_clip(*m.parent, m.parent_item));
    mark_aria(m);
    if (m.type != MarkType::Group && !m.interactive) attribute("pointer-events", "none");
    out_ += ">";
    if (is_nested(m.type)) {
      if (m.count) item(m, 0);
    } else {
      auto const order = m.draw_order();
      if (order.empty())
        for (std::size_t i = 0; i < m.count; ++i) item(m, i);
      else
        for (auto i : order) item(m, i);
    }
    out_ += "</g>";
  }

  // What is written is held until the end, and costs about as much as it has bytes.
  void count() {
    budget::steps(500);
    auto const size = out_.size() + defs_.size();
    if (size <= counted_) return;
    budget::bytes(size - counted_);
    budget::steps(2 * (size - counted_));
    counted_ = size;
  }

  void item(Mark const& m, std::size_t i) {
    count();
    Value const href = m.value(Ch::Href, i);
    bool linked = false;
    if (href.is_string()) {  // Addresses that a click may follow; scripts are left out.
      auto const url = href.string();
      linked = url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:") ||
               url.starts_with("#") || url.find(':') == std::string_view::npos;
      if (linked) {
        out_ += "<a";
        attribute("xlink:href", url);
        out_ += ">";
      }
    }
    if (m.type == MarkType::Group)
      group(m, i);
    else
      leaf(m, i);
    if (linked) out_ += "</a>";
  }

  void leaf(Mark const& m, std::size_t i) {
    auto const tag = tag_of(m.type);
    out_ += "<";
    out_ += tag;
    item_aria(m, i);
    double const x = m.number(Ch::X, i), y = m.number(Ch::Y, i), angle = m.number(Ch::Angle, i);
    auto const turned = [&] { return translate(x, y) + (angle != 0 ? " rotate(" + svg_number(angle) + ")" : ""); };
    switch (m.type) {
      case MarkType::Rule:
        attribute("transform", translate(x, y));
        attribute("x2", svg_number(m.number(Ch::X2, i, x) - x));
        attribute("y2", svg_number(m.number(Ch::Y2, i, y) - y));
        break;
      case MarkType::Text:
        text_place(m, i);
        break;
      case MarkType::Image:
        image(m, i);
        break;
      case MarkType::Line:
      case MarkType::Area:
      case MarkType::Trail: {
        SvgPathSink sink;
        trace_nested(m, sink);
        attribute("d", sink.data());
        break;
      }
      case MarkType::Path: {
        double const sx = m.number(Ch::ScaleX, i), sy = m.number(Ch::ScaleY, i);
        attribute("transform", turned() + (sx != 0 || sy != 0 ? " scale(" + svg_number(sx != 0 ? sx : 1) + "," +
                                                                    svg_number(sy != 0 ? sy : 1) + ")"
                                                              : ""));
        Value const path = m.value(Ch::Path, i);
        attribute("d", path.outline() ? path.to_string() : std::string(path.string_or("")));
        break;
      }
      default: {
        if (m.type != MarkType::Rect) attribute("transform", turned());
        SvgPathSink sink;
        trace_item(m, i, sink);
        attribute("d", sink.data());
      }
    }
    style(m, i, Style::Item);
    if (m.type != MarkType::Text) {
      out_ += "/>";
      return;
    }
    out_ += ">";
    auto const lines = drawn_lines(m, i, fonts_);
    if (lines.size() == 1) {
      out_ += escaped(lines[0], false);
    } else {
      for (std::size_t k = 0; k < lines.size(); ++k) {
        out_ += "<tspan";
        if (k) {
          attribute("x", "0");
          attribute("dy", svg_number(line_height(m, i)));
        }
        out_ += ">" + escaped(lines[k], false) + "</tspan>";
      }
    }
    out_ += "</text>";
  }

  void text_place(Mark const& m, std::size_t i) {
    Value const align = m.value(Ch::Align, i);
    attribute("text-anchor", align.string_or("") == "center"  ? "middle"
                             : align.string_or("") == "right" ? "end"
                                                              : "start");
    double x = 0, y = 0;
    text_anchor(m, i, x, y);
    double const dx = m.number(Ch::Dx, i), dy = m.number(Ch::Dy, i) + baseline_offset(m, i),
                 angle = m.number(Ch::Angle, i);
    if (angle == 0)
      attribute("transform", translate(x + dx, y + dy));
    else
      attribute("transform", translate(x, y) + " rotate(" + svg_number(angle) + ")" +
                                 (dx != 0 || dy != 0 ? " " + translate(dx, dy) : ""));
  }

  void image(Mark const& m, std::size_t i) {
    auto const url = image_url(m, i);
    auto const* bitmap = images_.get(url);
    Bounds box;
    image_box(m, i, bitmap ? bitmap->width : 0, bitmap ? bitmap->height : 0, box);
    if (auto const* bytes = images_.bytes(url))
      attribute("xlink:href", (bytes->starts_with("\x89PNG") ? "data:image/png;base64," : "data:image/jpeg;base64,") +
                                  base64(*bytes));
    attribute("transform", translate(box.x1, box.y1));
    attribute("width", svg_number(box.width()));
    attribute("height", svg_number(box.height()));
    attribute("preserveAspectRatio", m.value(Ch::Aspect, i).bool_or(true) ? "xMidYMid" : "none");
  }

  void group(Mark const& m, std::size_t i) {
    out_ += "<g";
    item_aria(m, i);
    attribute("transform", translate(m.number(Ch::X, i), m.number(Ch::Y, i)));
    out_ += ">";
    double const shift = group_stroke_offset(m, i);
    auto const outline = [&] {
      SvgPathSink sink;
      trace_group(m, i, shift, shift, sink);
      return sink.data();
    };
    bool const fore = m.value(Ch::StrokeForeground, i).truthy() && m.value(Ch::Stroke, i).truthy();
    out_ += "<path class=\"background\" aria-hidden=\"true\"";
    attribute("d", outline());
    style(m, i, Style::Background, true, !fore);
    out_ += "/><g";
    if (m.value(Ch::Clip, i).truthy()) attribute("clip-path", group_clip(m, i));
    out_ += ">";
    for (auto const* child : draw_order(m.groups[i])) mark(*child);
    out_ += "</g><path class=\"foreground\" aria-hidden=\"true\"";
    attribute("d", fore ? outline() : "");
    style(m, i, fore ? Style::Background : Style::Foreground, false, true);
    out_ += "/></g>";
  }

  FontSet& fonts_;
  Images& images_;
  std::string out_, defs_;
  std::size_t counted_ = 0;
  std::map<std::string, std::size_t> clips_;
  int gradients_ = 0;
};

}  // namespace

Result<std::string> render_svg(Scene const& scene, double scale, FontSet& fonts, Images& images) {
  BudgetScope const budget;
  return guarded([&]() -> Result<std::string> { return SvgWriter(fonts, images).write(scene, scale); });
}

}  // namespace cml::vega
