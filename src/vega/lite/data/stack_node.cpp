#include "vega/lite/data/data.hpp"

namespace cml::vega::lite {

DataNode* stack_from_transform(Model& m, DataNode* parent, Value const& t) {
  StackComponent s;
  s.field = t["stack"].to_string();
  for (auto const& field : as_array(t["groupby"])) s.groupby.push_back(field.to_string());
  s.offset = has(t, "offset") ? t["offset"] : Value("zero");
  Array fields, orders;
  for (auto const& sort : as_array(t["sort"])) {
    fields.push_back(sort["field"]);
    orders.push_back(sort["order"].defined() ? sort["order"] : Value("ascending"));
  }
  s.sort = Value::object({{"field", fields}, {"order", orders}});
  auto const& as = t["as"];
  if (as.is_array() && as.size() > 1)
    s.as = as;
  else {
    auto const start = as.is_string() ? as.to_string() : s.field + "_start";
    s.as = Value::array({Value(start), Value(as.is_string() ? start + "_end" : s.field + "_end")});
  }
  return make_node<StackNode>(m.ctx, parent, s);
}

DataNode* stack_from_encoding(Model& m, DataNode* parent) {
  if (!m.stack) return parent;
  StackComponent s;
  for (auto const& channel : m.stack->groupby_channels)
    if (auto const& def = get_field_def(m.encoding[channel]); def.defined()) s.dimension_defs.push_back(def);
  for (auto const& by : m.stack->stack_by)
    if (auto field = vg_field(by.field_def); !field.empty()) s.stack_by.push_back(field);
  auto const& order = m.encoding["order"];
  auto const& channel = m.stack->field_channel;
  if (order.is_array() || is_field_def(order)) {
    s.sort = sort_params(order);
  } else {
    bool const order_only = has(order, "sort") && !has(order, "field");
    Value const direction = order_only ? order["sort"] : Value(channel == "y" ? "descending" : "ascending");
    Strings seen;
    Array fields, orders;
    for (auto const& field : s.stack_by) {
      if (contains(seen, field)) continue;
      seen.push_back(field);
      fields.emplace_back(field);
      orders.push_back(direction);
    }
    s.sort = Value::object({{"field", fields}, {"order", orders}});
  }
  s.field = m.vg_field_of(channel);
  s.offset = m.stack->offset;
  s.impute = m.stack->impute;
  s.as = Value::array({Value(m.vg_field_of(channel, {.suffix = "start", .for_as = true})),
                       Value(m.vg_field_of(channel, {.suffix = "end", .for_as = true}))});
  return make_node<StackNode>(m.ctx, parent, s);
}

Strings StackNode::groupby_fields() const {
  if (stack.dimension_defs.empty()) return stack.groupby;
  Strings out;
  for (auto const& def : stack.dimension_defs) {
    if (!def["bin"].truthy()) {
      out.push_back(vg_field(def));
    } else if (stack.impute) {
      out.push_back(vg_field(def, {.bin_suffix = "mid"}));
    } else {
      out.push_back(vg_field(def));
      out.push_back(vg_field(def, {.bin_suffix = "end"}));
    }
  }
  return out;
}
Strings StackNode::dependent_fields() const {
  Strings out{stack.field};
  for (auto const& f : groupby_fields()) add_unique(out, f);
  for (auto const& f : stack.facet_by) add_unique(out, f);
  for (auto const& f : stack.sort["field"].items()) add_unique(out, f.to_string());
  return out;
}
std::optional<Strings> StackNode::produced_fields() const {
  return Strings{stack.as.at(0).to_string(), stack.as.at(1).to_string()};
}
std::string StackNode::hash() const {
  return "Stack " + stringify(stack.dimension_defs) + stack.field + "|" + join(stack.facet_by, ",") + "|" +
         join(stack.stack_by, ",") + "|" + join(stack.groupby, ",") + "|" + stringify(stack.sort) +
         stringify(stack.offset) + stringify(stack.as) + (stack.impute ? "i" : "");
}
Array StackNode::assemble() const {
  Array out;
  if (stack.impute) {
    for (auto const& def : stack.dimension_defs) {
      if (def["bin"].truthy()) {
        auto const start = vg_field(def, {.expr = "datum"}),
                   end = vg_field(def, {.expr = "datum", .bin_suffix = "end"});
        double const position = def["bandPosition"].number_or(0.5);
        out.push_back(Value::object(
            {{"type", "formula"},
             {"expr", Value("isValid(" + start + ") && isFinite(+" + start + ") ? " + number_text(position) + "*" +
                            start + "+" + number_text(1 - position) + "*" + end + " : " + start)},
             {"as", Value(vg_field(def, {.bin_suffix = "mid", .for_as = true}))}}));
      }
      Strings groupby = stack.stack_by;
      groupby.insert(groupby.end(), stack.facet_by.begin(), stack.facet_by.end());
      out.push_back(Value::object({{"type", "impute"},
                                   {"field", Value(stack.field)},
                                   {"groupby", string_array(groupby)},
                                   {"key", Value(vg_field(def, {.bin_suffix = "mid"}))},
                                   {"method", "value"},
                                   {"value", 0}}));
    }
  }
  Strings groupby = groupby_fields();
  groupby.insert(groupby.end(), stack.facet_by.begin(), stack.facet_by.end());
  out.push_back(Value::object({{"type", "stack"},
                               {"groupby", string_array(groupby)},
                               {"field", Value(stack.field)},
                               {"sort", stack.sort},
                               {"as", stack.as},
                               {"offset", stack.offset}}));
  return out;
}

}  // namespace cml::vega::lite
