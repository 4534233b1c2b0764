#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kSample{"sample", keep, [](Value const&) { return Strings{}; },
                            [](Value const&) -> std::optional<Strings> { return Strings{}; },
                            [](Value const& s) -> Array {
                              return {Value::object({{"type", "sample"}, {"size", s["sample"]}})};
                            }};

}  // namespace cml::vega::lite
