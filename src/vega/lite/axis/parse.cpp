#include "vega/lite/axis/axis.hpp"

#include <algorithm>
#include <cmath>

#include "vega/lite/format.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

struct Params {
  Model& m;
  std::string_view channel;
  Value def, axis, scale_type, orient, label_angle, format, format_type;
};

// The title that the field definitions themselves carry; undefined when they say nothing.
Value field_title(Model& m, std::string_view channel) {
  auto const &def = m.field_def(channel), &def2 = m.field_def(secondary_range_channel(channel));
  auto const a = def.defined() ? def["title"] : Value(), b = def2.defined() ? def2["title"] : Value();
  if (a.truthy() && b.truthy()) return merge_titles(a, b);
  if (a.truthy()) return a;
  if (b.truthy()) return b;
  return first_defined(a, b);
}

Value label_angle(Value const& def, Value const& axis, std::string_view channel, AxisConfigs const& configs) {
  auto const& angle = axis["labelAngle"];
  if (angle.defined()) return is_signal_ref(angle) ? angle : normalize_angle(angle);
  auto const configured = axis_config_value("labelAngle", configs).value;
  if (configured.defined()) return is_signal_ref(configured) ? configured : normalize_angle(configured);
  if (channel == "x" && is_discrete_type(def["type"]) && !(is_field_def(def) && def["timeUnit"].truthy())) return 270;
  return {};
}

Value tick_count(Params const& p) {
  if (!p.axis["tickCount"].is_nullish()) return p.axis["tickCount"];
  if (p.axis["values"].truthy() || has_discrete_domain(p.scale_type) || is(p.scale_type, "log")) return {};
  auto const size = p.m.size_signal(size_channel(p.channel));
  if (is_field_def(p.def)) {
    if (is_binning(p.def["bin"])) return signal_ref("ceil(" + size + "/10)");
    if (p.def["timeUnit"].truthy() &&
        one_of(normalize_time_unit(p.def["timeUnit"])["unit"], {"month", "hours", "day", "quarter"}))
      return {};
  }
  return signal_ref("ceil(" + size + "/40)");
}
Value tick_min_step(Params const& p) {
  if (!p.axis["tickMinStep"].is_nullish()) return p.axis["tickMinStep"];
  if (is(p.format, "d")) return 1;
  if (is_field_def(p.def) && p.def["timeUnit"].truthy())
    if (auto const duration = duration_expression(p.m.ctx, p.def["timeUnit"])) return signal_ref(*duration);
  return {};
}
Value title(Params const& p) {
  if (has(p.axis, "title")) return p.axis["title"];
  if (auto const own = field_title(p.m, p.channel); own.defined()) return own;
  auto const& def = p.m.typed_field_def(p.channel);
  auto const& def2 = p.m.field_def(secondary_range_channel(p.channel));
  return merge_title_field_defs(def.defined() ? Value::array({to_field_def_base(def)}) : Value(Array()),
                                is_field_def(def2) ? Value::array({to_field_def_base(def2)}) : Value(Array()));
}
Value label_overlap(Params const& p) {
  if (!p.axis["labelOverlap"].is_nullish()) return p.axis["labelOverlap"];
  bool const timed = is_field_def(p.def) && p.def["timeUnit"].truthy();
  auto const sort = is_field_def(p.def) ? p.def["sort"] : Value();
  if ((timed && !is_object_like(sort)) || !is_discrete_type(p.def["type"]))
    return one_of(p.scale_type, {"log", "symlog"}) ? Value("greedy") : Value(true);
  return {};
}
Value grid(Params const& p) {
  if (!p.axis["grid"].is_nullish()) return p.axis["grid"];
  return Value(!has_discrete_domain(p.scale_type) && is_field_def(p.def) && !is_binning(p.def["bin"]) &&
               !is_binned(p.def["bin"]));
}
Value values(Params const& p) {
  auto const& given = p.axis["values"];
  if (given.is_array()) return value_array(p.m.ctx, p.def, given);
  return is_signal_ref(given) ? given : Value();
}

struct Rule {
  std::string_view property;
  Value (*value)(Params const&);
};
constexpr Rule kRules[] = {
    {"scale", [](Params const& p) { return Value(p.m.scale_name(p.channel)); }},
    {"format", [](Params const& p) { return p.format; }},
    {"formatType", [](Params const& p) { return p.format_type; }},
    {"grid", grid},
    {"gridScale",
     [](Params const& p) {
       std::string_view const other = p.channel == "x" ? "y" : "x";
       auto const name = p.m.scale_component(other) ? p.m.scale_name(other) : std::string();
       return name.empty() ? Value() : Value(name);
     }},
    {"labelAlign",
     [](Params const& p) {
       return truthy_or(p.axis["labelAlign"], default_label_align(p.label_angle, p.orient, p.channel));
     }},
    {"labelAngle", [](Params const& p) { return p.label_angle; }},
    {"labelBaseline",
     [](Params const& p) {
       return truthy_or(p.axis["labelBaseline"], default_label_baseline(p.label_angle, p.orient, p.channel));
     }},
    {"labelFlush",
     [](Params const& p) {
       if (!p.axis["labelFlush"].is_nullish()) return p.axis["labelFlush"];
       return p.channel == "x" && is_continuous_type(p.def["type"]) ? Value(true) : Value();
     }},
    {"labelOverlap", label_overlap},
    {"orient", [](Params const& p) { return p.orient; }},
    {"tickCount", tick_count},
    {"tickMinStep", tick_min_step},
    {"title", title},
    {"values", values},
    {"zindex",
     [](Params const& p) {
       if (!p.axis["zindex"].is_nullish()) return p.axis["zindex"];
       return p.m.mark() == "rect" && is_discrete_def(p.def) ? Value(1) : Value(0);
     }},
};

