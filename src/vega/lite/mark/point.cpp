#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

// Points, and the marks that are points of one shape.
namespace {

Value symbol(Model& m, char const* shape) {
  Value out =
      spread({base_encode(m, {"align", "baseline", "orient", "theta"}), point_position(m, "x", DefaultPosition::Mid),
              point_position(m, "y", DefaultPosition::Mid), non_position(m, "size"), non_position(m, "angle")});
  if (shape)
    out.set("shape", value_ref(shape));
  else
    assign(out, non_position(m, "shape"));
  return out;
}

}  // namespace

MarkType const kPointMark{"point", "symbol", [](Model& m) { return symbol(m, nullptr); }};
MarkType const kCircleMark{"circle", "symbol", [](Model& m) { return symbol(m, "circle"); }};
MarkType const kSquareMark{"square", "symbol", [](Model& m) { return symbol(m, "square"); }};

}  // namespace cml::vega::lite
