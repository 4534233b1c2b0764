#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kAreaMark{
    "area", "area", [](Model& m) {
      auto const& orient = m.mark_def["orient"];
      return spread({base_encode(m, {"align", "baseline", "size", "theta"}),
                     point_or_range_position(m, "x", DefaultPosition::ZeroOrMin, is(orient, "horizontal")),
                     point_or_range_position(m, "y", DefaultPosition::ZeroOrMin, is(orient, "vertical")),
                     defined_encode(m)});
    }};

}  // namespace cml::vega::lite