// In the order of axis_properties(); null where the axis' own value is taken as it is.
std::vector<Rule const*> const& rules_by_property() {
  static std::vector<Rule const*> const rules = [] {
    std::vector<Rule const*> out;
    for (auto const& property : axis_properties()) {
      auto const* rule = std::find_if(std::begin(kRules), std::end(kRules),
                                      [&](Rule const& r) { return r.property == property.name; });
      out.push_back(rule == std::end(kRules) ? nullptr : rule);
    }
    return out;
  }();
  return rules;
}

bool is_explicit(Params const& p, std::string_view property, Value const& value) {
  if (property == "titleAngle" || property == "labelAngle") {
    auto const& angle = p.axis["labelAngle"];
    return value == (is_signal_ref(angle) ? angle : normalize_angle(angle));
  }
  if (property == "values") return p.axis["values"].truthy();
  if (property == "encode") return p.axis["encoding"].truthy() || p.axis["labelAngle"].truthy();
  if (property == "title" && value == field_title(p.m, p.channel)) return true;
  return value == p.axis[property];
}

// Custom formats are applied to the labels by an expression.
Value labels_encode(Params const& p, Value const& specified) {
  auto const& config = p.m.config;
  auto const &format = p.axis["format"], &type = p.axis["formatType"];
  auto const custom = [&](Value const& f, Value const& t) {
    return spread(
        {Value::object({{"text", format_custom_type(p.m.ctx, p.def, config, {f, t, "datum", false, "datum.value"})}}),
         specified});
  };
  if (is_custom_format_type(type)) return custom(format, type);
  if (format.defined() || type.defined() || !config["customFormatTypes"].truthy()) return specified;
  if (is(p.def["type"], "quantitative")) {
    if (is_position_def(p.def) && is(p.def["stack"], "normalize") && config["normalizedNumberFormatType"].truthy())
      return custom(config["normalizedNumberFormat"], config["normalizedNumberFormatType"]);
    if (config["numberFormatType"].truthy()) return custom(config["numberFormat"], config["numberFormatType"]);
  }
  if (is(p.def["type"], "temporal") && config["timeFormatType"].truthy() && is_field_def(p.def) &&
      !p.def["timeUnit"].truthy())
    return custom(config["timeFormat"], config["timeFormatType"]);
  return specified;
}

std::shared_ptr<AxisComponent> parse_axis(Model& m, std::string_view channel) {
  auto const& config = m.config;
  auto const given = m.axis(channel);
  auto out = std::make_shared<AxisComponent>();
  Value const orient = truthy_or(
      given["orient"], truthy_or(config[channel == "x" ? "axisX" : "axisY"]["orient"],
                                 truthy_or(config["axis"]["orient"], Value(channel == "x" ? "bottom" : "left"))));
  auto const type = m.scale_type(channel);
  auto const configs = axis_configs(channel, type, orient, given["style"], config);
  Value const disable = given.defined() ? Value(!given.truthy()) : axis_config_value("disable", configs).value;
  if (disable.truthy()) {  // Said only when true: merged with others, a disabled axis then disables them all.
    out->set("disable", disable, given.defined());
    return out;
  }
  auto def = get_field_or_datum_def(m.encoding[channel]);
  if (!def.defined()) def = get_field_or_datum_def(m.encoding[secondary_range_channel(channel)]);
  Value const axis = given.is_object() ? given : Value(Object());
  Params const p{m,
                 channel,
                 def,
                 axis,
                 type,
                 orient,
                 label_angle(def, axis, channel, configs),
                 guide_format(def, def["type"], axis["format"], axis["formatType"], config, true),
                 guide_format_type(axis["formatType"], def, type)};
  auto const& rules = rules_by_property();
  for (std::size_t i = 0; i < axis_properties().size(); ++i) {
    auto const& property = axis_properties()[i];
    if (property.name == "disable") continue;
    auto const* rule = rules[i];
    bool const own = !one_of(property.name, {"gridScale", "scale", "encode"});
    auto const value = rule ? rule->value(p) : own ? axis[property.name] : Value();
    if (value.defined() && is_explicit(p, property.name, value)) {
      out->set(property.name, value, true);
      continue;
    }
    AxisConfig configured;
    if (own && property.name != "values") configured = axis_config_value(property.name, configs);
    bool const has_config = configured.value.defined();
    if (value.defined() && !has_config) {
      out->set(property.name, value, false);
    } else if (has_config &&
               (!configured.from_vega || configured.value["condition"].truthy() || is_signal_ref(configured.value) ||
                one_of(property.name, {"grid", "translate", "format", "formatType", "orient", "labelExpr", "tickCount",
                                       "position", "tickMinStep"}))) {
      out->set(property.name, configured.value, false);
    }
  }
  Value encode{Object()};
  for (auto part : kAxisParts) {
    if (!out->has_part(part)) continue;
    auto value = guide_encode_entry(m, axis["encoding"][part]);
    if (part == "labels") value = labels_encode(p, value);
    if (!is_empty(value)) encode.set(part, Value::object({{"update", value}}));
  }
  if (!is_empty(encode)) out->set("encode", encode, axis["encoding"].truthy() || has(axis, "labelAngle"));
  return out;
}

