#include "vega/lite/axis/axis.hpp"
#include "vega/lite/legend/legend.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

// Table: the properties of a legend, in the order in which they are set.
constexpr std::string_view kProperties[] = {"aria",
                                            "clipHeight",
                                            "columnPadding",
                                            "columns",
                                            "cornerRadius",
                                            "description",
                                            "direction",
                                            "fillColor",
                                            "format",
                                            "formatType",
                                            "gradientLength",
                                            "gradientOpacity",
                                            "gradientStrokeColor",
                                            "gradientStrokeWidth",
                                            "gradientThickness",
                                            "gridAlign",
                                            "labelAlign",
                                            "labelBaseline",
                                            "labelColor",
                                            "labelFont",
                                            "labelFontSize",
                                            "labelFontStyle",
                                            "labelFontWeight",
                                            "labelLimit",
                                            "labelOffset",
                                            "labelOpacity",
                                            "labelOverlap",
                                            "labelPadding",
                                            "labelSeparation",
                                            "legendX",
                                            "legendY",
                                            "offset",
                                            "orient",
                                            "padding",
                                            "rowPadding",
                                            "strokeColor",
                                            "symbolDash",
                                            "symbolDashOffset",
                                            "symbolFillColor",
                                            "symbolLimit",
                                            "symbolOffset",
                                            "symbolOpacity",
                                            "symbolSize",
                                            "symbolStrokeColor",
                                            "symbolStrokeWidth",
                                            "symbolType",
                                            "tickCount",
                                            "tickMinStep",
                                            "title",
                                            "titleAlign",
                                            "titleAnchor",
                                            "titleBaseline",
                                            "titleColor",
                                            "titleFont",
                                            "titleFontSize",
                                            "titleFontStyle",
                                            "titleFontWeight",
                                            "titleLimit",
                                            "titleLineHeight",
                                            "titleOpacity",
                                            "titleOrient",
                                            "titlePadding",
                                            "type",
                                            "values",
                                            "zindex",
                                            "disable",
                                            "labelExpr",
                                            "selections",
                                            "opacity",
                                            "shape",
                                            "stroke",
                                            "fill",
                                            "size",
                                            "strokeWidth",
                                            "strokeDash",
                                            "encode"};

// Which of the legend's scales shows the channel.
Value scale_of_legend(Model& m, std::string_view channel) {
  auto key = std::string(channel);
  if (m.mark() == "trail" && channel == "size")
    key = "strokeWidth";
  else if (channel == "color")
    key = m.mark() == "trail" ? "stroke" : m.mark_def["filled"].truthy() ? "fill" : "stroke";
  Value out{Object()};
  if (auto const name = m.scale_name(channel); !name.empty()) out.set(key, name);
  return out;
}

bool is_explicit(std::string_view property, Value const& value, Value const& legend, Value const& def) {
  if (property == "values") return legend["values"].truthy();
  if (property == "title" && value == (def.defined() ? def["title"] : Value())) return true;
  return value == legend[property];
}

