#include "vega/lite/header/header.hpp"

#include "vega/lite/axis/axis.hpp"
#include "vega/lite/format.hpp"
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::pair<std::string_view, std::string_view> kTitleProperties[] = {
    {"titleAlign", "align"},       {"titleAnchor", "anchor"},         {"titleAngle", "angle"},
    {"titleBaseline", "baseline"}, {"titleColor", "color"},           {"titleFont", "font"},
    {"titleFontSize", "fontSize"}, {"titleFontStyle", "fontStyle"},   {"titleFontWeight", "fontWeight"},
    {"titleLimit", "limit"},       {"titleLineHeight", "lineHeight"}, {"titleOrient", "orient"},
    {"titlePadding", "offset"}};
constexpr std::pair<std::string_view, std::string_view> kLabelProperties[] = {
    {"labelAlign", "align"},       {"labelAnchor", "anchor"},         {"labelAngle", "angle"},
    {"labelBaseline", "baseline"}, {"labelColor", "color"},           {"labelFont", "font"},
    {"labelFontSize", "fontSize"}, {"labelFontStyle", "fontStyle"},   {"labelFontWeight", "fontWeight"},
    {"labelLimit", "limit"},       {"labelLineHeight", "lineHeight"}, {"labelOrient", "orient"},
    {"labelPadding", "offset"}};

HeaderComponent make_header(Model& m, std::string_view channel, Value const& labels) {
  auto const size = channel == "row" ? "height" : "width";
  auto& child = m.child();
  return {labels, child.component.layout_size.get(size).truthy() ? child.size_signal_ref(size) : Value(), {}};
}

void parse_header(Model& m, std::string_view channel) {
  auto const& def = m.facet[channel];
  if (!def.defined()) return;
  auto const title_config = header_property("title", nullptr, m.config, channel);
  Value title = def_title(def, m.config, true, !title_config.defined() || title_config.truthy());
  auto& below = m.child().component.layout_headers.find(channel)->second;
  if (below.title.truthy()) {
    if (title.is_array()) {
      Strings parts;
      for (auto const& t : title.items()) parts.push_back(t.to_string());
      title = join(parts, ", ");
    }
    title = title.to_string() + " / " + below.title.to_string();
    below.title = nullptr;
  }
  auto const& header = def["header"];
  auto const orient = header_property("labelOrient", header, m.config, channel);
  Value const labels =
      header.is_null() ? Value(false) : first_defined(header["labels"], m.config["header"]["labels"], Value(true));
  LayoutHeader out;
  out.title = header.is_null() ? Value(nullptr) : title;
  out.facet_field_def = def;
  std::vector<HeaderComponent> components;
  if (channel != "facet") components.push_back(make_header(m, channel, labels));
  out.of(one_of(orient, {"bottom", "right"}) ? "footer" : "header") = components;
  m.component.layout_headers[std::string(channel)] = out;
}

// Axes that all cells share move out of the cells into the headers.
void merge_child_axis(Model& m, std::string_view channel) {
  auto const axes = m.child().component.axes.get(channel);
  if (axes.empty()) return;
  auto const resolve = guide_resolve(m, "axis", channel);
  m.component.axis_resolve.set(channel, resolve);
  if (!is(resolve, "shared")) return;
  std::string const headers = channel == "x" ? "column" : "row";
  auto& layout = m.component.layout_headers[headers];
  for (auto const& axis : axes) {
    auto const& orient = axis->get("orient");
    auto& list = layout.of(one_of(orient, {"top", "left"}) || is_signal_ref(orient) ? "header" : "footer");
    if (!list) list = std::vector{make_header(m, headers, false)};
    if (list->empty()) list->push_back(make_header(m, headers, false));
    if (auto main = assemble_axis(m, *axis, "main", true); main.truthy()) list->front().axes.push_back(main);
    axis->main_extracted = true;
  }
}

Value guide_baseline(Value const& angle, std::string_view channel) {
  auto const baseline =
      default_label_baseline(angle, channel == "row" ? "left" : "top", channel == "row" ? "y" : "x", true);
  return baseline.truthy() ? Value::object({{"baseline", baseline}}) : Value(Object());
}
Value guide_align(std::string_view channel, Value const& angle, Value const& anchor) {
  if (is(anchor, "start")) return Value::object({{"align", "left"}});
  if (is(anchor, "end")) return Value::object({{"align", "right"}});
  auto const align = default_label_align(angle, channel == "row" ? "left" : "top", channel == "row" ? "y" : "x");
  return align.truthy() ? Value::object({{"align", align}}) : Value(Object());
}
template <std::size_t N>
Value properties(Value const& config, Value const& def, std::string_view channel,
                 std::pair<std::string_view, std::string_view> const (&table)[N]) {
  Value out{Object()};
  for (auto const& [name, vega] : table)
    if (auto const value = header_property(name, def["header"], config, channel); value.defined()) out.set(vega, value);
  return out;
}

Value title_group(Model& m, std::string_view channel) {
  auto const& layout = m.component.layout_headers.find(channel)->second;
  auto const& def = layout.facet_field_def;
  auto const get = [&](char const* p) { return header_property(p, def["header"], m.config, channel); };
  auto const place = header_channel(channel, get("titleOrient"));
  auto const angle = normalize_angle(get("titleAngle"));
  Value title = Value::object({{"text", layout.title}});
  if (channel == "row") title.set("orient", "left");
  title.set("style", "guide-title");
  assign(title, guide_baseline(angle, place));
  assign(title, guide_align(place, angle, get("titleAnchor")));
  assign(title, properties(m.config, def, channel, kTitleProperties));
  return Value::object({{"name", Value(std::string(channel) + "-title")},
                        {"type", "group"},
                        {"role", Value(std::string(place) + "-title")},
                        {"title", title}});
}

