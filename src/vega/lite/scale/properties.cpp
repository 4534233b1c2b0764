#include <algorithm>

#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

struct Params {
  Model& m;
  std::string_view channel;
  ScaleComponent const& scale;
  Value def, type, specified;
  Value const& scale_config() const { return m.config["scale"]; }
  bool nested_offset() const { return has_nested_offset_scale(m.encoding, channel); }
  bool ranged() const { return m.encoding[secondary_range_channel(channel)].truthy(); }
};

Value bins(Params const& p) {
  auto const& bin = p.def["bin"];
  if (!is_field_def(p.def)) return {};
  if (is_binning(bin)) return signal_ref(late_signal(bin_signal_name(p.m, p.def["field"], bin)));
  if (is_binned(bin) && has(bin, "step")) return Value::object({{"step", bin["step"]}});
  return {};
}
Value interpolate(Params const& p) {
  return is_color_channel(p.channel) && !is(p.def["type"], "nominal") ? Value("hcl") : Value();
}
Value nice(Params const& p) {
  auto const& s = p.specified;
  if (get_field_def(p.def)["bin"].truthy() || s["domain"].is_array() || !s["domainMax"].is_nullish() ||
      !s["domainMin"].is_nullish() || one_of(p.type, {"time", "utc"}))
    return {};
  return is_x_or_y(p.channel) ? Value(true) : Value();
}
Value padding(Params const& p) {
  if (!is_x_or_y(p.channel)) return {};
  if (is_continuous_scale(p.type)) {
    if (has(p.scale_config(), "continuousPadding")) return p.scale_config()["continuousPadding"];
    auto const& orient = p.m.mark_def["orient"];
    if (p.m.mark() == "bar" && !(is_field_def(p.def) && (p.def["bin"].truthy() || p.def["timeUnit"].truthy())) &&
        ((is(orient, "vertical") && p.channel == "x") || (is(orient, "horizontal") && p.channel == "y")))
      return p.m.config["bar"]["continuousBandSize"];
  }
  return is(p.type, "point") ? p.scale_config()["pointPadding"] : Value();
}
Value padding_inner(Params const& p) {
  if (p.scale.get("padding").defined()) return {};
  auto const& c = p.scale_config();
  if (is_x_or_y(p.channel)) {
    if (p.nested_offset()) return c["bandWithNestedOffsetPaddingInner"];
    auto const of_mark = p.m.mark() == "bar"    ? "barBandPaddingInner"
                         : p.m.mark() == "tick" ? "tickBandPaddingInner"
                                                : "rectBandPaddingInner";
    return first_defined(c["bandPaddingInner"], c[of_mark]);
  }
  return is_offset_channel(p.channel) && is(p.type, "band") ? c["offsetBandPaddingInner"] : Value();
}
Value padding_outer(Params const& p) {
  if (p.scale.get("padding").defined()) return {};
  auto const& c = p.scale_config();
  if (is_x_or_y(p.channel)) {
    if (p.nested_offset()) return c["bandWithNestedOffsetPaddingOuter"];
    if (!is(p.type, "band")) return {};
    if (has(c, "bandPaddingOuter")) return c["bandPaddingOuter"];
    auto const& inner = p.scale.get("paddingInner");
    if (is_signal_ref(inner)) return signal_ref(inner["signal"].to_string() + "/2");
    return inner.is_number() ? Value(inner.number() / 2) : Value();
  }
  if (is_offset_channel(p.channel)) {
    if (is(p.type, "point")) return 0.5;
    if (is(p.type, "band")) return c["offsetBandPaddingOuter"];
  }
  return {};
}
Value reverse(Params const& p) {
  bool const descending = has_continuous_domain(p.type) && is_field_def(p.def) && is(p.def["sort"], "descending");
  auto const& x_reverse = p.scale_config()["xReverse"];
  if (p.channel == "x" && x_reverse.defined()) {
    if (!descending) return x_reverse;
    return is_signal_ref(x_reverse) ? signal_ref("!" + x_reverse["signal"].to_string()) : Value(!x_reverse.truthy());
  }
  return descending ? Value(true) : Value();
}
Value zero(Params const& p) {
  auto const& domain = p.specified["domain"];
  if (domain.truthy() && !is(domain, "unaggregated") && has_continuous_domain(p.type)) {
    if (domain.is_array() && domain.size()) {
      auto const &first = domain.items().front(), &last = domain.items().back();
      if (first.is_number() && first.number() <= 0 && last.is_number() && last.number() >= 0) return true;
    }
    return false;
  }
  if (p.channel == "size" && is(p.def["type"], "quantitative") && !is_discretizing_scale(p.type)) return true;
  if (!(is_field_def(p.def) && p.def["bin"].truthy()) && one_of(p.channel, {"x", "y", "theta", "radius"})) {
    auto const mark = p.m.mark();
    auto const& orient = p.m.mark_def["orient"];
    if (one_of(mark, {"bar", "area", "line", "trail"}) &&
        ((is(orient, "horizontal") && p.channel == "y") || (is(orient, "vertical") && p.channel == "x")))
      return false;
    if (one_of(mark, {"bar", "area"}) && !p.ranged()) return true;
    return p.scale_config()["zero"];
  }
  return false;
}

