#include "vega/lite/data/data.hpp"
#include "vega/lite/data/transforms.hpp"
#include "vega/lite/messages.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {

// `secondary` is the output node that the other data set comes from.
TransformType const kLookup{
    "lookup", keep, [](Value const& s) { return texts(s["lookup"]); },
    [](Value const& s) -> std::optional<Strings> { return texts(s["as"].truthy() ? s["as"] : s["from"]["fields"]); },
    [](Value const& s) -> Array {
      auto const& fields = s["from"]["fields"];
      Value out = Value::object({{"type", "lookup"},
                                 {"from", s["secondary"]},
                                 {"key", s["from"]["key"]},
                                 {"fields", Value::array({s["lookup"]})}});
      if (fields.truthy()) {
        out.set("values", fields);
        if (s["as"].truthy()) out.set("as", as_array(s["as"]));
      } else {
        out.set("as", Value::array({s["as"].is_string() ? s["as"] : Value("_lookup")}));
      }
      if (s["default"].truthy()) out.set("default", s["default"]);
      return {out};
    }};

DataNode* lookup_from_transform(Model& m, DataNode* parent, Value const& t, int counter) {
  Value spec = t;
  auto const& from = t["from"];
  if (has(from, "data")) {
    auto* source = find_source(m.ctx, from["data"]);
    if (!source) {
      source = make_node<SourceNode>(m.ctx, nullptr, from["data"]);
      m.ctx.data->sources.push_back(source);
    }
    auto const name = m.get_name("lookup_" + std::to_string(counter));
    auto* output = make_node<OutputNode>(m.ctx, source, m.ctx, name, DataSource::Lookup);
    m.ctx.data->outputs[name] = output;
    spec.set("secondary", output->get_source());
  } else if (has(from, "param")) {
    auto const name = from["param"].to_string();
    if (!has(t, "as")) spec.set("as", name);
    auto* selection = m.selection_component(var_name(name));
    if (!selection) fail(m.path + ".transform", message::lookup_needs_selection(name));
    if (!selection->materialized) fail(m.path + ".transform", message::lookup_in_same_view(name));
    spec.set("secondary", selection->materialized->get_source());
  } else {
    fail(m.path + ".transform", "lookup needs \"from\" with data or param");
  }
  if (!from["fields"].truthy() && !spec["as"].is_string()) m.ctx.warn(message::lookup_needs_as());
  return make_node<TransformNode>(m.ctx, parent, kLookup, spec);
}

}  // namespace cml::vega::lite
