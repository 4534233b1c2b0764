// Mark definitions of a unit: plain, one group per line or area, or a rounded group per stacked bar.
#include "vega/lite/mark/marks.hpp"
#include "vega/lite/mark_def.hpp"

namespace cml::vega::lite {
namespace {

constexpr MarkType const* kMarkTypes[] = {&kArcMark,    &kAreaMark, &kBarMark,   &kCircleMark, &kGeoshapeMark,
                                          &kImageMark,  &kLineMark, &kPointMark, &kRectMark,   &kRuleMark,
                                          &kSquareMark, &kTextMark, &kTickMark,  &kTrailMark};

Value sort_of_mark(Model& m) {
  auto const& order = m.encoding["order"];
  auto const none = [](Value const& v) { return is_false(v) || v.is_null(); };
  if ((!order.is_array() && is_value_def(order) && none(order["value"])) ||
      (!order.truthy() && none(mark_prop_or_config("order", m.mark_def, m.config))))
    return {};
  if ((order.is_array() || is_field_def(order)) && !m.stack) return sort_params(order, {.expr = "datum"});
  if (is_path_mark(m.mark())) {
    std::string_view const dimension = is(m.mark_def["orient"], "horizontal") ? "y" : "x";
    if (is_field_def(m.encoding[dimension])) return Value::object({{"field", Value(dimension)}});
  }
  return {};
}

Value clip_of_mark(Model& m) {
  if (has(m.mark_def, "clip")) return m.mark_def["clip"];
  for (auto channel : kPositionScaleChannels)
    if (auto const* scale = m.scale_component(channel); scale && scale->get("selectionExtent").truthy()) return true;
  return m.component.projection && !m.component.projection->is_fit() ? Value(true) : Value();
}

// Whether the mark takes part in interaction; undefined where there is none.
Value interactive_flag(Model& m) {
  auto const own = m.component.selection.size();
  auto count = own;
  for (auto const* p = m.parent; p && count == 0; p = p->parent) count = p->component.selection.size();
  if (!count) return {};
  return Value(own > 0 || m.mark() == "geoshape" || m.encoding["tooltip"].truthy() || m.mark_def["tooltip"].truthy());
}

Value mark_group(Model& m, std::string const& prefix = "") {
  auto const clip = clip_of_mark(m), sort = sort_of_mark(m), interactive = interactive_flag(m);
  if (interactive.defined()) {
    bool clickable = false;
    for (auto const& [name, s] : m.component.selection)
      clickable = clickable || (is(s->type, "point") && !s->bind.truthy() && !is(s->on, "pointerover"));
    if (clickable && m.mark_def["cursor"].is_nullish()) m.mark_def.set("cursor", "pointer");
  }
  auto const& type = mark_type_of(m);
  Value out = Value::object({{"name", Value(m.get_name("marks"))}, {"type", Value(type.vg_mark)}});
  if (clip.truthy()) out.set("clip", clip);
  out.set("style", mark_styles(m.mark_def));
  if (m.encoding["key"].truthy()) out.set("key", m.encoding["key"]["field"]);
  if (sort.truthy()) out.set("sort", sort);
  if (interactive.defined()) out.set("interactive", interactive);
  if (is_false(mark_prop_or_config("aria", m.mark_def, m.config))) out.set("aria", false);
  Array const transform = type.transform ? type.transform(m) : Array();
  out.set("from", Value::object({{"data", Value(prefix + m.request_data_name(DataSource::Main))}}));
  out.set("encode", Value::object({{"update", type.encode(m)}}));
  if (type.transform) out.set("transform", transform);
  return out;
}

Value group_of(char const* size) { return Value::object({{"field", Value::object({{"group", size}})}}); }

Value path_groups(Model& m, Strings const& details) {
  auto const data = m.request_data_name(DataSource::Main);
  Value const facet = Value::object(
      {{"name", Value("faceted_path_" + data)}, {"data", Value(data)}, {"groupby", string_array(details)}});
  return Value::object(
      {{"name", Value(m.get_name("pathgroup"))},
       {"type", "group"},
       {"from", Value::object({{"facet", facet}})},
       {"encode",
        Value::object({{"update", Value::object({{"width", group_of("width")}, {"height", group_of("height")}})}})},
       {"marks", Value::array({mark_group(m, "faceted_path_")})}});
}

// Rounded corners belong to the whole stack: a clipping group of the stack's extent carries them.
Value rounded_stack_groups(Model& m) {
  Value mark = mark_group(m, "stack_group_");
  auto const& channel = m.stack->field_channel;
  auto const scale = m.scale_name(channel);
  auto const stacked = [&](FieldOptions const& options) { return m.vg_field_of(channel, options); };
  auto const extent = [&](char const* fn) {
    Strings parts;
    for (auto suffix : {"start", "end"})
      for (auto prefix : {"min", "max"})
        parts.push_back("scale('" + scale + "'," + stacked({.expr = "datum", .prefix = prefix, .suffix = suffix}) +
                        ")");
    return signal_ref(std::string(fn) + "(" + join(parts, ",") + ")");
  };
  Value update = mark["encode"]["update"], group{Object()}, inner;
  bool const horizontal = channel == "x";
  if (horizontal) {
    group = pick(update, {"y", "yc", "y2", "height", "cornerRadius", "cornerRadiusTopLeft", "cornerRadiusTopRight",
                          "cornerRadiusBottomLeft", "cornerRadiusBottomRight"});
    update = omit(update, {"y", "yc", "y2"});
  } else {
    group = pick(update, {"x", "xc", "x2", "width"});
    update = omit(update, {"x", "xc", "x2"});
  }
  char const *from = horizontal ? "x" : "y", *to = horizontal ? "x2" : "y2", *across = horizontal ? "height" : "width";
  group.set(from, extent("min"));
  group.set(to, extent("max"));
  group.set("clip", value_ref(true));
  Value shift = group_of(from);
  shift.set("mult", -1);
  inner.set(from, shift);
  inner.set(across, group_of(across));
  update.set(across, group_of(across));
  for (auto key : kCornerRadii) {
    auto const configured = mark_config(key, m.mark_def, m.config);
    if (update[key].truthy()) {
      group.set(key, update[key]);
      update.erase(key);
    } else if (configured.truthy()) {
      group.set(key, signal_or_value_ref(configured));
    }
    if (configured.truthy()) update.set(key, value_ref(0));
  }
  Array groupby;
  for (auto const& c : m.stack->groupby_channels) {
    auto const& def = m.field_def(c);
    if (auto field = vg_field(def); !field.empty()) groupby.emplace_back(field);
    if (def["bin"].truthy() || def["timeUnit"].truthy()) groupby.emplace_back(vg_field(def, {.bin_suffix = "end"}));
  }
  for (auto key : {"stroke", "strokeWidth", "strokeJoin", "strokeCap", "strokeDash", "strokeDashOffset",
                   "strokeMiterLimit", "strokeOpacity"}) {
    if (update[key].truthy())
      group.set(key, update[key]);
    else if (auto const configured = mark_config(key, m.mark_def, m.config); configured.defined())
      group.set(key, signal_or_value_ref(configured));
  }
  if (group["stroke"].truthy()) {
    group.set("strokeForeground", value_ref(true));
    group.set("strokeOffset", value_ref(0));
  }
  mark.member("encode").set("update", update);
  Value const start = stacked({.suffix = "start"}), end = stacked({.suffix = "end"});
  auto const data = m.request_data_name(DataSource::Main);
  Value const facet =
      Value::object({{"data", Value(data)},
                     {"name", Value("stack_group_" + data)},
                     {"groupby", groupby},
                     {"aggregate", Value::object({{"fields", Value::array({start, start, end, end})},
                                                  {"ops", Value::array({"min", "max", "min", "max"})}})}});
  return Value::object({{"type", "group"},
                        {"from", Value::object({{"facet", facet}})},
                        {"encode", Value::object({{"update", group}})},
                        {"marks", Value::array({Value::object({{"type", "group"},
                                                               {"encode", Value::object({{"update", inner}})},
                                                               {"marks", Value::array({mark})}})})}});
}

}  // namespace

MarkType const& mark_type_of(Model const& m) {
  for (auto const* type : kMarkTypes)
    if (type->name == m.mark()) return *type;
  return kPointMark;
}

void parse_mark_group(Model& m) {
  m.ctx.path = m.path;
  if (is_path_mark(m.mark())) {
    auto const details = path_grouping_fields(m.mark(), m.encoding);
    m.component.mark = {details.empty() ? mark_group(m) : path_groups(m, details)};
    return;
  }
  if (m.mark() == "bar" && m.stack && !m.field_def("size").defined()) {
    for (auto key : kCornerRadii)
      if (mark_prop_or_config(key, m.mark_def, m.config).truthy()) {
        m.component.mark = {rounded_stack_groups(m)};
        return;
      }
  }
  m.component.mark = {mark_group(m)};
}

}  // namespace cml::vega::lite
