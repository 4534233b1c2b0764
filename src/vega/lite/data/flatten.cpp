#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kFlatten{"flatten",
                             [](Value s) {
                               Array names;
                               auto const as = s["as"];
                               for (std::size_t i = 0; i < s["flatten"].items().size(); ++i)
                                 names.push_back(nullish_or(as.at(i), s["flatten"].at(i)));
                               s.set("as", names);
                               return s;
                             },
                             [](Value const& s) { return texts(s["flatten"]); },
                             [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
                             [](Value const& s) -> Array {
                               return {Value::object({{"type", "flatten"}, {"fields", s["flatten"]}, {"as", s["as"]}})};
                             }};

}  // namespace cml::vega::lite