using Axes = std::vector<std::shared_ptr<AxisComponent>>;

// False when the two cannot be one axis.
bool merge_axes(Model& m, Axes& merged, Axes const& children) {
  if (merged.empty()) {
    for (auto const& axis : children) merged.push_back(std::make_shared<AxisComponent>(*axis));
    return true;
  }
  if (merged.size() != children.size()) return false;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    auto const a = merged[i]->get_with_explicit("orient"), b = children[i]->get_with_explicit("orient");
    if (a.is_explicit && b.is_explicit && !(a.value == b.value)) return false;
    for (auto const& property : axis_properties()) {
      auto const name = property.name;
      auto const own = children[i]->get_with_explicit(name);
      if (!own.value.defined() && name != "title") continue;
      merged[i]->set_with_explicit(name, merge_explicit(m.ctx, merged[i]->get_with_explicit(name), own, name, "axis",
                                                        [&](Explicit const& x, Explicit const& y) -> Explicit {
                                                          if (name == "title") return merge_title_component(x, y);
                                                          if (name == "gridScale")
                                                            return {x.is_explicit, first_defined(x.value, y.value)};
                                                          return default_tie_breaker(m.ctx, x, y, name, "axis");
                                                        }));
    }
  }
  return true;
}

std::string_view opposite(std::string_view orient) {
  return orient == "bottom" ? "top" : orient == "top" ? "bottom" : orient == "left" ? "right" : "left";
}

}  // namespace

Value normalize_angle(Value const& angle) {
  if (!angle.is_number()) return angle;
  return std::fmod(std::fmod(angle.number(), 360) + 360, 360);
}

void parse_unit_axes(Model& m) {
  m.ctx.path = m.path;
  for (auto channel : kPositionScaleChannels)
    if (m.component.scales.find(channel)) m.component.axes[channel] = {parse_axis(m, channel)};
}

Value guide_resolve(Model& m, std::string_view guide, std::string_view channel) {
  auto const& given = (guide == "axis" ? m.component.axis_resolve : m.component.legend_resolve)[channel];
  if (is(m.component.scale_resolve[channel], "independent")) {
    if (is(given, "shared")) m.ctx.warn(message::independent_scale_independent_guide(channel));
    return "independent";
  }
  return truthy_or(given, "shared");
}

void parse_layer_axes(Model& m) {
  m.ctx.path = m.path;
  auto& axes = m.component.axes;
  auto& resolve = m.component.axis_resolve;
  for (auto const& child : m.children) {
    child->parse_axes_and_headers();
    for (auto const& [channel, own] : child->component.axes) {
      resolve.set(channel, guide_resolve(m, "axis", channel));
      if (!is(resolve[channel], "shared")) continue;
      if (!merge_axes(m, axes[channel], own)) {
        resolve.set(channel, "independent");
        axes.erase(channel);
      }
    }
  }
  std::map<std::string, int> count;
  for (auto channel : kPositionScaleChannels) {
    bool const independent = is(resolve[channel], "independent");
    for (auto const& child : m.children) {
      auto const own = child->component.axes.get(channel);
      if (own.empty()) continue;
      if (independent) {
        for (auto const& axis : own) {
          axes[channel].push_back(axis);
          auto const orient = axis->get_with_explicit("orient");
          if (is_signal_ref(orient.value)) continue;
          auto const side = orient.value.to_string();
          std::string const other(opposite(side));
          if (count[side] > 0 && !orient.is_explicit && count[side] > count[other]) axis->set("orient", other, false);
          ++count[side];
        }
      }
      child->component.axes.erase(channel);
    }
    if (!independent) continue;
    auto* list = axes.find(channel);
    if (!list || list->size() < 2) continue;
    for (std::size_t i = 1; i < list->size(); ++i)
      if ((*list)[i]->get("grid").truthy() && !(*list)[i]->explicit_props["grid"].truthy())
        (*list)[i]->implicit_props.set("grid", false);
  }
}

}  // namespace cml::vega::lite
