#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kTrailMark{
    "trail", "trail", [](Model& m) {
      return spread({base_encode(m, {"align", "baseline", "orient", "theta"}),
                     point_position(m, "x", DefaultPosition::Mid), point_position(m, "y", DefaultPosition::Mid),
                     non_position(m, "size"), defined_encode(m)});
    }};

}  // namespace cml::vega::lite
