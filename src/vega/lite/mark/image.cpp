#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kImageMark{"image", "image", [](Model& m) {
                            return spread({base_encode(m, {"align", "baseline", "orient", "size", "theta"}, false),
                                           rect_position(m, "x"), rect_position(m, "y"), text_encode(m, "url")});
                          }};

}  // namespace cml::vega::lite
