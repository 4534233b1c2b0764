#include "vega/lite/config.hpp"
#include "vega/lite/data/data.hpp"
#include "vega/lite/header/header.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

Value init_facet_def(Model& m, Value const& def, std::string_view channel) {
  Value out = init_field_def(m.ctx, def, channel);
  if (out["header"].truthy()) out.set("header", replace_expr_refs(out["header"]));
  return out;
}

// Counts that tell how large a cell becomes when its discrete scales are its own.
struct Counts {
  Array fields, ops, as;
  void add(Value const& field, Value const& op, Value const& name) {
    fields.push_back(field);
    ops.push_back(op);
    as.push_back(name);
  }
};
Counts child_counts(Model& m) {
  Counts out;
  auto& child = m.child();
  auto const distinct = [&](std::string const& field) {
    out.add(Value(field), "distinct", Value("distinct_" + field));
  };
  if (child.is_facet()) {
    if (child.facet["column"].defined()) distinct(vg_field(child.facet["column"]));
    return out;
  }
  for (auto channel : kPositionScaleChannels) {
    auto const scale = child.component.scales.get(channel);
    if (!scale || scale->merged || !has_discrete_domain(scale->get("type")) || !is_step(scale->get("range"))) continue;
    auto const field = field_of_domain(m.ctx, assemble_domain(child, channel));
    if (field.truthy())
      distinct(field.to_string());
    else
      m.ctx.warn(message::unknown_field_for_size(channel));
  }
  return out;
}

Value assemble_facet(Model& m) {
  auto const& root = *m.component.data.facet_root;
  bool const cross = m.facet["row"].truthy() && m.facet["column"].truthy();
  auto counts = child_counts(m);
  Array groupby;
  for (auto channel : kFacetChannels) {
    auto const& def = m.facet[channel];
    if (!def.truthy()) continue;
    groupby.emplace_back(vg_field(def));
    if (is_binning(def["bin"])) groupby.emplace_back(vg_field(def, {.bin_suffix = "end"}));
    auto const& sort = def["sort"];
    if (is_sort_field(sort)) {
      Value const name = facet_sort_field_name(def, sort);
      if (cross)
        counts.add(name, "max", name);
      else
        counts.add(sort["field"], sort["op"].defined() ? sort["op"] : Value("min"), name);
    } else if (sort.is_array()) {
      Value const name = sort_array_index_field(def, channel);
      counts.add(name, "max", name);
    }
  }
  Value out = Value::object({{"name", Value(root.name)}, {"data", Value(root.data)}, {"groupby", groupby}});
  if (cross || !counts.fields.empty()) {
    Value aggregate{Object()};
    if (cross) aggregate.set("cross", true);
    if (!counts.fields.empty()) {
      aggregate.set("fields", counts.fields);
      aggregate.set("ops", counts.ops);
      aggregate.set("as", counts.as);
    }
    out.set("aggregate", aggregate);
  }
  return out;
}

Value cell_sort(Model& m) {
  Array fields, orders;
  for (auto channel : kFacetChannels) {
    auto const& def = m.facet[channel];
    if (!def.truthy()) continue;
    auto const& sort = def["sort"];
    if (is_sort_field(sort))
      fields.emplace_back(facet_sort_field_name(def, sort, {.expr = "datum"}));
    else if (sort.is_array())
      fields.emplace_back(sort_array_index_field(def, channel, {.expr = "datum"}));
    else
      fields.emplace_back(vg_field(def, {.expr = "datum"}));
    Value const order = is_sort_field(sort) ? sort["order"] : sort.is_array() ? Value() : sort;
    orders.push_back(truthy_or(order, "ascending"));
  }
  return Value::object({{"field", fields}, {"order", orders}});
}