std::shared_ptr<LegendComponent> parse_one(Model& m, std::string_view channel) {
  auto const given = m.legend(channel);
  auto const& config = m.config["legend"];
  auto out = std::make_shared<LegendComponent>();
  out->implicit_props = scale_of_legend(m, channel);
  parse_interactive_legend(m, channel, *out);
  Value const disable = given.defined() ? Value(!given.truthy()) : config["disable"];
  out->set("disable", disable, given.defined());
  if (disable.truthy()) return out;
  Value const legend = given.is_object() ? given : Value(Object());
  auto const type = m.scale_type(channel);
  auto const& def = get_field_or_datum_def(m.encoding[channel]);
  auto const unit = is_field_def(def) ? normalize_time_unit(def["timeUnit"])["unit"] : Value();
  Value const orient = truthy_or(legend["orient"], truthy_or(config["orient"], "right"));
  Value legend_type = legend["type"];
  if (!legend_type.defined())
    legend_type = is_color_channel(channel) && !one_of(unit, {"quarter", "month", "day"}) && is_continuous_scale(type)
                      ? "gradient"
                      : "symbol";
  Value direction =
      nullish_or(legend["direction"], config[legend_type.truthy() ? "gradientDirection" : "symbolDirection"]);
  if (direction.is_nullish()) {
    if (one_of(orient, {"top", "bottom"}))
      direction = "horizontal";
    else if (one_of(orient, {"left", "right", "none"}))
      direction = Value();
    else
      direction = is(legend_type, "gradient") ? Value("horizontal") : Value();
  }
  LegendParams const p{m, channel, def, legend, type, orient, legend_type, direction};
  for (auto property : kProperties) {
    if ((is(legend_type, "gradient") && starts_with(property, "symbol")) ||
        (is(legend_type, "symbol") && starts_with(property, "gradient")))
      continue;
    auto const value = legend_property(p, property);
    if (!value.defined()) continue;
    bool const own =
        property == "disable" ? given.defined() : is_explicit(property, value, legend, m.field_def(channel));
    if (own || !has(config, property)) out->set(property, value, own);
  }
  bool const interactive = out->get("selections").size() > 0;
  Value encode{Object()};
  for (auto part : {"labels", "legend", "title", "symbols", "gradient", "entries"}) {
    auto value = legend_encode_part(p, *out, part, guide_encode_entry(m, legend["encoding"][part]));
    if (!value.is_object() || is_empty(value)) continue;
    Value entry{Object()};
    if (interactive && is_field_def(def)) entry.set("name", var_name(field_name(def)) + "_legend_" + part);
    if (interactive) {
      entry.set("interactive", true);
      value.set("cursor", value_ref("pointer"));
    }
    entry.set("update", value);
    encode.set(part, entry);
  }
  if (!is_empty(encode)) out->set("encode", encode, legend["encoding"].truthy());
  return out;
}

void parse_unit(Model& m) {
  for (auto channel : {"color", "size", "shape", "fill", "stroke", "strokeDash", "strokeWidth", "opacity"}) {
    auto const& def = get_field_or_datum_def(m.encoding[channel]);
    if (!def.defined() || !m.scale_component(channel)) continue;
    if (std::string_view(channel) == "shape" && is_field_def(def) && is(def["type"], "geojson")) continue;
    m.component.legends[channel] = parse_one(m, channel);
  }
}

}  // namespace

bool merge_legend(Context& ctx, LegendComponent& merged, LegendComponent const& child) {
  auto const a = merged.get_with_explicit("orient"), b = child.get_with_explicit("orient");
  if (a.is_explicit && b.is_explicit && !(a.value == b.value)) return false;
  bool type_merged = false;
  for (auto property : kProperties) {
    auto const own = child.get_with_explicit(property);
    if (!own.value.defined() && !one_of(property, {"title", "type"})) continue;
    merged.set_with_explicit(property, merge_explicit(ctx, merged.get_with_explicit(property), own, property, "legend",
                                                      [&](Explicit const& x, Explicit const& y) -> Explicit {
                                                        if (property == "symbolType")
                                                          return is(y.value, "circle") ? y : x;
                                                        if (property == "title") return merge_title_component(x, y);
                                                        if (property == "type") {
                                                          type_merged = true;
                                                          return {false, "symbol"};
                                                        }
                                                        return default_tie_breaker(ctx, x, y, property, "legend");
                                                      }));
  }
  if (type_merged) {
    for (auto* props : {&merged.implicit_props, &merged.explicit_props}) {
      if (!(*props)["encode"]["gradient"].truthy()) continue;
      Value encode = omit((*props)["encode"], {"gradient"});
      if (is_empty(encode))
        props->erase("encode");
      else
        props->set("encode", encode);
    }
  }
  return true;
}

void parse_legends(Model& m) {
  m.ctx.path = m.path;
  if (m.is_unit()) return parse_unit(m);
  auto& legends = m.component.legends;
  auto& resolve = m.component.legend_resolve;
  for (auto const& child : m.children) {
    parse_legends(*child);
    for (auto const& [channel, own] : child->component.legends) {
      resolve.set(channel, guide_resolve(m, "legend", channel));
      if (!is(resolve[channel], "shared")) continue;
      auto* merged = legends.find(channel);
      if (!merged || !*merged) {
        legends[channel] = std::make_shared<LegendComponent>(*own);
      } else if (!merge_legend(m.ctx, **merged, *own)) {
        resolve.set(channel, "independent");
        legends.erase(channel);
      }
    }
  }
  for (auto const& [channel, merged] : legends)
    if (is(resolve[channel], "shared"))
      for (auto const& child : m.children) child->component.legends.erase(channel);
}

}  // namespace cml::vega::lite
