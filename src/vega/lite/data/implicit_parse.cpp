#include "vega/lite/data/data.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {

Value implicit_parse_from_filter(Value const& filter) {
  Value out{Object()};
  each_logical_leaf(filter, [&](Value const& leaf) {
    if (!is_field_predicate(leaf)) return;
    auto const field = field_name(leaf);
    Value value;
    for (auto test : {"equal", "lte", "lt", "gt", "gte"}) {
      if (!has(leaf, test)) continue;
      value = signal_ref_or_value(leaf[test]);
      break;
    }
    if (!value.defined()) {
      if (has(leaf, "range"))
        value = leaf["range"].at(0);
      else
        value = nullish_or(leaf["oneOf"], leaf["in"]).at(0);
    }
    if (value.truthy()) {
      if (is_date_time(value))
        out.set(field, "date");
      else if (value.is_number())
        out.set(field, "number");
      else if (value.is_string())
        out.set(field, "string");
    }
    if (leaf["timeUnit"].truthy()) out.set(field, "date");
  });
  return out;
}

Value implicit_parse_from_encoding(Model& m) {
  Value out{Object()};
  if (!m.is_unit() && !m.is_facet()) return out;
  each_field_def(m.mapping(), [&](Value const& given, std::string_view channel) {
    Value def = given;
    if (!is_typed_field_def(def)) def.set("type", m.field_def(main_range_channel(channel))["type"]);
    auto const field = field_name(def);
    if (is_time_format_def(def)) {
      out.set(field, "date");
    } else if (is(def["type"], "quantitative") && one_of(def["aggregate"], {"min", "max"})) {
      out.set(field, "number");
    } else if (has(def, "field") && access_path_depth(field) > 1) {
      if (!out.has(field)) out.set(field, "flatten");
    } else if (is_scale_field_def(def) && is_sort_field(def["sort"]) && has(def["sort"], "field")) {
      auto const sort_field = field_name(def["sort"]);
      if (access_path_depth(sort_field) > 1 && !out.has(sort_field)) out.set(sort_field, "flatten");
    }
  });
  // A line is ordered along its dimension, which takes numbers rather than text.
  if (m.is_unit() && is_path_mark(m.mark()) && !m.encoding["order"].truthy()) {
    auto const& def = m.encoding[is(m.mark_def["orient"], "horizontal") ? "y" : "x"];
    if (is_field_def(def) && is(def["type"], "quantitative") && !out.has(field_name(def)))
      out.set(field_name(def), "number");
  }
  return out;
}

Value implicit_parse_from_selection(Model& m) {
  Value out{Object()};
  if (!m.is_unit()) return out;
  for (auto const& [name, selection] : m.component.selection)
    for (auto const& item : selection->items)
      if (item->channel.empty() && access_path_depth(item->field) > 1) out.set(item->field, "flatten");
  return out;
}

DataNode* parse_with_ancestors(Model& m, DataNode* parent, Value given, Value implied, AncestorParse& ancestors) {
  auto const conflict = [&](std::string_view field, Value const& here, Value const& above) {
    m.ctx.warn(message::parse_conflict(field, here.to_string(), above.to_string()));
  };
  for (auto const& field : [&] {
         Strings k;
         for (auto const& e : implied.properties()) k.emplace_back(e.first.view());
         return k;
       }()) {
    auto const above = ancestors.get_with_explicit(field);
    if (!above.value.defined()) continue;
    if (above.is_explicit || above.value == implied[field] || is(above.value, "derived") ||
        is(implied[field], "flatten"))
      implied.erase(field);
    else
      conflict(field, implied[field], above.value);
  }
  for (auto const& field : [&] {
         Strings k;
         for (auto const& e : given.properties()) k.emplace_back(e.first.view());
         return k;
       }()) {
    auto const above = ancestors.get(field);
    if (!above.defined()) continue;
    if (above == given[field])
      given.erase(field);
    else
      conflict(field, given[field], above);
  }
  Split const split{given, implied};
  Value parse{Object()};
  auto const combined = split.combine();
  for (auto const& [field, value] : combined.properties()) {
    ancestors.set_with_explicit(field, split.get_with_explicit(field));
    if (!split.get(field).is_null()) parse.set(field, split.get(field));
  }
  if (is_empty(parse) || ancestors.parse_nothing) return parent;
  return make_node<ParseNode>(m.ctx, parent, m.ctx, parse);
}

}  // namespace cml::vega::lite
