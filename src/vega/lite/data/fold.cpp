#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kFold{"fold", [](Value s) { return with_two_names(std::move(s), "key", "value"); },
                          [](Value const& s) { return texts(s["fold"]); },
                          [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
                          [](Value const& s) -> Array {
                            return {Value::object({{"type", "fold"}, {"fields", s["fold"]}, {"as", s["as"]}})};
                          }};

}  // namespace cml::vega::lite
