#include <algorithm>
#include <cmath>

#include "vega/lite/format.hpp"
#include "vega/lite/legend/legend.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

Value gradient_length(LegendParams const& p) {
  auto const& config = p.m.config["legend"];
  auto const& given = nullish_or(p.legend["gradientLength"], config["gradientLength"]);
  if (!given.is_nullish()) return given;
  if (!is_continuous_scale(p.scale_type)) return {};
  auto const clamped = [&](char const* size, char const* kind) {
    return signal_ref("clamp(" + p.m.size_signal(size) + ", " +
                      config[std::string("gradient") + kind + "MinLength"].to_string() + ", " +
                      config[std::string("gradient") + kind + "MaxLength"].to_string() + ")");
  };
  if (!is(p.direction, "horizontal")) return clamped("height", "Vertical");
  if (one_of(p.orient, {"top", "bottom"})) return clamped("width", "Horizontal");
  return config["gradientHorizontalMinLength"];
}
Value symbol_type(LegendParams const& p) {
  if (!p.legend["symbolType"].is_nullish()) return p.legend["symbolType"];
  if (p.channel != "shape") {
    auto const shape = nullish_or(first_condition_value(p.m.encoding["shape"]), p.m.mark_def["shape"]);
    if (shape.truthy()) return shape;
  }
  if (one_of(p.m.mark(), {"bar", "rect", "image", "square"})) return "square";
  if (one_of(p.m.mark(), {"line", "trail", "rule"})) return "stroke";
  return "circle";
}

double max_condition_value(Value const& def, bool& found) {
  double out = def["value"].to_number();
  found = is_value_def(def);
  if (!has_conditional_value_def(def)) return out;
  found = true;
  for (auto const& c : as_array(def["condition"])) {
    double const v = c["value"].to_number();
    out = std::isnan(out) || std::isnan(v) ? std::nan("") : std::max(out, v);
  }
  return out;
}
Value max_opacity(Value const& def) {
  if (!has_conditional_value_def(def)) return is_value_def(def) ? def["value"] : Value();
  bool found = false;
  double const value = max_condition_value(def, found);
  return found ? Value(value) : Value();
}

// Selected entries stay, the others fade.
std::string selected_condition(LegendComponent const& legend, Value const& def) {
  if (!is_field_def(def)) return {};
  auto const field = string_value(def["field"]);
  Strings tests;
  for (auto const& s : legend.get("selections").items()) {
    auto const name = s.to_string(), store = quoted(var_name(name) + std::string(kStore)),
               value = name + "[" + field + "]";
    tests.push_back("(!length(data(" + store + ")) || (" + value + " && indexof(" + value + ", datum.value) >= 0))");
  }
  return join(tests, " || ");
}

Value symbols_part(LegendParams const& p, LegendComponent const& legend, Value const& given) {
  if (!is(p.type, "symbol")) return {};
  auto& m = p.m;
  auto const& config = m.config["legend"];
  bool const filled = m.mark_def["filled"].truthy() && m.mark() != "trail";
  Value out{Object()};
  for (auto property : {"stroke", "strokeWidth", "strokeDash", "strokeDashOffset", "strokeOpacity", "strokeJoin",
                        "strokeMiterLimit", "fill", "fillOpacity"})
    if (auto const value = mark_config(property, m.mark_def, m.config); value.defined())
      out.set(property, signal_or_value_ref(value));
  assign(out, color_encode(m, Value(filled)));
  auto const setting = [&](char const* key) { return nullish_or(legend.get(key), config[key]); };
  auto const opacity = setting("symbolOpacity").is_nullish()
                           ? nullish_or(max_opacity(m.encoding["opacity"]), m.mark_def["opacity"])
                           : Value();
  auto const& encoding = m.encoding;
  if (out["fill"].truthy()) {
    if (p.channel == "fill" || (filled && p.channel == "color")) {
      out.erase("fill");
    } else if (has(out["fill"], "field")) {
      if (setting("symbolFillColor").truthy()) {
        out.erase("fill");
      } else {
        out.set("fill", signal_or_value_ref(nullish_or(config["symbolBaseFillColor"], "black")));
        out.set("fillOpacity", signal_or_value_ref(nullish_or(opacity, 1)));
      }
    } else if (out["fill"].is_array()) {
      Value const fill = nullish_or(first_condition_value(nullish_or(encoding["fill"], encoding["color"])),
                                    nullish_or(m.mark_def["fill"], filled ? m.mark_def["color"] : Value()));
      if (fill.truthy()) out.set("fill", signal_or_value_ref(fill));
    }
  }
  if (out["stroke"].truthy()) {
    if (p.channel == "stroke" || (!filled && p.channel == "color") || has(out["stroke"], "field") ||
        setting("symbolStrokeColor").truthy()) {
      out.erase("stroke");
    } else if (out["stroke"].is_array()) {
      auto const conditional = first_condition_value(truthy_or(encoding["stroke"], encoding["color"]));
      auto const own = filled ? m.mark_def["color"] : Value();
      auto const& stroke = first_defined(conditional, m.mark_def["stroke"], own);
      if (stroke.truthy()) out.set("stroke", value_ref(stroke));
    }
  }
  if (p.channel != "opacity") {
    auto const condition = selected_condition(legend, p.def);
    if (!condition.empty()) {
      Value first = Value::object({{"test", Value(condition)}});
      assign(first, signal_or_value_ref(nullish_or(opacity, 1)));
      out.set("opacity", Value::array({first, signal_or_value_ref(config["unselectedOpacity"])}));
    } else if (opacity.truthy()) {
      out.set("opacity", signal_or_value_ref(opacity));
    }
  }
  assign(out, given);
  return out;
}