Value header_sort(Value const& def, std::string_view channel) {
  auto const& sort = def["sort"];
  if (is_sort_field(sort))
    return Value::object(
        {{"field", Value(vg_field(sort, {.expr = "datum"}))}, {"order", nullish_or(sort["order"], "ascending")}});
  if (sort.is_array())
    return Value::object(
        {{"field", Value(sort_array_index_field(def, channel, {.expr = "datum"}))}, {"order", "ascending"}});
  return Value::object({{"field", Value(vg_field(def, {.expr = "datum"}))}, {"order", nullish_or(sort, "ascending")}});
}

Value header_group(Model& m, std::string_view channel, std::string_view type, LayoutHeader const& layout,
                   HeaderComponent const& header) {
  auto const& def = layout.facet_field_def;
  Value title;
  if (def.truthy() && header.labels.truthy()) {
    auto const orient = header_property("labelOrient", def["header"], m.config, channel);
    bool const across = channel == "row" ? one_of(orient, {"top", "bottom"}) : one_of(orient, {"left", "right"});
    if (!across) title = assemble_label_title(m, def, channel);
  }
  bool const axes = !header.axes.empty();
  if (!title.truthy() && !axes) return {};
  std::string const name(channel);
  Value out = Value::object({{"name", Value(m.get_name(name + "_" + std::string(type)))},
                             {"type", "group"},
                             {"role", Value(name + "-" + std::string(type))}});
  if (def.truthy()) {
    out.set("from", Value::object({{"data", Value(m.get_name(name + "_domain"))}}));
    out.set("sort", header_sort(def, channel));
  }
  if (axes && m.is_facet() && !is_facet_mapping(m.facet))
    out.set("from", Value::object({{"data", Value(m.get_name("facet_domain_" + name))}}));
  if (title.truthy()) out.set("title", title);
  if (header.size_signal.truthy()) {
    Value size{Object()};
    size.set(channel == "row" ? "height" : "width", header.size_signal);
    out.set("encode", Value::object({{"update", size}}));
  }
  if (axes) out.set("axes", header.axes);
  return out;
}

}  // namespace

Value header_property(std::string_view property, Value const& header, Value const& config, std::string_view channel) {
  return first_defined(header[property],
                       config[channel == "row"      ? "headerRow"
                              : channel == "column" ? "headerColumn"
                                                    : "headerFacet"][property],
                       config["header"][property]);
}
std::string_view header_channel(std::string_view channel, Value const& orient) {
  if (one_of(orient, {"top", "bottom"})) return "column";
  if (one_of(orient, {"left", "right"})) return "row";
  return channel == "row" ? "row" : "column";
}

void parse_facet_headers(Model& m) {
  m.ctx.path = m.path;
  for (auto channel : kFacetChannels) parse_header(m, channel);
  merge_child_axis(m, "x");
  merge_child_axis(m, "y");
}

Value assemble_label_title(Model& m, Value const& def, std::string_view channel) {
  auto const get = [&](char const* p) { return header_property(p, def["header"], m.config, channel); };
  auto text = format_signal_ref(m.ctx, def, m.config, {get("format"), get("formatType"), "parent", false, {}})["signal"]
                  .to_string();
  if (auto const expression = get("labelExpr"); expression.truthy())
    text = replace_all(replace_all(expression.to_string(), "datum.label", text), "datum.value",
                       vg_field(def, {.expr = "parent"}));
  auto const place = header_channel(channel, get("labelOrient"));
  Value out = Value::object({{"text", signal_ref(text)}});
  if (channel == "row") out.set("orient", "left");
  out.set("style", "guide-label");
  out.set("frame", "group");
  assign(out, guide_baseline(get("labelAngle"), place));
  assign(out, guide_align(place, get("labelAngle"), get("labelAnchor")));
  assign(out, properties(m.config, def, channel, kLabelProperties));
  return out;
}

Array assemble_header_marks(Model& m) {
  Array out;
  for (auto channel : kFacetChannels)
    if (m.component.layout_headers.find(channel)->second.title.truthy()) out.push_back(title_group(m, channel));
  for (std::string_view channel : {"row", "column"}) {
    auto const& layout = m.component.layout_headers.find(channel)->second;
    for (auto type : {"header", "footer"}) {
      if (!layout.of(type)) continue;
      for (auto const& header : *layout.of(type))
        if (auto group = header_group(m, channel, type, layout, header); group.truthy())
          out.push_back(std::move(group));
    }
  }
  return out;
}

Value layout_title_band(Model const& m) {
  Value out{Object()};
  for (auto channel : kFacetChannels) {
    auto const& def = m.component.layout_headers.find(channel)->second.facet_field_def;
    if (!def.truthy()) continue;
    auto const get = [&](char const* p) { return header_property(p, def["header"], m.config, channel); };
    auto const place = header_channel(channel, get("titleOrient"));
    auto const anchor = get("titleAnchor");
    if (is(anchor, "start")) out.set(place, place == "column" ? 0 : 1);
    if (is(anchor, "end")) out.set(place, place == "column" ? 1 : 0);
  }
  return is_empty(out) ? Value() : out;
}

}  // namespace cml::vega::lite
