#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kDensity{
    "density",
    [](Value s) {
      s = with_two_names(std::move(s), "value", "density");
      s.set("resolve", nullish_or(s["resolve"], "shared"));
      return s;
    },
    [](Value const& s) { return with_groupby(texts(s["density"]), s); },
    [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
    [](Value const& s) -> Array {
      return {spread({Value::object({{"type", "kde"}, {"field", s["density"]}}), omit(s, {"density"})})};
    }};

}  // namespace cml::vega::lite
