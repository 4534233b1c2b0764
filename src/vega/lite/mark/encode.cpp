#include "vega/lite/mark/encode.hpp"

#include "vega/lite/format.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

Value entry(std::string_view key, Value value) {
  Value out{Object()};
  out.set(key, std::move(value));
  return out;
}

Value text_ref(Model& m, Value const& def, Value const& config, std::string_view expr = "datum") {
  if (is_value_def(def)) return signal_or_value_ref(def["value"]);
  if (!is_field_or_datum_def(def)) return {};
  auto const [format, type] = format_mixins(def);
  return format_signal_ref(m.ctx, def, config, {format, type, expr, false, {}});
}

// Discrete text may hold a list: one line each.
Value tooltip_text(Model& m, Value const& def, Value const& config, std::string_view expr) {
  auto const [format, type] = format_mixins(def);
  if (is_field_def(def) && is_discrete_type(def["type"]) && !def["timeUnit"].truthy() && !format.truthy() &&
      !type.truthy()) {
    auto const field = std::string(expr) + "[\"" + field_name(def) + "\"]";
    return signal_ref("isValid(" + field + ") ? isArray(" + field + ") ? join(" + field + ", '\\n') : " + field +
                      " : \"\"+" + field);
  }
  return text_ref(m, def, config, expr);
}

// Title to expression, in order.
Value tooltip_data(Model& m, Value const& encoding, bool reactive) {
  Value config = m.config;
  assign(config, m.config["tooltipFormat"]);
  std::string_view const expr = reactive ? "datum.datum" : "datum";
  Strings skip;
  struct Line {
    std::string channel, key, value;
  };
  std::vector<Line> lines;
  each_field_def(encoding, [&](Value const& given, std::string_view channel) {
    Value def = given;
    if (!is_typed_field_def(def)) def.set("type", encoding[main_range_channel(channel)]["type"]);
    auto const title = truthy_or(def["title"], default_title(def, config));
    Strings words;
    for (auto const& t : as_array(title)) words.push_back(t.to_string());
    auto const key = replace_all(join(words, ", "), "\"", "\\\"");
    auto const [format, type] = format_mixins(def);
    Value value;
    if (is_x_or_y(channel)) {
      auto const second = secondary_range_channel(channel);
      auto const& def2 = get_field_def(encoding[second]);
      if (is_binned(def["bin"]) && def2.defined()) {
        value =
            bin_format_expression(vg_field(def, {.expr = expr}), vg_field(def2, {.expr = expr}), format, type, config);
        skip.emplace_back(second);
      }
    }
    if (one_of(channel, {"x", "y", "theta", "radius"}) && m.stack && m.stack->field_channel == channel &&
        m.stack->offset == "normalize")
      value = format_signal_ref(m.ctx, def, config, {format, type, expr, true, {}})["signal"];
    if (!value.defined()) value = tooltip_text(m, def, config, expr)["signal"];
    lines.push_back({std::string(channel), key, value.to_string()});
  });
  Value out{Object()};
  for (auto const& line : lines)
    if (!contains(skip, line.channel) && !out[line.key].truthy()) out.set(line.key, line.value);
  return out;
}
Value tooltip_from_encoding(Model& m, Value const& encoding, bool reactive) {
  Strings parts;
  auto const data = tooltip_data(m, encoding, reactive);
  for (auto const& [key, value] : data.properties())
    parts.push_back("\"" + std::string(key.view()) + "\": " + value.to_string());
  return parts.empty() ? Value() : signal_ref("{" + join(parts, ", ") + "}");
}

Value description(Model& m) {
  auto const& def = m.encoding["description"];
  if (def.truthy())
    return wrap_condition(m, def, "description", [&](Value const& d) { return text_ref(m, d, m.config); });
  auto const given = mark_prop_or_config("description", m.mark_def, m.config);
  if (!given.is_nullish()) return entry("description", signal_or_value_ref(given));
  if (is_false(m.config["aria"])) return {};
  auto const data = tooltip_data(m, m.encoding, false);
  if (is_empty(data)) return {};
  Strings parts;
  for (auto const& [key, value] : data.properties()) {
    if (starts_with(key.view(), "_")) continue;
    parts.push_back("\"" + std::string(parts.empty() ? "" : "; ") + std::string(key.view()) + ": \" + (" +
                    replace_all(value.to_string(), "\\n", " ") + ")");
  }
  return entry("description", signal_ref(join(parts, " + ")));
}

}  // namespace

