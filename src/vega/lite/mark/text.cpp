#include "vega/lite/mark/marks.hpp"
#include "vega/lite/mark_def.hpp"

namespace cml::vega::lite {

MarkType const kTextMark{"text", "text", [](Model& m) {
                           Value out =
                               spread({base_encode(m, {"size", "orient"}), point_position(m, "x", DefaultPosition::Mid),
                                       point_position(m, "y", DefaultPosition::Mid), text_encode(m, "text"),
                                       non_position(m, "size", {"fontSize", {}, {}}), non_position(m, "angle")});
                           if (!mark_prop_or_config("align", m.mark_def, m.config).defined())
                             out.set("align", value_ref("center"));
                           if (!mark_prop_or_config("baseline", m.mark_def, m.config).defined())
                             out.set("baseline", value_ref("middle"));
                           assign(out, point_position(m, "radius", DefaultPosition::None));
                           assign(out, point_position(m, "theta", DefaultPosition::None));
                           return out;
                         }};

}  // namespace cml::vega::lite
