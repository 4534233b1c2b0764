#include "vega/lite/legend/legend.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"

namespace cml::vega::lite {
namespace {

// The one field that a channel shows in all views below; empty when they differ.
std::string field_key(Model& m, std::string_view channel) {
  if (m.is_unit())
    if (auto const& def = m.field_def(channel); def["field"].truthy()) return field_name(def);
  Strings fields;
  for (auto const& child : m.children)
    if (auto key = field_key(*child, channel); !key.empty()) add_unique(fields, key);
  return fields.size() == 1 ? fields[0] : std::string();
}

bool compatible(Model& m, std::string_view a, std::string_view b) {
  if (a == b) return true;
  auto const x = m.scale_type(a), y = m.scale_type(b);
  return x.truthy() && y.truthy() && has_discrete_domain(x) == has_discrete_domain(y);
}

// Constants of a discrete domain; undefined when it comes from data.
Value discrete_values(Model& m, std::string_view channel) {
  auto const domain = assemble_domain(m, channel);
  Array out;
  if (domain.is_array()) {
    for (auto const& v : domain.items())
      if (is_primitive(v)) out.push_back(v);
  } else if (is_data_ref_union(domain)) {
    for (auto const& part : domain["fields"].items())
      for (auto const& v : part.items())
        if (is_primitive(v)) out.push_back(v);
  }
  return out.empty() ? Value() : Value(out);
}
bool explicit_equal_domains(Model& m, std::string_view a, std::string_view b) {
  auto *x = m.scale_component(a), *y = m.scale_component(b);
  if (!x || !y || !x->get_with_explicit("domains").is_explicit || !y->get_with_explicit("domains").is_explicit)
    return false;
  return stringify(m.ctx.settle(assemble_domain(m, a))) == stringify(m.ctx.settle(assemble_domain(m, b)));
}

void union_values(Model& m, LegendComponent& legend, std::string_view a, std::string_view b) {
  if (!has_discrete_domain(m.scale_type(a)) || !has_discrete_domain(m.scale_type(b))) return;
  Value values;
  bool const equal = explicit_equal_domains(m, a, b);
  if (equal) {
    values = discrete_values(m, a);
  } else {
    auto const x = discrete_values(m, a), y = discrete_values(m, b);
    if (x.defined() && y.defined()) {
      Strings seen;
      for (auto const* list : {&x, &y})
        for (auto const& v : list->items()) {
          auto key = v.to_string();
          if (contains(seen, key)) continue;
          seen.push_back(std::move(key));
          values.push(v);
        }
    }
  }
  if (!values.size() || legend.get_with_explicit("values").is_explicit) return;
  if (!equal) m.ctx.warn(message::legend_values_unioned(a, b));
  legend.set("values", values, false);
}

Value assemble_one(LegendComponent const& component, Value const& config) {
  auto const all = component.combine();
  if (all["disable"].truthy()) return {};
  Value legend = omit(all, {"disable", "labelExpr", "selections"});
  if (is_false(config["aria"]) && legend["aria"].is_nullish()) legend.set("aria", false);
  if (legend["encode"]["symbols"].truthy()) {
    auto& out = legend.member("encode").member("symbols").member("update");
    if (out["fill"].truthy() && !is(out["fill"]["value"], "transparent") && !out["stroke"].truthy() &&
        !legend["stroke"].truthy())
      out.set("stroke", value_ref("transparent"));
    for (auto property : {"size", "shape", "fill", "stroke", "strokeDash", "strokeWidth", "opacity"})
      if (legend[property].truthy()) out.erase(property);
  }
  if (!legend["title"].truthy()) legend.erase("title");
  if (has(all, "labelExpr")) {
    auto expression = all["labelExpr"].to_string();
    auto const& text = legend["encode"]["labels"]["update"]["text"];
    if (is_signal_ref(text)) expression = replace_all(expression, "datum.label", text["signal"].to_string());
    legend.member("encode").member("labels").member("update").set("text", signal_ref(expression));
  }
  return legend;
}

}  // namespace

Array assemble_legends(Model& m) {
  struct Entry {
    std::string channel;
    LegendComponent legend;
  };
  OrderedMap<std::vector<Entry>> groups;
  for (auto const& [channel, legend] : m.component.legends) {
    auto const field = field_key(m, channel);
    auto& group = groups[field.empty() ? "channel:" + channel : "field:" + field];
    bool merged = false;
    for (auto& entry : group) {
      if (!compatible(m, entry.channel, channel) || !merge_legend(m.ctx, entry.legend, *legend)) continue;
      union_values(m, entry.legend, entry.channel, channel);
      merged = true;
      break;
    }
    if (!merged) group.push_back({channel, *legend});
  }
  Array out;
  for (auto const& [key, group] : groups)
    for (auto const& entry : group)
      if (auto assembled = assemble_one(entry.legend, m.config); assembled.truthy())
        out.push_back(std::move(assembled));
  return out;
}

}  // namespace cml::vega::lite
