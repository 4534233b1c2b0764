#include "vega/lite/data/data.hpp"
#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {
namespace {

Value key_values(Value const& keys) {
  if (!has(keys, "stop")) return keys;
  Strings parts{keys["start"].defined() ? keys["start"].to_string() : "0", keys["stop"].to_string()};
  if (keys["step"].truthy()) parts.push_back(keys["step"].to_string());
  return signal_ref("sequence(" + join(parts, ",") + ")");
}

Array assemble(Value const& s) {
  auto const &field = s["impute"], &method = s["method"], &groupby = s["groupby"];
  bool const by_value = !method.truthy() || is(method, "value");
  Value impute = Value::object({{"type", "impute"}, {"field", field}, {"key", s["key"]}});
  if (s["keyvals"].truthy()) impute.set("keyvals", key_values(s["keyvals"]));
  impute.set("method", "value");
  if (groupby.truthy()) impute.set("groupby", groupby);
  impute.set("value", by_value ? s["value"] : Value(nullptr));
  if (by_value) return {impute};
  // Other methods look at the neighbours within a frame: computed aside, then put where the value was
  // missing.
  auto const name = field.to_string(), imputed = "imputed_" + name + "_value";
  Value window = Value::object({{"type", "window"},
                                {"as", Value::array({Value(imputed)})},
                                {"ops", Value::array({method})},
                                {"fields", Value::array({field})},
                                {"frame", s["frame"].defined() ? s["frame"] : Value::array({nullptr, nullptr})},
                                {"ignorePeers", false}});
  if (groupby.truthy()) window.set("groupby", groupby);
  return {impute, window,
          Value::object({{"type", "formula"},
                         {"expr", Value("datum." + name + " === null ? datum." + imputed + " : datum." + name)},
                         {"as", field}})};
}

}  // namespace

TransformType const kImpute{"impute", keep,
                            [](Value const& s) {
                              auto fields = texts(s["impute"]);
                              add_unique(fields, s["key"].to_string());
                              return with_groupby(fields, s);
                            },
                            [](Value const& s) -> std::optional<Strings> { return texts(s["impute"]); }, assemble};

DataNode* impute_from_encoding(Model& m, DataNode* parent) {
  auto const &x = m.encoding["x"], &y = m.encoding["y"];
  if (!is_field_def(x) || !is_field_def(y)) return parent;
  bool const on_x = x["impute"].truthy();
  if (!on_x && !y["impute"].truthy()) return parent;
  auto const &imputed = on_x ? x : y, &key = on_x ? y : x;
  auto const& how = imputed["impute"];
  Value spec = Value::object({{"impute", imputed["field"]}, {"key", key["field"]}});
  if (how["method"].truthy()) spec.set("method", how["method"]);
  if (how["value"].defined()) spec.set("value", how["value"]);
  if (how["frame"].truthy()) spec.set("frame", how["frame"]);
  if (how["keyvals"].defined()) spec.set("keyvals", how["keyvals"]);
  auto const groups = path_grouping_fields(m.mark(), m.encoding);
  if (!groups.empty()) spec.set("groupby", string_array(groups));
  return make_node<TransformNode>(m.ctx, parent, kImpute, spec);
}

}  // namespace cml::vega::lite
