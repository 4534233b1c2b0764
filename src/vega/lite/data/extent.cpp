#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kExtent{
    "extent", keep, [](Value const& s) { return texts(s["extent"]); },
    [](Value const&) -> std::optional<Strings> { return Strings{}; },
    [](Value const& s) -> Array {
      return {Value::object({{"type", "extent"}, {"field", s["extent"]}, {"signal", s["param"]}})};
    }};

}  // namespace cml::vega::lite