struct Rule {
  std::string_view property;
  Value (*value)(Params const&);
};
constexpr Rule kRules[] = {{"bins", bins},
                           {"interpolate", interpolate},
                           {"nice", nice},
                           {"padding", padding},
                           {"paddingInner", padding_inner},
                           {"paddingOuter", padding_outer},
                           {"reverse", reverse},
                           {"zero", zero}};

void parse_unit(Model& m, std::string_view property) {
  m.ctx.path = m.path;
  auto const* rule =
      std::find_if(std::begin(kRules), std::end(kRules), [&](Rule const& r) { return r.property == property; });
  auto const& configured = m.config["scale"][property];
  bool const needs_color = property_needs_color(property);
  for (auto const& [channel, local] : m.component.scales) {
    auto const& specified = m.specified_scales[channel];
    auto const* scale = m.scale_component(channel);
    auto const& type = scale->get("type");
    auto const& value = specified[property];
    bool const supported = scale_supports_property(type, property);
    bool const wrong_channel = needs_color && !is_color_channel(channel);
    if (value.defined()) {
      if (!supported)
        m.ctx.warn(message::scale_property_for_type(channel, property, type.string_or("?")));
      else if (wrong_channel)
        m.ctx.warn(message::scale_property_needs_color(property));
    }
    if (!supported || wrong_channel) continue;
    auto const& def = get_field_or_datum_def(m.encoding[channel]);
    if (value.defined()) {
      bool const temporal = is_date_time(value) || is(def["type"], "temporal") || def["timeUnit"].truthy();
      if ((property == "domainMax" || property == "domainMin") && temporal)
        local->set(
            property,
            Value::object({{"signal", value_expression(m.ctx, value, {def["timeUnit"], def["type"], false, false})}}),
            true);
      else
        local->set(property, value, true);
      continue;
    }
    auto const derived =
        rule == std::end(kRules) ? configured : rule->value({m, channel, *scale, def, type, specified});
    if (derived.defined()) local->set(property, derived, false);
  }
}

}  // namespace

void parse_scale_property(Model& m, std::string_view property) {
  if (m.is_unit()) {
    if (property != "range") parse_unit(m, property);
    return;
  }
  if (property != "range")
    for (auto const& child : m.children) parse_scale_property(*child, property);
  for (auto const& [channel, scale] : m.component.scales) {
    Explicit merged;
    for (auto const& child : m.children) {
      auto const* child_scale = child->component.scales.find(channel);
      if (!child_scale || !*child_scale) continue;
      auto const own = (*child_scale)->get_with_explicit(property);
      if (!own.value.defined()) continue;
      merged = merge_explicit(m.ctx, merged, own, property, "scale", [&](Explicit const& a, Explicit const& b) {
        auto const &x = a.value["step"], &y = b.value["step"];
        if (property == "range" && x.is_number() && y.is_number() && x.truthy() && y.truthy() &&
            x.number() != y.number())
          return x.number() > y.number() ? a : b;
        return default_tie_breaker(m.ctx, a, b, property, "scale");
      });
    }
    scale->set_with_explicit(property, merged);
  }
}

ScaleComponent::HasZero ScaleComponent::domain_has_zero() const {
  auto const& type = get("type");
  auto const& zero = get("zero");
  if (one_of(type, {"log", "time", "utc"})) return HasZero::DefinitelyNot;
  if (is_true(zero) || (!zero.defined() && one_of(type, {"linear", "sqrt", "pow"}))) return HasZero::Definitely;
  bool with = false, without = false, by_field = false;
  for (auto const& d : get("domains").items()) {
    if (d.is_array() && d.size() && d.items().front().is_number() && d.items().back().is_number()) {
      if (d.items().front().number() <= 0 && d.items().back().number() >= 0)
        with = true;
      else
        without = true;
    } else {
      by_field = true;
    }
  }
  if (with) return HasZero::Definitely;
  return without && !by_field ? HasZero::DefinitelyNot : HasZero::Maybe;
}

}  // namespace cml::vega::lite