Value wrap_condition(Model& m, Value const& def, std::string_view vg_channel,
                     std::function<Value(Value const&)> const& main, Value const& invalid_ref) {
  Array refs;
  bool tested = false;
  if (is_conditional_def(def)) {
    for (auto const& c : as_array(def["condition"])) {
      Value ref = Value::object(
          {{"test", Value(has(c, "param") ? selection_predicate(m, c) : condition_expression(m, c["test"]))}});
      assign(ref, main(c));
      refs.push_back(ref);
      tested = true;
    }
  }
  if (invalid_ref.defined()) {
    refs.push_back(invalid_ref);
    tested = tested || invalid_ref["test"].truthy();
  }
  if (auto ref = main(def); ref.defined()) refs.push_back(std::move(ref));
  if (refs.empty()) return Value(Object());
  if (refs.size() > 1 || tested) return entry(vg_channel, refs);
  return entry(vg_channel, refs[0]);
}

Value guide_encode_entry(Model& m, Value const& encoding) {
  Value out{Object()};
  for (auto const& [channel, def] : encoding.properties())
    assign(out, wrap_condition(m, def, channel, [](Value const& d) { return signal_or_value_ref(d["value"]); }));
  return out;
}

Value text_encode(Model& m, std::string_view channel) {
  return wrap_condition(m, m.encoding[channel], channel, [&](Value const& d) { return text_ref(m, d, m.config); });
}

Value tooltip_encode(Model& m, bool reactive) {
  auto const& def = m.encoding["tooltip"];
  if (def.is_array()) return entry("tooltip", tooltip_from_encoding(m, Value::object({{"tooltip", def}}), reactive));
  std::string const datum = reactive ? "datum.datum" : "datum";
  return wrap_condition(m, def, "tooltip", [&](Value const& d) -> Value {
    if (auto ref = tooltip_text(m, d, m.config, datum); ref.truthy()) return ref;
    if (d.is_null()) return {};
    auto tooltip = mark_prop_or_config("tooltip", m.mark_def, m.config);
    if (is_true(tooltip)) tooltip = Value::object({{"content", "encoding"}});
    if (tooltip.is_string()) return value_ref(tooltip);
    if (!is_object_like(tooltip)) return {};
    if (is_signal_ref(tooltip)) return tooltip;
    return is(tooltip["content"], "encoding") ? tooltip_from_encoding(m, m.encoding, reactive) : signal_ref(datum);
  });
}

Value aria_encode(Model& m) {
  auto const enabled = mark_prop_or_config("aria", m.mark_def, m.config);
  Value out{Object()};
  if (is_false(enabled)) return out;
  if (enabled.truthy()) out.set("aria", enabled);
  if (!is_false(m.config["aria"])) {
    auto const role = mark_prop_or_config("ariaRoleDescription", m.mark_def, m.config);
    bool const vega_mark = one_of(m.mark(), {"arc", "area", "group", "image", "line", "path", "rect", "rule", "shape",
                                             "symbol", "text", "trail"});
    if (!role.is_nullish())
      out.set("ariaRoleDescription", value_ref(role));
    else if (!vega_mark)
      out.set("ariaRoleDescription", value_ref(Value(m.mark())));
  }
  assign(out, description(m));
  return out;
}

Value z_index_encode(Model& m) {
  auto const& order = m.encoding["order"];
  if (is_path_mark(m.mark()) || !is_value_def(order)) return Value(Object());
  return wrap_condition(m, order, "zindex", [](Value const& d) { return signal_or_value_ref(d["value"]); });
}

Value non_position(Model& m, std::string_view channel, NonPosition const& options) {
  auto const& def = m.encoding[channel];
  auto default_ref = options.default_ref;
  if (!default_ref.defined()) {
    auto value = options.default_value;
    if (value.is_nullish())
      value = mark_prop_or_config(channel, m.mark_def, m.config, {options.vg_channel, !is_conditional_def(def)});
    if (value.defined()) default_ref = signal_or_value_ref(value);
  }
  auto const name = m.scale_name(channel);
  auto* scale = m.scale_component(channel);
  auto const invalid = invalid_value_ref(m, channel, def, scale, name);
  return wrap_condition(
      m, def, options.vg_channel.empty() ? channel : options.vg_channel,
      [&](Value const& d) {
        MidPoint p;
        p.channel = channel;
        p.def = d;
        p.scale_name = name;
        p.scale = scale;
        p.default_ref = [&] { return default_ref; };
        return mid_point(m, p);
      },
      invalid);
}

