// window and joinaggregate: values computed over other rows and written into each row.
#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {
namespace {

std::string name_of(Value const& def) { return def["as"].is_nullish() ? vg_field(def) : def["as"].to_string(); }

struct Columns {
  Array ops, as, fields, params;
};
Columns columns(Value const& list) {
  Columns c;
  for (auto const& def : list.items()) {
    c.ops.push_back(def["op"]);
    c.as.push_back(def["as"].is_nullish() ? Value(vg_field(def)) : def["as"]);
    c.fields.push_back(has(def, "field") ? def["field"] : Value(nullptr));
    c.params.push_back(has(def, "param") ? def["param"] : Value(nullptr));
  }
  return c;
}
Strings produced(Value const& list) {
  Strings out;
  for (auto const& def : list.items()) add_unique(out, name_of(def));
  return out;
}
Strings fields_of(Value const& list) {
  Strings out;
  for (auto const& def : list.items())
    if (has(def, "field")) add_unique(out, def["field"].to_string());
  return out;
}
Value join_aggregate(Columns const& c, Value const& groupby) {
  Value out = Value::object({{"type", "joinaggregate"}, {"as", c.as}, {"ops", c.ops}, {"fields", c.fields}});
  if (groupby.defined()) out.set("groupby", groupby);
  return out;
}

Array assemble_window(Value const& s) {
  auto const c = columns(s["window"]);
  auto const& frame = s["frame"];
  bool aggregates = frame.is_array() && frame.at(0).is_null() && frame.at(1).is_null();
  for (auto const& op : c.ops) aggregates = aggregates && is_aggregate_op(op);
  if (aggregates) return {join_aggregate(c, s["groupby"])};
  Array fields, orders;
  for (auto const& sort : as_array(s["sort"])) {
    fields.push_back(sort["field"]);
    orders.push_back(nullish_or(sort["order"], "ascending"));
  }
  Value out = Value::object({{"type", "window"},
                             {"params", c.params},
                             {"as", c.as},
                             {"ops", c.ops},
                             {"fields", c.fields},
                             {"sort", Value::object({{"field", fields}, {"order", orders}})}});
  for (auto key : {"ignorePeers", "groupby", "frame"})
    if (has(s, key)) out.set(key, s[key]);
  return {out};
}

}  // namespace

TransformType const kWindow{"window",
                            keep,
                            [](Value const& s) {
                              auto out = with_groupby({}, s);
                              for (auto const& sort : as_array(s["sort"])) add_unique(out, sort["field"].to_string());
                              for (auto& f : fields_of(s["window"])) add_unique(out, f);
                              return out;
                            },
                            [](Value const& s) -> std::optional<Strings> { return produced(s["window"]); },
                            assemble_window,
                            "number",
                            true};

TransformType const kJoinAggregate{
    "joinaggregate",
    keep,
    [](Value const& s) {
      auto out = with_groupby({}, s);
      for (auto& f : fields_of(s["joinaggregate"])) add_unique(out, f);
      return out;
    },
    [](Value const& s) -> std::optional<Strings> { return produced(s["joinaggregate"]); },
    [](Value const& s) -> Array { return {join_aggregate(columns(s["joinaggregate"]), s["groupby"])}; },
    "number",
    true};

}  // namespace cml::vega::lite
