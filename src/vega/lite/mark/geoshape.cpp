#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kGeoshapeMark{
    "geoshape", "shape",
    [](Model& m) {
      return base_encode(m, {"align", "baseline", "size", "orient", "theta"});
    },
    [](Model& m) -> Array {
      auto const& shape = m.encoding["shape"];
      Value transform = Value::object({{"type", "geoshape"}, {"projection", Value(m.projection_name())}});
      if (is_field_def(shape) && is(shape["type"], "geojson"))
        transform.set("field", vg_field(shape, {.expr = "datum"}));
      return {transform};
    }};

}  // namespace cml::vega::lite
