// Data sets for the headers of a facet: which rows and columns there are, and how wide each becomes.
#include "vega/lite/config.hpp"
#include "vega/lite/data/node.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"

namespace cml::vega::lite {

FacetNode::FacetNode(Model& m, std::string n, std::string d)
    : DataNode(NodeKind::Facet), model(m), name(std::move(n)), data(std::move(d)) {
  for (auto channel : kFacetChannels) {
    auto const& def = m.facet[channel];
    if (!def.truthy()) continue;
    FacetChannelData c;
    c.name = m.get_name(std::string(channel) + "_domain");
    c.fields.push_back(vg_field(def));
    if (is_binning(def["bin"])) c.fields.push_back(vg_field(def, {.bin_suffix = "end"}));
    if (is_sort_field(def["sort"]))
      c.sort_field = def["sort"];
    else if (def["sort"].is_array())
      c.sort_index_field = sort_array_index_field(def, channel);
    channels[std::string(channel)] = c;
  }
}
std::string FacetNode::hash() const {
  std::string out = "Facet";
  for (auto const& [channel, c] : channels)
    out += " " + channel + c.name + join(c.fields, ",") + c.sort_index_field + stringify(c.sort_field);
  return out;
}
Strings FacetNode::fields() const {
  Strings out;
  for (auto channel : kFacetChannels)
    if (auto const found = channels.find(channel); found != channels.end())
      out.insert(out.end(), found->second.fields.begin(), found->second.fields.end());
  return out;
}
Strings FacetNode::dependent_fields() const {
  auto out = fields();
  for (auto const& [channel, c] : channels) {
    if (c.sort_field.truthy()) add_unique(out, c.sort_field["field"].to_string());
    if (!c.sort_index_field.empty()) add_unique(out, c.sort_index_field);
  }
  return out;
}

// By x and y: the field whose count makes an independent discrete scale's length.
Value FacetNode::child_step_fields() {
  Value out{Object()};
  auto& child = model.child();
  for (auto channel : kPositionScaleChannels) {
    auto const scale = child.component.scales.get(channel);
    if (!scale || scale->merged || !has_discrete_domain(scale->get("type")) || !is_step(scale->get("range"))) continue;
    auto const field = field_of_domain(model.ctx, assemble_domain(child, channel));
    if (field.truthy())
      out.set(channel, field);
    else
      model.ctx.warn(message::unknown_field_for_size(channel));
  }
  return out;
}

Value FacetNode::header_data(std::string_view channel, std::string const& crossed, Value const& step_fields) {
  auto const& c = channels.find(channel)->second;
  Array fields, ops, as;
  if (auto const& field = channel == "row"      ? step_fields["y"]
                          : channel == "column" ? step_fields["x"]
                                                : Value();
      field.truthy()) {
    Value const distinct = "distinct_" + field.to_string();
    fields.push_back(crossed.empty() ? field : distinct);
    ops.push_back(crossed.empty() ? "distinct" : "max");
    as.push_back(distinct);
  }
  if (c.sort_field.truthy()) {
    fields.push_back(c.sort_field["field"]);
    ops.push_back(c.sort_field["op"].defined() ? c.sort_field["op"] : Value("min"));
    as.emplace_back(vg_field(c.sort_field, {.for_as = true}));
  } else if (!c.sort_index_field.empty()) {
    fields.emplace_back(c.sort_index_field);
    ops.push_back("max");
    as.emplace_back(c.sort_index_field);
  }
  Value aggregate = Value::object({{"type", "aggregate"}, {"groupby", string_array(c.fields)}});
  if (!fields.empty()) {
    aggregate.set("fields", fields);
    aggregate.set("ops", ops);
    aggregate.set("as", as);
  }
  return Value::object({{"name", Value(c.name)},
                        {"source", Value(crossed.empty() ? data : crossed)},
                        {"transform", Value::array({aggregate})}});
}

Array FacetNode::facet_header_data(Value const& step_fields) {
  Array out;
  auto const& columns = model.layout["columns"];
  auto const& facet = channels.find("facet")->second;
  bool shared = false;
  for (std::string_view channel : {"row", "column"}) {
    bool has_axes = false;
    for (auto type : {"header", "footer"}) {
      auto const& headers = model.component.layout_headers[std::string(channel)].of(type);
      if (!headers) continue;
      for (auto const& header : *headers) has_axes = has_axes || !header.axes.empty();
    }
    if (!has_axes) continue;
    shared = true;
    auto const count = "length(data(\"" + facet.name + "\"))";
    auto const width = columns.to_string();
    Value stop = 1;
    if (channel == "row" && columns.truthy()) stop = signal_ref("ceil(" + count + " / " + width + ")");
    if (channel == "column") stop = signal_ref(columns.truthy() ? "min(" + count + ", " + width + ")" : count);
    out.push_back(Value::object(
        {{"name", Value(facet.name + "_" + std::string(channel))},
         {"transform", Value::array({Value::object({{"type", "sequence"}, {"start", 0}, {"stop", stop}})})}}));
  }
  if (shared) out.insert(out.begin(), header_data("facet", "", step_fields));
  return out;
}

Array FacetNode::assemble_data() {
  Array out;
  std::string crossed;
  auto const step_fields = child_step_fields();
  auto const column = channels.find("column"), row = channels.find("row");
  if (column != channels.end() && row != channels.end() && !is_empty(step_fields)) {
    crossed = "cross_" + column->second.name + "_" + row->second.name;
    Array list, ops;
    for (auto axis : {"x", "y"})
      if (has(step_fields, axis)) {
        list.push_back(step_fields[axis]);
        ops.push_back("distinct");
      }
    out.push_back(Value::object(
        {{"name", Value(crossed)},
         {"source", Value(data)},
         {"transform",
          Value::array({Value::object(
              {{"type", "aggregate"}, {"groupby", string_array(fields())}, {"fields", list}, {"ops", ops}})})}}));
  }
  for (auto channel : {"column", "row"})
    if (channels.count(channel)) out.push_back(header_data(channel, crossed, step_fields));
  if (channels.count("facet"))
    for (auto& d : facet_header_data(step_fields)) out.push_back(std::move(d));
  return out;
}

}  // namespace cml::vega::lite
