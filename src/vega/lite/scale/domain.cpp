#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/error.hpp"

#include <unordered_set>

namespace cml::vega::lite {
namespace {

Explicit implicit(Array domains) { return {false, Value(std::move(domains))}; }
Explicit given(Array domains) { return {true, Value(std::move(domains))}; }

Explicit union_domains(Context& ctx, Explicit const& a, Explicit const& b) {
  if (a.is_explicit && b.is_explicit) ctx.warn(message::conflicting_domains());
  Array all = a.value.items();
  all.insert(all.end(), b.value.items().begin(), b.value.items().end());
  return {a.is_explicit, Value(std::move(all))};
}
Explicit merge_domain(Context& ctx, Explicit const& a, Explicit const& b) {
  return merge_explicit(ctx, a, b, "domains", "scale",
                        [&](auto const& x, auto const& y) { return union_domains(ctx, x, y); });
}

// Constants of a temporal domain are evaluated as dates.
Array constant_domain(Context& ctx, Value const& domain, Value const& type, Value const& unit) {
  auto const normal = normalize_time_unit(unit)["unit"];
  if (!is(type, "temporal") && !normal.truthy()) return {domain};
  Array out;
  for (auto const& v : domain.items())
    out.push_back(signal_ref("{data: " + value_expression(ctx, v, {normal, type, false, false}).to_string() + "}"));
  return out;
}

std::string_view unaggregated_obstacle(Value const& def, Value const& scale_type) {
  auto const& aggregate = def["aggregate"];
  if (!aggregate.truthy()) return "the field is not aggregated";
  if (aggregate.is_string() && !is_shared_domain_aggregate(aggregate))
    return "the aggregate leaves the range of the data";
  if (is(def["type"], "quantitative") && is(scale_type, "log")) return "log scales do not support it";
  return {};
}
Value normalize_unaggregated(Context& ctx, Value const& domain, Value const& def, Value const& scale_type,
                             Value const& config) {
  if (is(domain, "unaggregated")) {
    auto const obstacle = unaggregated_obstacle(def, scale_type);
    if (obstacle.empty()) return domain;
    ctx.warn(message::unaggregated_unusable(obstacle));
    return {};
  }
  if (!domain.defined() && config["useUnaggregatedDomain"].truthy() && unaggregated_obstacle(def, scale_type).empty())
    return "unaggregated";
  return domain;
}

Value sort_of_field(Value const& sort, bool stacked_measure) {
  Value out = Value::object({{"op", sort["op"].is_nullish() ? Value(stacked_measure ? "sum" : "min") : sort["op"]}});
  if (sort["field"].truthy()) out.set("field", replace_path_in_field(field_name(sort)));
  if (sort["order"].truthy()) out.set("order", sort["order"]);
  return out;
}

// Undefined: in order of appearance. True: natural order. An object: by a field.
Value domain_sort(Model& m, std::string_view channel, Value const& scale_type) {
  if (!has_discrete_domain(scale_type)) return {};
  auto const& def = m.field_def(channel);
  auto const& sort = def["sort"];
  if (sort.is_array())
    return Value::object(
        {{"op", "min"}, {"field", Value(sort_array_index_field(def, channel))}, {"order", "ascending"}});
  auto const stacked_measure = [&](Value const& field) {
    if (!m.stack) return false;
    auto const name = field.to_string();
    if (contains(m.stack->groupby_fields, name)) return false;
    for (auto const& by : m.stack->stack_by)
      if (by.field_def["field"] == field) return false;
    return true;
  };
  if (is_sort_field(sort)) return sort_of_field(sort, stacked_measure(sort["field"]));
  if (is_sort_by_encoding(sort)) {
    auto const& by = m.field_def(sort["encoding"].to_string());
    if (!by.defined())
      fail(m.path + ".encoding." + std::string(channel) + ".sort",
           "there is no field on channel \"" + sort["encoding"].to_string() + "\" to sort by");
    auto const& aggregate = by["aggregate"];
    bool const stacked = stacked_measure(by["field"]);
    if (has(aggregate, "argmin") || has(aggregate, "argmax"))
      return sort_of_field(Value::object({{"field", Value(vg_field(by))}, {"order", sort["order"]}}), stacked);
    if (is_aggregate_op(aggregate) || !aggregate.truthy())
      return sort_of_field(Value::object({{"op", aggregate}, {"field", by["field"]}, {"order", sort["order"]}}),
                           stacked);
    return {};
  }
  if (is(sort, "descending"))
    return Value::object({{"op", "min"}, {"field", Value(m.vg_field_of(channel))}, {"order", "descending"}});
  if (is(sort, "ascending") || !sort.defined()) return true;
  return {};
}

Value data_ref(std::string const& data, std::string const& field) {
  return Value::object({{"data", Value(data)}, {"field", Value(field)}});
}

Explicit parse_channel_domain(Value const& scale_type, Value const& domain, Model& m, std::string_view channel) {
  auto const def = get_field_or_datum_def(m.encoding[channel]);
  auto const type = def["type"], unit = def["timeUnit"];
  bool const path_mark = is_path_mark(m.mark());
  auto const sources = invalid_sources(mark_config("invalid", m.mark_def, m.config), path_mark);
  auto const source = sources.marks_include == sources.scales_include ? DataSource::Main
                      : sources.scales_include                        ? DataSource::PreFilterInvalid
                                                                      : DataSource::PostFilterInvalid;
  if (has(domain, "unionWith")) {
    auto const rest = parse_channel_domain(scale_type, {}, m, channel);
    Array all = constant_domain(m.ctx, domain["unionWith"], type, unit);
    all.insert(all.end(), rest.value.items().begin(), rest.value.items().end());
    return given(all);
  }
  if (is_signal_ref(domain)) return given({domain});
  if (domain.truthy() && !is(domain, "unaggregated") && !has(domain, "param"))
    return given(constant_domain(m.ctx, domain, type, unit));
  if (m.stack && channel == m.stack->field_channel) {
    if (m.stack->offset == "normalize") return implicit({Value::array({0, 1})});
    auto const data = m.request_data_name(source);
    return implicit({data_ref(data, m.vg_field_of(channel, {.suffix = "start"})),
                     data_ref(data, m.vg_field_of(channel, {.suffix = "end"}))});
  }
  auto const sort = is_scale_channel(channel) && is_field_def(def) ? domain_sort(m, channel, scale_type) : Value();
  if (is_datum_def(def)) return implicit(constant_domain(m.ctx, Value::array({def["datum"]}), type, unit));
  auto const data_for_sort = [&] { return m.request_data_name(sort.is_boolean() ? source : DataSource::Raw); };
  if (is(domain, "unaggregated")) {
    auto const bound = [&](char const* op) {
      return data_ref(m.request_data_name(source),
                      vg_field(Value::object({{"field", def["field"]}, {"aggregate", op}})));
    };
    return implicit({bound("min"), bound("max")});
  }
  if (is_binning(def["bin"])) {
    if (!has_discrete_domain(scale_type)) {
      auto const signal = late_signal(bin_signal_name(m, def["field"], def["bin"]));
      return implicit({signal_ref("[" + signal + ".start, " + signal + ".stop]")});
    }
    if (is(scale_type, "bin-ordinal")) return implicit({});
    Value ref = data_ref(data_for_sort(),
                         m.vg_field_of(channel, {.bin_suffix = bin_requires_range(def, channel) ? "range" : ""}));
    ref.set("sort", is_true(sort) || !is_object_like(sort)
                        ? Value::object({{"field", Value(m.vg_field_of(channel))}, {"op", "min"}})
                        : sort);
    return implicit({ref});
  }
  if (unit.truthy() && one_of(scale_type, {"time", "utc"})) {
    auto const& def2 = m.encoding[secondary_range_channel(channel)];
    if (has_band_end(def, def2, m.mark_def, m.config)) {
      auto const data = m.request_data_name(source);
      auto const position = band_position(def, def2, m.mark_def, m.config);
      bool const offset =
          is_rect_mark(m.mark()) && !(position.is_number() && position.number() == 0.5) && is_x_or_y(channel);
      return implicit({data_ref(data, m.vg_field_of(channel, {.suffix = offset ? "offsetted_rect_start" : ""})),
                       data_ref(data, m.vg_field_of(channel, {.suffix = offset ? "offsetted_rect_end" : "end"}))});
    }
  }
  Value ref = data_ref(sort.truthy() ? data_for_sort() : m.request_data_name(source), m.vg_field_of(channel));
  if (sort.truthy()) ref.set("sort", sort);
  return implicit({ref});
}

Explicit parse_domain(Model& m, std::string_view channel) {
  auto const type = m.scale_component(channel)->get("type");
  auto const before = m.scale_domain(channel);
  auto const domain = normalize_unaggregated(m.ctx, before, m.typed_field_def(channel), type, m.config["scale"]);
  if (!(domain == before)) m.specified_scales.member(channel).set("domain", domain);
  auto const second = secondary_range_channel(channel);
  if (is_x_or_y(channel) && get_field_or_datum_def(m.encoding[second]).defined()) {
    if (!get_field_or_datum_def(m.encoding[channel]).defined()) return parse_channel_domain(type, domain, m, second);
    auto const first = parse_channel_domain(type, domain, m, channel);
    return merge_domain(m.ctx, first, parse_channel_domain(type, domain, m, second));
  }
  return parse_channel_domain(type, domain, m, channel);
}

void parse_unit_domains(Model& m) {
  for (auto const& [channel, scale] : m.component.scales) {
    auto domains = parse_domain(m, channel);
    if (m.component.data.faceted) {
      auto const* facet = &m;
      while (!facet->is_facet() && facet->parent) facet = facet->parent;
      if (is(facet->component.scale_resolve[channel], "shared")) {
        for (auto& domain : domains.value.mutable_items()) {
          if (!is_data_ref(domain)) continue;
          std::string data = domain["data"].to_string();
          if (auto const at = data.find(kFacetScalePrefix); at != std::string::npos)
            data.erase(at, kFacetScalePrefix.size());
          domain.set("data", std::string(kFacetScalePrefix) + data);
        }
      }
    }
    scale->set_with_explicit("domains", domains);
    auto const spec = m.specified_scales[channel]["domain"];
    auto const bin = m.field_def(channel)["bin"];
    if (has(spec, "param"))
      scale->set("selectionExtent", spec, true);
    else if (is_parameter_extent(bin["extent"]))
      scale->set("selectionExtent", bin["extent"], true);
  }
}

// One representative of each, compared as they are known now.
Array unique_values(Context const& ctx, Array const& list) {
  Array out;
  std::unordered_set<std::string> seen;
  for (auto const& v : list)
    if (seen.insert(stringify(ctx.settle(v))).second) out.push_back(v);
  return out;
}

Value merge_domains(Context& ctx, Array domains) {
  Array bare, all_sorts;
  for (auto& d : domains) {
    if (!is_data_ref(d)) {
      bare.push_back(d);
      continue;
    }
    bare.push_back(omit(d, {"sort"}));
    Value sort = d["sort"];
    if (sort.is_object()) {
      if (is(sort["op"], "count")) sort.erase("field");
      if (is(sort["order"], "ascending")) sort.erase("order");
      d.set("sort", sort);
    }
    if (sort.defined()) all_sorts.push_back(sort);
  }
  auto const unique_domains = unique_values(ctx, bare);
  auto const sorts = unique_values(ctx, all_sorts);
  auto const has_op = [](Value const& s) { return s.is_object() && s.has("op"); };
  if (unique_domains.empty()) return {};
  if (unique_domains.size() == 1) {
    Value domain = domains[0];
    if (!is_data_ref(domain) || sorts.empty()) return domain;
    Value sort = sorts[0];
    if (sorts.size() > 1) {
      ctx.warn(message::domain_sorts_conflict());
      Array other;
      bool all_ops = true;
      for (auto const& s : sorts) {
        all_ops = all_ops && has_op(s);
        if (has_op(s) && !is(s["op"], "min")) other.push_back(s);
      }
      sort = all_ops && other.size() == 1 ? other[0] : Value(true);
    } else if (sort.is_object() && sort.has("field") && sort["field"] == domain["field"]) {
      sort = sort["order"].truthy() ? Value::object({{"order", sort["order"]}}) : Value(true);
    }
    domain.set("sort", sort);
    return domain;
  }
  Array union_sorts;
  for (auto const& s : sorts) {
    if (s.is_boolean() || !has_op(s) || one_of(s["op"], {"count", "min", "max"})) {
      union_sorts.push_back(s);
    } else {
      ctx.warn(message::domain_sort_dropped());
      union_sorts.emplace_back(true);
    }
  }
  union_sorts = unique_values(ctx, union_sorts);
  Value sort;
  if (union_sorts.size() == 1) sort = union_sorts[0];
  if (union_sorts.size() > 1) {
    ctx.warn(message::domain_sorts_conflict());
    sort = true;
  }
  bool one_source = true;
  for (auto const& d : domains) one_source = one_source && is_data_ref(d) && d["data"] == domains[0]["data"];
  Value out{Object()};
  if (one_source) {
    Array fields;
    for (auto const& d : unique_domains) fields.push_back(d["field"]);
    out.set("data", domains[0]["data"]);
    out.set("fields", fields);
  } else {
    out.set("fields", unique_domains);
  }
  if (sort.truthy()) out.set("sort", sort);
  return out;
}

}  // namespace

bool is_data_ref(Value const& d) { return has(d, "field") && has(d, "data"); }
bool is_data_ref_union(Value const& d) { return has(d, "fields") && !has(d, "data"); }

void parse_scale_domains(Model& m) {
  m.ctx.path = m.path;
  if (m.is_unit()) return parse_unit_domains(m);
  for (auto const& child : m.children) parse_scale_domains(*child);
  for (auto const& [channel, scale] : m.component.scales) {
    std::optional<Explicit> domains;
    Value extent;
    for (auto const& child : m.children) {
      auto const child_scale = child->component.scales.get(channel);
      if (!child_scale) continue;
      auto const own = child_scale->get_with_explicit("domains");
      domains = domains ? merge_domain(m.ctx, *domains, own) : own;
      auto const& se = child_scale->get("selectionExtent");
      if (extent.truthy() && se.truthy() && !(extent["param"] == se["param"]))
        m.ctx.warn(message::domains_need_same_selection());
      extent = se;
    }
    if (domains) scale->set_with_explicit("domains", *domains);
    if (extent.truthy()) scale->set("selectionExtent", extent, true);
  }
}

Value assemble_domain(Model& m, std::string_view channel) {
  auto const scale = m.component.scales.get(channel);
  if (!scale) return {};
  auto domains = scale->get_with_explicit("domains");
  for (auto& domain : domains.value.mutable_items())
    if (is_data_ref(domain)) domain.set("data", m.lookup_data_source(domain["data"].to_string()));
  scale->set_with_explicit("domains", domains);
  return merge_domains(m.ctx, domains.value.items());
}

Value field_of_domain(Context& ctx, Value const& domain) {
  if (domain.is_array()) return {};
  if (is_data_ref(domain) && domain["field"].is_string()) return domain["field"];
  if (is_data_ref_union(domain)) {
    Value field;
    for (auto const& part : domain["fields"].items()) {
      if (!is_data_ref(part) || !part["field"].is_string()) continue;
      if (!field.truthy())
        field = part["field"];
      else if (!(field == part["field"]))
        break;
    }
    ctx.warn(message::facet_domain_guess());
    return field;
  }
  if (has(domain, "fields") && has(domain, "data")) {
    ctx.warn(message::facet_domain_guess());
    auto const& field = domain["fields"].at(0);
    return field.is_string() ? field : Value();
  }
  return {};
}

}  // namespace cml::vega::lite
