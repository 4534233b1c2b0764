#include "vega/lite/data/data.hpp"
#include "vega/lite/data/transforms.hpp"
#include "vega/lite/expression_fields.hpp"
#include "vega/lite/predicate.hpp"

namespace cml::vega::lite {

TransformType const kCalculate{
    "calculate", keep, [](Value const& s) { return dependent_fields(s["calculate"].to_string()); },
    [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
    [](Value const& s) -> Array {
      return {Value::object({{"type", "formula"}, {"expr", s["calculate"]}, {"as", s["as"]}})};
    }};

// A field sorted by a given list gets the position in that list.
DataNode* sort_indices_from_encoding(Model& m, DataNode* parent) {
  each_field_def(m.mapping(), [&](Value const& def, std::string_view channel) {
    auto const& sort = def["sort"];
    if (!sort.is_array()) return;
    std::string expression;
    std::size_t i = 0;
    for (auto const& value : sort.items()) {
      Value const test = Value::object({{"field", def["field"]}, {"timeUnit", def["timeUnit"]}, {"equal", value}});
      expression += field_predicate_expression(m.ctx, test) + " ? " + std::to_string(i++) + " : ";
    }
    expression += std::to_string(sort.size());
    parent = make_node<TransformNode>(
        m.ctx, parent, kCalculate,
        Value::object(
            {{"calculate", Value(expression)}, {"as", Value(sort_array_index_field(def, channel, {.for_as = true}))}}));
  });
  return parent;
}

}  // namespace cml::vega::lite
