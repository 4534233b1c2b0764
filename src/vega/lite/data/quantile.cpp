#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kQuantile{
    "quantile", [](Value s) { return with_two_names(std::move(s), "prob", "value"); },
    [](Value const& s) { return with_groupby(texts(s["quantile"]), s); },
    [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
    [](Value const& s) -> Array {
      return {spread({Value::object({{"type", "quantile"}, {"field", s["quantile"]}}), omit(s, {"quantile"})})};
    }};

}  // namespace cml::vega::lite
