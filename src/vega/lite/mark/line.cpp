#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kLineMark{
    "line", "line", [](Model& m) {
      return spread({base_encode(m, {"align", "baseline", "size", "orient", "theta"}),
                     point_position(m, "x", DefaultPosition::Mid), point_position(m, "y", DefaultPosition::Mid),
                     non_position(m, "size", {"strokeWidth", {}, {}}), defined_encode(m)});
    }};

}  // namespace cml::vega::lite
