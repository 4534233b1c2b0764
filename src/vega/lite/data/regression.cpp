#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kRegression{
    "regression", [](Value s) { return with_two_names(s, s["on"], s["regression"]); },
    [](Value const& s) {
      auto fields = texts(s["regression"]);
      add_unique(fields, s["on"].to_string());
      return with_groupby(fields, s);
    },
    [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
    [](Value const& s) -> Array {
      return {spread({Value::object({{"type", "regression"}, {"x", s["on"]}, {"y", s["regression"]}}),
                      omit(s, {"regression", "on"})})};
    }};

}  // namespace cml::vega::lite
