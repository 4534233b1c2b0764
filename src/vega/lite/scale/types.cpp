#include "vega/lite/scale/types.hpp"

#include "vega/lite/channel.hpp"

namespace cml::vega::lite {
namespace {

struct Type {
  std::string_view name, category;
  int precedence;
};
constexpr Type kTypes[] = {{"linear", "numeric", 0},
                           {"log", "numeric", 1},
                           {"pow", "numeric", 1},
                           {"sqrt", "numeric", 1},
                           {"symlog", "numeric", 1},
                           {"identity", "numeric", 1},
                           {"sequential", "numeric", 1},
                           {"time", "time", 0},
                           {"utc", "time", 0},
                           {"ordinal", "ordinal", 0},
                           {"bin-ordinal", "bin-ordinal", 0},
                           {"point", "ordinal-position", 10},
                           {"band", "ordinal-position", 11},
                           {"quantile", "discretizing", 0},
                           {"quantize", "discretizing", 0},
                           {"threshold", "discretizing", 0}};

Type const* find(Value const& type) {
  if (type.is_string())
    for (auto const& t : kTypes)
      if (t.name == type.string()) return &t;
  return nullptr;
}

}  // namespace

std::string_view scale_category(std::string_view type) {
  for (auto const& t : kTypes)
    if (t.name == type) return t.category;
  return {};
}
int scale_precedence(Value const& type) {
  auto const* t = find(type);
  return t ? t->precedence : 0;
}
bool scales_compatible(Value const& a, Value const& b) {
  auto const ca = scale_category(a.string_or("")), cb = scale_category(b.string_or(""));
  return ca == cb || (ca == "ordinal-position" && cb == "time") || (cb == "ordinal-position" && ca == "time");
}
bool has_discrete_domain(Value const& type) { return one_of(type, {"ordinal", "bin-ordinal", "point", "band"}); }
bool is_quantitative_scale(Value const& type) { return one_of(type, {"linear", "log", "pow", "sqrt", "symlog"}); }
bool is_continuous_scale(Value const& type) { return is_quantitative_scale(type) || one_of(type, {"time", "utc"}); }
bool is_discretizing_scale(Value const& type) { return one_of(type, {"quantile", "quantize", "threshold"}); }
bool has_continuous_domain(Value const& type) {
  return is_continuous_scale(type) || is_discretizing_scale(type) || one_of(type, {"sequential", "identity"});
}

bool scale_supports_property(Value const& type, std::string_view p) {
  if (one_of(p, {"type", "domain", "reverse", "range"})) return true;
  if (one_of(p, {"scheme", "interpolate"})) return !one_of(type, {"point", "band", "identity"});
  if (p == "bins") return !one_of(type, {"point", "band", "identity", "ordinal"});
  if (p == "round") return is_continuous_scale(type) || one_of(type, {"band", "point"});
  if (one_of(p, {"padding", "rangeMin", "rangeMax"}))
    return is_continuous_scale(type) || one_of(type, {"point", "band"});
  if (one_of(p, {"paddingOuter", "align"})) return one_of(type, {"point", "band"});
  if (p == "paddingInner") return is(type, "band");
  if (one_of(p, {"domainMax", "domainMid", "domainMin", "domainRaw", "clamp"})) return is_continuous_scale(type);
  if (p == "nice") return is_continuous_scale(type) || one_of(type, {"quantize", "threshold"});
  if (p == "exponent") return is(type, "pow");
  if (p == "base") return is(type, "log");
  if (p == "constant") return is(type, "symlog");
  if (p == "zero") return has_continuous_domain(type) && !one_of(type, {"log", "time", "utc", "threshold", "quantile"});
  return false;
}
bool scale_supports_field_type(Value const& type, Value const& field_type) {
  if (one_of(field_type, {"ordinal", "nominal"})) return has_discrete_domain(type);
  if (is(field_type, "temporal")) return one_of(type, {"time", "utc"});
  if (is(field_type, "quantitative")) return is_quantitative_scale(type) || is_discretizing_scale(type);
  return true;
}
bool channel_supports_scale(std::string_view c, Value const& type) {
  if (one_of(c, {"x", "y", "xOffset", "yOffset", "theta", "radius"}))
    return is_continuous_scale(type) || one_of(type, {"band", "point"});
  if (c == "time") return one_of(type, {"linear", "band"});
  if (one_of(c, {"size", "strokeWidth", "opacity", "fillOpacity", "strokeOpacity", "angle"}))
    return is_continuous_scale(type) || is_discretizing_scale(type) || one_of(type, {"band", "point", "ordinal"});
  if (is_color_channel(c)) return !is(type, "band");
  if (one_of(c, {"strokeDash", "shape"})) return is(type, "ordinal") || is_discretizing_scale(type);
  return false;
}
bool property_needs_color(std::string_view p) { return one_of(p, {"interpolate", "scheme", "domainMid"}); }

}  // namespace cml::vega::lite
