#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kArcMark{
    "arc", "arc", [](Model& m) {
      return spread({base_encode(m, {"align", "baseline", "size", "orient", "theta"}),
                     point_position(m, "x", DefaultPosition::Mid), point_position(m, "y", DefaultPosition::Mid),
                     rect_position(m, "radius"), rect_position(m, "theta")});
    }};

}  // namespace cml::vega::lite