Value gradient_part(LegendParams const& p, LegendComponent const& legend, Value const& given) {
  if (!is(p.type, "gradient")) return {};
  Value out{Object()};
  if (nullish_or(legend.get("gradientOpacity"), p.m.config["legend"]["gradientOpacity"]).is_nullish()) {
    auto const opacity = truthy_or(max_opacity(p.m.encoding["opacity"]), p.m.mark_def["opacity"]);
    if (opacity.truthy()) out.set("opacity", signal_or_value_ref(opacity));
  }
  assign(out, given);
  return out;
}

Value labels_part(LegendParams const& p, LegendComponent const& legend, Value const& given) {
  auto const& config = p.m.config;
  auto const &format = p.legend["format"], &type = p.legend["formatType"];
  auto const custom = [&](Value const& f, Value const& t) {
    return format_custom_type(p.m.ctx, p.def, config, {f, t, "datum", false, "datum.value"});
  };
  Value text;
  if (is_custom_format_type(type)) {
    text = custom(format, type);
  } else if (!format.defined() && !type.defined() && config["customFormatTypes"].truthy()) {
    if (is(p.def["type"], "quantitative") && config["numberFormatType"].truthy())
      text = custom(config["numberFormat"], config["numberFormatType"]);
    else if (is(p.def["type"], "temporal") && config["timeFormatType"].truthy() && is_field_def(p.def) &&
             !has(p.def, "timeUnit"))
      text = custom(config["timeFormat"], config["timeFormatType"]);
  }
  Value out{Object()};
  if (auto const condition = selected_condition(legend, p.def); !condition.empty())
    out.set("opacity", Value::array({Value::object({{"test", Value(condition)}, {"value", 1}}),
                                     value_ref(config["legend"]["unselectedOpacity"])}));
  if (text.truthy()) out.set("text", text);
  assign(out, given);
  return out;
}

}  // namespace

Value first_condition_value(Value const& def) {
  if (has_conditional_value_def(def)) {
    if (has(def, "value")) return def["value"];
    for (auto const& c : as_array(def["condition"]))
      if (has(c, "value")) return c["value"];
    return {};
  }
  return is_value_def(def) ? def["value"] : Value();
}

Value legend_property(LegendParams const& p, std::string_view property) {
  auto const& config = p.m.config;
  if (property == "direction") return p.direction;
  if (property == "format")
    return guide_format(p.def, p.def["type"], p.legend["format"], p.legend["formatType"], config, false);
  if (property == "formatType") return guide_format_type(p.legend["formatType"], p.def, p.scale_type);
  if (property == "gradientLength") return gradient_length(p);
  if (property == "labelOverlap") {
    auto const& given = nullish_or(p.legend["labelOverlap"], config["legend"]["labelOverlap"]);
    if (!given.is_nullish()) return given;
    return one_of(p.scale_type, {"quantile", "threshold", "log", "symlog"}) ? Value("greedy") : Value();
  }
  if (property == "symbolType") return symbol_type(p);
  if (property == "title") return def_title(p.def, config, true);
  if (property == "type") {
    if (is_color_channel(p.channel) && is_continuous_scale(p.scale_type))
      return is(p.type, "gradient") ? Value() : p.type;
    return is(p.type, "symbol") ? Value() : p.type;
  }
  if (property == "values") {
    auto const& given = p.legend["values"];
    if (given.is_array()) return value_array(p.m.ctx, p.def, given);
    return is_signal_ref(given) ? given : Value();
  }
  return p.legend[property];
}

Value legend_encode_part(LegendParams const& p, LegendComponent const& legend, std::string_view part,
                         Value const& given) {
  if (part == "symbols") return symbols_part(p, legend, given);
  if (part == "gradient") return gradient_part(p, legend, given);
  if (part == "labels") return labels_part(p, legend, given);
  if (part == "entries" && legend.get("selections").size())
    return spread({given, Value::object({{"fill", value_ref("transparent")}})});
  return given;
}

}  // namespace cml::vega::lite
