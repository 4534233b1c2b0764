#include "vega/lite/config.hpp"
#include "vega/lite/layoutsize/layoutsize.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

Value step_signal(std::string const& scale_name, Value const& range) {
  auto const& step = range["step"];
  if (is_signal_ref(step)) return Value::object({{"name", Value(scale_name + "_step")}, {"update", step["signal"]}});
  return Value::object({{"name", Value(scale_name + "_step")}, {"value", step}});
}

void size_signals(Model& m, std::string_view layout_size, Array& out) {
  auto const channel = layout_size == "width" ? "x" : "y";
  auto const size = m.component.layout_size.get(layout_size);
  if (size.is_nullish() || is(size, "merged")) return;
  auto const name = m.size_signal(layout_size);
  if (is(size, "step")) {
    auto* scale = m.scale_component(channel);
    if (!scale || !has_discrete_domain(scale->get("type")) || !is_step(scale->get("range")))
      fail(m.path, "the view's size counts steps, but its " + std::string(channel) + " scale has none");
    auto const scale_name = m.scale_name(channel);
    out.push_back(step_signal(scale_name, scale->get("range")));
    if (m.parent && m.parent->is_facet() && is(m.parent->component.scale_resolve[channel], "independent")) return;
    out.push_back(
        Value::object({{"name", Value(name)},
                       {"update", Value(size_expression(scale_name, *scale, "domain('" + scale_name + "').length"))}}));
  } else if (is(size, "container")) {
    bool const width = ends_with(name, "width");
    std::string const expr = width ? "containerSize()[0]" : "containerSize()[1]";
    auto const fallback = view_continuous_size(m.config["view"], width ? "width" : "height").to_string();
    Value const safe = "isFinite(" + expr + ") ? " + expr + " : " + fallback;
    out.push_back(
        Value::object({{"name", Value(name)},
                       {"init", safe},
                       {"on", Value::array({Value::object({{"update", safe}, {"events", "window:resize"}})})}}));
  } else {
    out.push_back(Value::object({{"name", Value(name)}, {"value", size}}));
  }
}

}  // namespace

std::string size_expression(std::string const& scale_name, ScaleComponent const& scale,
                            std::string const& cardinality) {
  auto const& padding = scale.get("padding");
  auto const& outer = first_defined(scale.get("paddingOuter"), padding);
  Value inner = 1;
  if (is(scale.get("type"), "band")) inner = first_defined(scale.get("paddingInner"), padding);
  return "bandspace(" + cardinality + ", " + expr_of(inner) + ", " + expr_of(outer) + ") * " + scale_name + "_step";
}

Array assemble_layout_signals(Model& m) {
  Array out;
  for (auto type : {"width", "height", "childWidth", "childHeight"}) size_signals(m, type, out);
  return out;
}

}  // namespace cml::vega::lite
