#include "vega/lite/config.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

Value assemble_range(Model& m, Value const& range, std::string const& name, std::string_view channel) {
  if (is_x_or_y(channel)) {
    if (is_step(range)) return Value::object({{"step", signal_ref(name + "_step")}});
  } else if (is_data_ref(range)) {
    Value out = range;
    out.set("data", m.lookup_data_source(range["data"].to_string()));
    return out;
  }
  return range;
}

Array assemble_own(Model& m) {
  Array out;
  for (auto const& [channel, component] : m.component.scales) {
    if (component->merged) continue;
    auto const domain = assemble_domain(m, channel);
    auto const scale = component->combine();
    auto const extent = scale["selectionExtent"];
    Value domain_raw;
    if (extent.truthy()) domain_raw = selection_scale_domain(m, extent, *component, domain);
    Value assembled = Value::object({{"name", scale["name"]}, {"type", scale["type"]}});
    if (domain.truthy()) assembled.set("domain", domain);
    if (domain_raw.truthy()) assembled.set("domainRaw", domain_raw);
    assembled.set("range", assemble_range(m, scale["range"], scale["name"].to_string(), channel));
    if (scale["reverse"].defined()) assembled.set("reverse", scale["reverse"]);
    assign(assembled, omit(scale, {"name", "type", "selectionExtent", "domains", "range", "reverse"}));
    out.push_back(assembled);
  }
  return out;
}

}  // namespace

Array assemble_scales(Model& m) {
  auto out = assemble_own(m);
  if (m.is_layer() || m.is_concat())
    for (auto const& child : m.children)
      for (auto& scale : assemble_scales(*child)) out.push_back(std::move(scale));
  return out;
}

}  // namespace cml::vega::lite
