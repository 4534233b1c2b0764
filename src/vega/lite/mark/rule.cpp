#include "vega/lite/mark/marks.hpp"

namespace cml::vega::lite {

MarkType const kRuleMark{
    "rule", "rule", [](Model& m) {
      auto const& e = m.encoding;
      if (!e["x"].truthy() && !e["y"].truthy() && !e["latitude"].truthy() && !e["longitude"].truthy())
        return Value(Object());
      bool const horizontal = is(m.mark_def["orient"], "horizontal"), vertical = is(m.mark_def["orient"], "vertical");
      return spread(
          {base_encode(m, {"align", "baseline", "orient", "size", "theta"}),
           point_or_range_position(m, "x", horizontal ? DefaultPosition::ZeroOrMax : DefaultPosition::Mid, !vertical),
           point_or_range_position(m, "y", vertical ? DefaultPosition::ZeroOrMax : DefaultPosition::Mid, !horizontal),
           non_position(m, "size", {"strokeWidth", {}, {}})});
    }};

}  // namespace cml::vega::lite
