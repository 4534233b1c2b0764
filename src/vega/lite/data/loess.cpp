#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kLoess{"loess", [](Value s) { return with_two_names(s, s["on"], s["loess"]); },
                           [](Value const& s) {
                             auto fields = texts(s["loess"]);
                             add_unique(fields, s["on"].to_string());
                             return with_groupby(fields, s);
                           },
                           [](Value const& s) -> std::optional<Strings> { return texts(s["as"]); },
                           [](Value const& s) -> Array {
                             return {spread({Value::object({{"type", "loess"}, {"x", s["on"]}, {"y", s["loess"]}}),
                                             omit(s, {"loess", "on"})})};
                           }};

}  // namespace cml::vega::lite
