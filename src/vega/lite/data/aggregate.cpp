#include "vega/lite/data/data.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"

namespace cml::vega::lite {
namespace {

void add_dimension(Strings& dims, Model& m, std::string_view channel, Value const& def) {
  auto const& def2 = m.is_unit() ? m.encoding[secondary_range_channel(channel)] : Value();
  if (m.is_unit() && is_typed_field_def(def) && has_band_end(def, def2, m.mark_def, m.config)) {
    add_unique(dims, vg_field(def));
    add_unique(dims, vg_field(def, {.suffix = "end"}));
    auto const position = band_position(def, {}, m.mark_def, m.config);
    if (is_rect_mark(m.mark()) && !(position.is_number() && position.number() == 0.5) && is_x_or_y(channel)) {
      add_unique(dims, vg_field(def, {.suffix = "offsetted_rect_start"}));
      add_unique(dims, vg_field(def, {.suffix = "offsetted_rect_end"}));
    }
    if (def["bin"].truthy() && bin_requires_range(def, channel))
      add_unique(dims, vg_field(def, {.bin_suffix = "range"}));
  } else if (is_geo(channel)) {
    add_unique(dims, m.get_name(position_of_geo(channel)));
  } else {
    add_unique(dims, vg_field(def));
  }
  if (auto const& range = def["scale"]["range"]; range.is_object() && range.has("field"))
    add_unique(dims, range["field"].to_string());
}

}  // namespace

DataNode* aggregate_from_encoding(Model& m, DataNode* parent) {
  bool aggregated = false;
  each_field_def(m.mapping(),
                 [&](Value const& def, std::string_view) { aggregated = aggregated || def["aggregate"].truthy(); });
  if (!aggregated) return parent;
  Strings dims;
  AggregateNode::Measures measures;
  each_field_def(m.mapping(), [&](Value const& def, std::string_view channel) {
    auto const& aggregate = def["aggregate"];
    if (!aggregate.truthy()) return add_dimension(dims, m, channel, def);
    auto const as = vg_field(def, {.for_as = true});
    if (is(aggregate, "count")) {
      measures["*"]["count"] = {as};
      return;
    }
    auto const field = field_name(def);
    auto const arg = has(aggregate, "argmin") ? "argmin" : has(aggregate, "argmax") ? "argmax" : "";
    if (*arg) {
      auto const of = aggregate[arg].to_string();
      measures[of][arg] = {vg_field(Value::object({{"op", arg}, {"field", Value(of)}}), {.for_as = true})};
    } else {
      measures[field][aggregate.to_string()] = {as};
    }
    if (is_scale_channel(channel) && is(m.scale_domain(channel), "unaggregated"))
      for (auto op : {"min", "max"})
        measures[field][op] = {vg_field(Value::object({{"field", Value(field)}, {"aggregate", op}}), {.for_as = true})};
  });
  return make_node<AggregateNode>(m.ctx, parent, dims, measures);
}

DataNode* aggregate_from_transform(Model& m, DataNode* parent, Value const& t) {
  Strings dims;
  AggregateNode::Measures measures;
  for (auto const& s : t["aggregate"].items()) {
    if (!s["op"].truthy()) continue;
    auto const op = s["op"].to_string();
    auto const as = s["as"].truthy() ? s["as"].to_string() : vg_field(s, {.for_as = true});
    if (op == "count")
      measures["*"]["count"] = {as};
    else
      add_unique(measures[field_name(s)][op], as);
  }
  for (auto const& field : as_array(t["groupby"])) add_unique(dims, field.to_string());
  if (dims.empty() && measures.empty()) {
    m.ctx.warn(message::transform_ignored(t));
    return parent;
  }
  return make_node<AggregateNode>(m.ctx, parent, dims, measures);
}

void AggregateNode::merge(AggregateNode const& other) {
  for (auto const& [field, ops] : other.measures)
    for (auto const& [op, names] : ops)
      for (auto const& as : names) add_unique(measures[field][op], as);
}
Strings AggregateNode::dependent_fields() const {
  Strings out = dimensions;
  for (auto const& [field, ops] : measures) add_unique(out, field);
  return out;
}
std::optional<Strings> AggregateNode::produced_fields() const {
  Strings out;
  for (auto const& [field, ops] : measures)
    for (auto const& [op, names] : ops) {
      if (names.empty()) add_unique(out, op + "_" + field);
      for (auto const& as : names) add_unique(out, as);
    }
  return out;
}
std::string AggregateNode::hash() const {
  std::string out = "Aggregate (" + join(dimensions, "\x01") + ")";
  // Measures compare whatever their order.
  std::map<std::string, std::string> sorted;
  for (auto const& [field, ops] : measures)
    for (auto const& [op, names] : ops) sorted[field + "\x01" + op] = join(names, "\x01");
  for (auto const& [key, names] : sorted) out += key + ":" + names + ";";
  return out;
}
Array AggregateNode::assemble() const {
  Array ops, fields, as, groupby;
  for (auto const& [field, by_op] : measures)
    for (auto const& [op, names] : by_op)
      for (auto const& name : names) {
        as.emplace_back(name);
        ops.emplace_back(op);
        fields.push_back(field == "*" ? Value(nullptr) : Value(replace_path_in_field(field)));
      }
  for (auto const& d : dimensions) groupby.emplace_back(replace_path_in_field(d));
  return {Value::object({{"type", "aggregate"}, {"groupby", groupby}, {"ops", ops}, {"fields", fields}, {"as", as}})};
}

}  // namespace cml::vega::lite