Value color_encode(Model& m, Value const& given) {
  auto const& mark = m.mark_def;
  auto const filled = given.is_nullish() ? mark_prop_or_config("filled", mark, m.config) : given;
  Value const transparent =
      one_of(m.mark(), {"bar", "point", "circle", "square", "geoshape"}) ? Value("transparent") : Value();
  auto const fallback = [&](bool applies, std::string_view vg_channel, Value const& last) {
    auto const own = mark_prop_or_config(applies ? "color" : "", mark, m.config, {vg_channel, false});
    return nullish_or(own, nullish_or(applies ? m.config["mark"]["color"] : Value(), last));
  };
  Value const fill = fallback(is_true(filled), "fill", transparent), stroke = fallback(is_false(filled), "stroke", {});
  Value out{Object()};
  if (fill.truthy()) out.set("fill", signal_or_value_ref(fill));
  if (stroke.truthy()) out.set("stroke", signal_or_value_ref(stroke));
  if (mark["color"].truthy() && mark[filled.truthy() ? "fill" : "stroke"].truthy())
    m.ctx.warn(message::color_dropped("property"));
  assign(out, non_position(m, "color", {filled.truthy() ? "fill" : "stroke", filled.truthy() ? fill : stroke, {}}));
  assign(out, non_position(m, "fill", {{}, m.encoding["fill"].truthy() ? fill : Value(), {}}));
  assign(out, non_position(m, "stroke", {{}, m.encoding["stroke"].truthy() ? stroke : Value(), {}}));
  return out;
}

Value base_encode(Model& m, std::initializer_list<std::string_view> ignore, bool include_color) {
  static constexpr std::string_view kProperties[] = {"description",
                                                     "ariaRole",
                                                     "ariaRoleDescription",
                                                     "blend",
                                                     "opacity",
                                                     "fill",
                                                     "fillOpacity",
                                                     "stroke",
                                                     "strokeCap",
                                                     "strokeWidth",
                                                     "strokeOpacity",
                                                     "strokeDash",
                                                     "strokeDashOffset",
                                                     "strokeJoin",
                                                     "strokeOffset",
                                                     "strokeMiterLimit",
                                                     "startAngle",
                                                     "endAngle",
                                                     "padAngle",
                                                     "innerRadius",
                                                     "outerRadius",
                                                     "size",
                                                     "shape",
                                                     "interpolate",
                                                     "tension",
                                                     "orient",
                                                     "align",
                                                     "baseline",
                                                     "text",
                                                     "dir",
                                                     "dx",
                                                     "dy",
                                                     "ellipsis",
                                                     "limit",
                                                     "radius",
                                                     "theta",
                                                     "angle",
                                                     "font",
                                                     "fontSize",
                                                     "fontWeight",
                                                     "fontStyle",
                                                     "lineBreak",
                                                     "lineHeight",
                                                     "cursor",
                                                     "href",
                                                     "tooltip",
                                                     "cornerRadius",
                                                     "cornerRadiusTopLeft",
                                                     "cornerRadiusTopRight",
                                                     "cornerRadiusBottomLeft",
                                                     "cornerRadiusBottomRight",
                                                     "aspect",
                                                     "url",
                                                     "smooth"};
  Value out{Object()};
  for (auto property : kProperties)
    if (has(m.mark_def, property) && !one_of(property, ignore))
      out.set(property, signal_or_value_ref(m.mark_def[property]));
  if (include_color) {
    auto const color = color_encode(m);
    for (auto key : {"fill", "stroke"})
      if (color[key].truthy()) out.set(key, color[key]);
  }
  for (auto channel : {"opacity", "fillOpacity", "strokeOpacity", "strokeWidth", "strokeDash"})
    assign(out, non_position(m, channel));
  assign(out, z_index_encode(m));
  assign(out, tooltip_encode(m));
  assign(out, text_encode(m, "href"));
  assign(out, aria_encode(m));
  return out;
}

Value defined_encode(Model& m) {
  Strings fields;
  each_field_def(m.encoding, [&](Value const& def, std::string_view channel) {
    auto const type = is_scale_channel(channel) ? m.scale_type(channel) : Value();
    if (!type.truthy()) return;
    auto const mode = scale_invalid_mode(m.mark_def, m.config, channel, type, is_counting_aggregate(def["aggregate"]));
    if (mode != InvalidMode::BreakPathsFilterDomains && mode != InvalidMode::BreakPathsShowDomains) return;
    add_unique(fields,
               m.vg_field_of(channel, {.expr = "datum", .bin_suffix = m.stack && m.stack->impute ? "mid" : ""}));
  });
  if (fields.empty()) return Value(Object());
  for (auto& field : fields) field = field_valid_expression(field, true);
  return entry("defined", signal_ref(join(fields, " && ")));
}

}  // namespace cml::vega::lite
