#include "vega/lite/scale/scale.hpp"

#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

Value choose_scale_type(Context& ctx, Value const& specified, std::string_view channel, Value const& def,
                        Value const& mark, bool nested) {
  auto const fallback = default_scale_type(ctx, channel, def, mark, nested);
  auto const& type = specified["type"];
  if (!type.defined()) return fallback;
  if (!channel_supports_scale(channel, type)) {
    ctx.warn(message::scale_type_for_channel(channel, type.string_or("?"), fallback.string_or("?")));
    return fallback;
  }
  if (is_field_def(def) && !scale_supports_field_type(type, def["type"])) {
    ctx.warn(message::scale_type_for_field(type.string_or("?"), fallback.string_or("?")));
    return fallback;
  }
  return type;
}

void parse_unit_core(Model& m) {
  m.ctx.path = m.path;
  for (auto channel : scale_channels()) {
    auto const& def = get_field_or_datum_def(m.encoding[channel]);
    if (!def.defined()) continue;
    if (m.mark() == "geoshape" && channel == "shape" && is(def["type"], "geojson")) continue;
    auto const& given = def["scale"];
    if (given.is_null() || is_false(given)) continue;
    auto const specified = given.is_object() ? given : Value(Object());
    auto const type =
        choose_scale_type(m.ctx, specified, channel, def, m.mark_def, has_nested_offset_scale(m.encoding, channel));
    auto scale = std::make_shared<ScaleComponent>();
    scale->implicit_props.set("name", m.get_name(channel));
    scale->set_with_explicit("type", {specified["type"].defined() && specified["type"] == type, type});
    m.component.scales[channel] = scale;
  }
}

void parse_core(Model& m) {
  if (m.is_unit()) return parse_unit_core(m);
  auto& resolve = m.component.scale_resolve;
  OrderedMap<Explicit> types;
  for (auto const& child : m.children) {
    parse_core(*child);
    for (auto const& [channel, scale] : child->component.scales) {
      if (resolve[channel].is_nullish()) resolve.set(channel, default_scale_resolve(m, channel));
      if (!is(resolve[channel], "shared")) continue;
      auto const child_type = scale->get_with_explicit("type");
      auto* known = types.find(channel);
      if (!known) {
        types[channel] = child_type;
      } else if (scales_compatible(known->value, child_type.value)) {
        *known = merge_explicit(m.ctx, *known, child_type, "type", "scale", [&](Explicit const& a, Explicit const& b) {
          int const diff = scale_precedence(a.value) - scale_precedence(b.value);
          return diff > 0 ? a : diff < 0 ? b : default_tie_breaker(m.ctx, a, b, "type", "scale");
        });
      } else {
        resolve.set(channel, "independent");
        types.erase(channel);
      }
    }
  }
  for (auto const& [channel, type] : types) {
    auto const name = m.get_name(channel);
    auto scale = std::make_shared<ScaleComponent>();
    scale->implicit_props.set("name", name);
    scale->set_with_explicit("type", type);
    m.component.scales[channel] = scale;
    for (auto const& child : m.children) {
      auto const child_scale = child->component.scales.get(channel);
      if (!child_scale) continue;
      m.ctx.scale_names.rename(child_scale->get("name").to_string(), name);
      child_scale->merged = true;
    }
  }
}

void parse_ranges(Model& m) {
  m.ctx.path = m.path;
  if (!m.is_unit()) {
    for (auto const& child : m.children) parse_ranges(*child);
    parse_scale_property(m, "range");
    return;
  }
  for (auto channel : scale_channels())
    if (auto const scale = m.component.scales.get(channel))
      scale->set_with_explicit("range", parse_scale_range(m, channel));
}

}  // namespace

Value default_scale_resolve(Model const& m, std::string_view channel) {
  if (m.is_facet()) return channel == "theta" ? "independent" : "shared";
  if (m.is_layer()) return "shared";
  return is_x_or_y(channel) || channel == "theta" || channel == "radius" ? "independent" : "shared";
}

Value default_scale_type(Context& ctx, std::string_view channel, Value const& def, Value const& mark,
                         bool nested_offset) {
  auto const& type = def["type"];
  bool const color = is_color_channel(channel), discrete = has_discrete_range(channel);
  if (is_discrete_type(type)) {
    if (color || discrete) {
      if (channel == "shape" && is(type, "ordinal")) ctx.warn(message::discrete_channel_misleading(channel, "ordinal"));
      return "ordinal";
    }
    if (channel == "time") return "band";
    if (is_x_or_y(channel) || is_offset_channel(channel)) {
      if (one_of(mark["type"], {"rect", "bar", "image", "rule", "tick"}) || nested_offset) return "band";
    } else if (is(mark["type"], "arc") && one_of(channel, {"theta", "radius"})) {
      return "band";
    }
    if (has(mark[size_channel(channel)], "band")) return "band";
    return is_position_def(def) && def["axis"]["tickBand"].truthy() ? "band" : "point";
  }
  if (is(type, "temporal")) {
    if (color) return "time";
    if (discrete) {
      ctx.warn(message::discrete_channel_misleading(channel, "temporal"));
      return "ordinal";
    }
    if (is_field_def(def) && normalize_time_unit(def["timeUnit"])["utc"].truthy()) return "utc";
    return channel == "time" ? "band" : "time";
  }
  if (is(type, "quantitative")) {
    if (color) return is_field_def(def) && is_binning(def["bin"]) ? "bin-ordinal" : "linear";
    if (discrete) {
      ctx.warn(message::discrete_channel_misleading(channel, "quantitative"));
      return "ordinal";
    }
    return channel == "time" ? "band" : "linear";
  }
  if (is(type, "geojson")) return {};
  fail(ctx.path + ".encoding." + std::string(channel),
       message::invalid_field_type(type.defined() ? type : Value("unknown")));
}

void parse_scales(Model& m) {
  parse_core(m);
  parse_scale_domains(m);
  for (auto property : kScaleProperties) {
    parse_scale_property(m, property);
  }
  parse_ranges(m);
}

}  // namespace cml::vega::lite
