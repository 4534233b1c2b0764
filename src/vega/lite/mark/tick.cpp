#include "vega/lite/mark/marks.hpp"
#include "vega/lite/mark_def.hpp"

namespace cml::vega::lite {

MarkType const kTickMark{
    "tick", "rect", [](Model& m) {
      bool const horizontal = is(m.mark_def["orient"], "horizontal");
      Value out = spread({base_encode(m, {"align", "baseline", "orient", "size", "theta"}),
                          rect_position(m, horizontal ? "x" : "y"),
                          point_position(m, horizontal ? "y" : "x", DefaultPosition::Mid, horizontal ? "yc" : "xc")});
      out.set(horizontal ? "height" : "width",
              signal_or_value_ref(mark_prop_or_config("thickness", m.mark_def, m.config)));
      return out;
    }};

}  // namespace cml::vega::lite
