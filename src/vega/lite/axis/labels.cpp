// How labels stand next to an axis, by their angle and its side. Either may be a signal.
#include <cmath>

#include "vega/lite/axis/axis.hpp"

namespace cml::vega::lite {
namespace {

std::string angle_expression(Value const& angle) {
  return "(((" + angle["signal"].to_string() + " % 360) + 360) % 360)";
}
std::string orient_test(Value const& orient, std::string const& side) {
  if (is_signal_ref(orient)) return "(" + orient["signal"].to_string() + " === \"" + side + "\")";
  return is(orient, side) ? "true" : "false";
}

}  // namespace

Value default_label_baseline(Value const& angle, Value const& orient, std::string_view channel, bool always_middle) {
  if (!angle.defined()) return {};
  bool const x = channel == "x";
  if (is_signal_ref(angle)) {
    auto const a = angle_expression(angle);
    if (x)
      return signal_ref("(45 < " + a + " && " + a + " < 135) || (225 < " + a + " && " + a + " < 315) ? \"middle\" :(" +
                        a + " <= 45 || 315 <= " + a + ") === " + orient_test(orient, "top") +
                        " ? \"bottom\" : \"top\"");
    return signal_ref(a + " <= 45 || 315 <= " + a + " || (135 <= " + a + " && " + a + " <= 225) ? " +
                      (always_middle ? "\"middle\"" : "null") + " : (45 <= " + a + " && " + a +
                      " <= 135) === " + orient_test(orient, "left") + " ? \"top\" : \"bottom\"");
  }
  double const a = angle.to_number();
  if (x) {
    if ((45 < a && a < 135) || (225 < a && a < 315)) return "middle";
    bool const upright = a <= 45 || 315 <= a;
    if (is_signal_ref(orient))
      return signal_ref(orient["signal"].to_string() + (upright ? " === " : " !== ") +
                        "\"top\" ? \"bottom\" : \"top\"");
    return upright == is(orient, "top") ? "bottom" : "top";
  }
  if (a <= 45 || 315 <= a || (135 <= a && a <= 225)) return always_middle ? Value("middle") : Value(nullptr);
  bool const down = 45 <= a && a <= 135;
  if (is_signal_ref(orient))
    return signal_ref(orient["signal"].to_string() + (down ? " === " : " !== ") + "\"left\" ? \"top\" : \"bottom\"");
  return down == is(orient, "left") ? "top" : "bottom";
}

Value default_label_align(Value const& angle, Value const& orient, std::string_view channel) {
  if (!angle.defined()) return {};
  bool const x = channel == "x";
  double const start = x ? 0 : 90;
  std::string const main = x ? "bottom" : "left";
  if (is_signal_ref(angle)) {
    auto const a = angle_expression(angle);
    return signal_ref("(" + (x ? a : "(" + a + " + 90)") + " % 180 === 0) ? " + (x ? "null" : "\"center\"") + " :(" +
                      number_text(start) + " < " + a + " && " + a + " < " + number_text(180 + start) +
                      ") === " + orient_test(orient, main) + " ? \"left\" : \"right\"");
  }
  double const a = angle.to_number();
  if (std::fmod(a + start, 180) == 0) return x ? Value(nullptr) : Value("center");
  bool const left = start < a && a < 180 + start;
  if (is_signal_ref(orient))
    return signal_ref(orient["signal"].to_string() + (left ? " === \"" : " !== \"") + main +
                      "\" ? \"left\" : \"right\"");
  return left == is(orient, main) ? "left" : "right";
}

}  // namespace cml::vega::lite
