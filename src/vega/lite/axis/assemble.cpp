#include "vega/lite/axis/axis.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

void set_encode(Value& axis, std::string_view part, std::string_view property, Value ref) {
  axis.member("encode").member(part).member("update").set(property, std::move(ref));
}
std::string ref_expression(Value const& ref) {
  if (is_signal_ref(ref)) return ref["signal"].to_string();
  return has(ref, "value") ? string_value(ref["value"]) : "undefined";
}

// Conditions go into the encoding of a part, or become one signal.
void place_condition(Model& m, Value& axis, AxisProperty const& property, Value const& given) {
  auto const conditions = as_array(given["condition"]);
  auto const rest = omit(given, {"condition"});
  auto const test = [&](Value const& c) { return condition_expression(m, c["test"]); };
  if (!property.vega.empty()) {
    Array refs;
    for (auto const& c : conditions)
      refs.push_back(spread({Value::object({{"test", Value(test(c))}}), omit(c, {"test"})}));
    refs.push_back(rest);
    set_encode(axis, property.encode_part, property.vega, refs);
    axis.erase(property.name);
  } else if (property.conditional_signal) {
    std::string text;
    for (auto const& c : conditions) text += test(c) + " ? " + ref_expression(omit(c, {"test"})) + " : ";
    axis.set(property.name, signal_ref(text + ref_expression(rest)));
  }
}

}  // namespace

Value assemble_guide_title(Value const& title, Value const& config) {
  if (!title.truthy()) return {};
  if (!title.is_array() || is_text(title)) return title;
  Strings parts;
  for (auto const& def : title.items()) {
    auto const part = default_title(def, config);
    parts.push_back(part.is_nullish() ? "" : part.to_string());
  }
  return Value(join(parts, ", "));
}

Value assemble_axis(Model& m, AxisComponent const& component, std::string_view part, bool for_header) {
  auto const all = component.combine();
  if (all["disable"].truthy()) return {};
  Value axis = omit(all, {"disable", "orient", "scale", "labelExpr", "title", "zindex"});
  auto const z_index = all["zindex"].defined() ? all["zindex"] : Value(0);
  char const kind = part[0];
  Value const before = axis;
  for (auto const& [key, value] : before.properties()) {
    auto const* property = find_axis_property(key);
    if (property && property->part != '-' && property->part != kind && property->part != 'b') {
      axis.erase(key);
      continue;
    }
    if (value["condition"].truthy()) {
      if (property) place_condition(m, axis, *property, value);
    } else if (is_signal_ref(value) && property && !property->vega.empty()) {
      set_encode(axis, property->encode_part, property->vega, value);
      axis.erase(key);
    }
    if (one_of(key.view(), {"labelAlign", "labelBaseline"}) && axis[key.view()].is_null()) axis.erase(key);
  }
  if (part == "grid") {
    if (!axis["grid"].truthy()) return {};
    if (axis["encode"].truthy()) {
      auto const grid = axis["encode"]["grid"];
      if (grid.truthy())
        axis.set("encode", Value::object({{"grid", grid}}));
      else
        axis.erase("encode");
    }
    return spread({Value::object({{"scale", all["scale"]}, {"orient", all["orient"]}}), axis,
                   Value::object({{"domain", false},
                                  {"labels", false},
                                  {"aria", false},
                                  {"maxExtent", 0},
                                  {"minExtent", 0},
                                  {"ticks", false},
                                  {"zindex", z_index}})});
  }
  if (!for_header && component.main_extracted) return {};
  if (has(all, "labelExpr")) {
    auto expression = all["labelExpr"].to_string();
    auto const& text = axis["encode"]["labels"]["update"]["text"];
    if (is_signal_ref(text)) expression = replace_all(expression, "datum.label", text["signal"].to_string());
    set_encode(axis, "labels", "text", signal_ref(expression));
  }
  if (axis["labelAlign"].is_null()) axis.erase("labelAlign");
  if (axis["encode"].truthy()) {
    Value encode = axis["encode"];
    for (auto p : kAxisParts)
      if (!component.has_part(p)) encode.erase(p);
    if (is_empty(encode))
      axis.erase("encode");
    else
      axis.set("encode", encode);
  }
  Value out = Value::object({{"scale", all["scale"]}, {"orient", all["orient"]}, {"grid", false}});
  if (auto const title = assemble_guide_title(all["title"], m.config); title.truthy()) out.set("title", title);
  assign(out, axis);
  if (is_false(m.config["aria"])) out.set("aria", false);
  out.set("zindex", z_index);
  return out;
}

Array assemble_axes(Model& m) {
  Array out;
  for (auto part : {"grid", "main"})
    for (auto channel : kPositionScaleChannels)
      for (auto const& axis : m.component.axes.get(channel))
        if (auto assembled = assemble_axis(m, *axis, part); assembled.truthy()) out.push_back(std::move(assembled));
  return out;
}

// Axes measure themselves by the group's "width" and "height", which may have other names.
Array assemble_axis_signals(Model& m) {
  Array out;
  for (auto channel : kPositionScaleChannels)
    for (auto const& axis : m.component.axes.get(channel)) {
      if (axis->get("disable").truthy() || axis->get("gridScale").truthy()) continue;
      auto const size = channel == "x" ? "height" : "width";
      auto const update = m.size_signal(size);
      if (update != size) out.push_back(Value::object({{"name", size}, {"update", Value(update)}}));
    }
  return out;
}

}  // namespace cml::vega::lite
