#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kBarMark{"bar", "rect", [](Model& m) {
                          return spread({base_encode(m, {"align", "baseline", "orient", "size", "theta"}),
                                         rect_position(m, "x"), rect_position(m, "y")});
                        }};

}  // namespace cml::vega::lite