// Labels that stand across their usual side are titles of the cells.
Value cell_title(Model& m) {
  if (m.facet["facet"].truthy()) return assemble_label_title(m, m.facet["facet"], "facet");
  for (std::string_view channel : {"row", "column"}) {
    auto const& def = m.facet[channel];
    if (!def.truthy()) continue;
    auto const orient = header_property("labelOrient", def["header"], m.config, channel);
    if (channel == "row" ? one_of(orient, {"top", "bottom"}) : one_of(orient, {"left", "right"}))
      return assemble_label_title(m, def, channel);
  }
  return {};
}

}  // namespace

void init_facet_model(Model& m, Value const& spec) {
  m.children.push_back(build_model(m.ctx, spec["spec"], &m, m.get_name("child"), {}, m.config));
  m.ctx.path = m.path;
  auto const& facet = spec["facet"];
  if (!is_facet_mapping(facet)) {
    if (!is_field_def(facet)) fail(m.path + ".facet", "needs a field, or row or column with a field");
    m.facet.set("facet", init_facet_def(m, facet, "facet"));
    return;
  }
  for (auto const& [channel, def] : facet.properties()) {
    if (!(channel == "row") && !(channel == "column")) {
      m.ctx.warn(message::channel_incompatible(channel, "facet"));
      break;
    }
    if (!has(def, "field")) {
      m.ctx.warn(message::empty_channel(channel));
      break;
    }
    m.facet.set(channel, init_facet_def(m, def, channel));
  }
}

std::string facet_sort_field_name(Value const& def, Value const& sort, FieldOptions options) {
  auto const suffix = "by_" + vg_field(def);
  options.suffix = suffix;
  return vg_field(sort, options);
}

// What the grid of cells needs beyond what the view itself says.
Value facet_layout(Model& m) {
  Value out{Object()};
  for (auto channel : kFacetChannels) {
    auto const& layout = m.component.layout_headers.find(channel)->second;
    for (std::string_view type : {"header", "footer"}) {
      if (layout.facet_field_def.truthy()) {
        auto const orient = header_property("titleOrient", layout.facet_field_def["header"], m.config, channel);
        if (one_of(orient, {"right", "bottom"})) out.member("titleAnchor").set(header_channel(channel, orient), "end");
      }
      auto const& headers = layout.of(type);
      if (!headers || headers->empty()) continue;
      auto const size = channel == "row" ? "height" : "width";
      if (channel != "facet" && !m.child().component.layout_size.get(size).truthy())
        out.member(type == "header" ? "headerBand" : "footerBand").set(channel, 0.5);
      if (layout.title.truthy()) out.member("offset").set(channel == "row" ? "rowTitle" : "columnTitle", 10);
    }
  }
  bool const row = m.facet["row"].truthy(), column = m.facet["column"].truthy();
  if (column) {
    if (!(m.parent && m.parent->is_facet()))
      out.set("columns", signal_ref("length(data('" + m.get_name("column_domain") + "'))"));
  } else if (row) {
    out.set("columns", 1);
  }
  bool const independent = (!row && is(m.component.scale_resolve["x"], "independent")) ||
                           (!column && is(m.component.scale_resolve["y"], "independent"));
  out.set("bounds", "full");
  out.set("align", independent ? "none" : "all");
  return out;
}

Array assemble_facet_marks(Model& m) {
  auto& child = m.child();
  auto const data = assemble_facet_data(m.ctx, *m.component.data.facet_root);
  auto const encode = child.assemble_group_encode_entry(false);
  auto const label = cell_title(m);
  auto const title = label.truthy() ? label : child.assemble_title();
  auto const style = child.assemble_group_style();
  Value cell = Value::object({{"name", Value(m.get_name("cell"))}, {"type", "group"}});
  if (title.truthy()) cell.set("title", title);
  if (style.truthy()) cell.set("style", style);
  cell.set("from", Value::object({{"facet", assemble_facet(m)}}));
  cell.set("sort", cell_sort(m));
  if (!data.empty()) cell.set("data", data);
  if (encode.truthy()) cell.set("encode", Value::object({{"update", encode}}));
  assign(cell, child.assemble_group(assemble_facet_signals(m)));
  return {cell};
}

}  // namespace cml::vega::lite
