// A single view: its mark, encoding, and what the user said about scales, axes and legends.
#include "vega/lite/config.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {
namespace {

Value init_scale(Value const& scale) {
  Value out = replace_expr_refs(scale);
  for (auto key : {"domain", "range"}) {
    if (!scale[key].is_array()) continue;
    Array items;
    for (auto const& v : scale[key].items()) items.push_back(signal_ref_or_value(v));
    out.set(key, items);
  }
  return out;
}

Value init_axis(Value const& axis) {
  Value out{Object()};
  for (auto const& [key, value] : axis.properties())
    out.set(key, value["condition"].truthy() ? signal_or_value_ref_with_condition(value) : signal_ref_or_value(value));
  return out;
}

void init_guides(Model& m) {
  for (auto channel : scale_channels()) {
    auto const& def = get_field_or_datum_def(m.encoding[channel]);
    if (!def.defined()) continue;
    m.specified_scales.set(channel, init_scale(def["scale"].is_object() ? def["scale"] : Value(Object())));
    if (supports_legend(channel)) {
      auto const& legend = def["legend"];
      m.specified_legends.set(channel, legend.truthy() ? replace_expr_refs(legend) : legend);
    }
  }
  for (auto channel : kPositionScaleChannels) {
    auto const& def = m.encoding[channel];
    if (!is_field_or_datum_def(def) && !is_field_or_datum_def(m.encoding[secondary_range_channel(channel)])) continue;
    auto const& axis = is_field_or_datum_def(def) ? def["axis"] : Value();
    m.specified_axes.set(channel, axis.truthy() ? init_axis(axis) : axis);
  }
}

// A nominal color domain in a given order also orders the stack or the offset.
void align_stack_with_color_domain(Model& m) {
  auto const color = truthy_or(m.encoding["fill"], m.encoding["color"]);
  if (!is_field_def(color)) return;
  auto const field = color["field"], domain = color["scale"]["domain"];
  if (m.encoding["order"].truthy() || !domain.is_array() || !field.is_string() || !is(color["type"], "nominal")) return;
  std::string_view const offset = m.encoding["xOffset"].truthy() ? "xOffset" : "yOffset";
  auto const& offset_def = m.encoding[offset];
  if (is_field_def(offset_def) && !offset_def["sort"].truthy()) {
    Value def = offset_def;
    def.set("sort", domain);
    m.encoding.set(offset, def);
    return;
  }
  if (!m.stack) return;
  auto const as = "_" + field.to_string() + "_sort_index";
  m.transforms.push(
      Value::object({{"calculate", Value("indexof(" + string_value(domain) + ", datum['" + field.to_string() + "'])")},
                     {"as", Value(as)}}));
  m.encoding.set("order",
                 Value::object({{"field", Value(as)},
                                {"type", "quantitative"},
                                {"sort", is(m.mark_def["orient"], "horizontal") ? "ascending" : "descending"}}));
}

}  // namespace

void init_unit_model(Model& m, Value const& spec, std::shared_ptr<Value> const& given_size) {
  bool const framed = has(spec, "view") || has(spec, "width") || has(spec, "height");
  if (framed) m.view = replace_expr_refs(spec["view"]);
  Value mark = to_mark_def(spec["mark"]);
  if (!has(mark, "filled")) mark.set("filled", default_filled(mark, m.config, has(spec["data"], "graticule")));
  m.encoding = init_encoding(m.ctx, spec["encoding"], mark["type"].string(), mark["filled"].truthy(), m.config);
  m.mark_def = init_mark_def(m.ctx, mark, m.encoding, m.config);
  // Layers share one size as long as they say nothing themselves: a step that one of them drops is dropped
  // for all.
  m.size = given_size && !framed ? given_size : std::make_shared<Value>(given_size ? *given_size : Value(Object()));
  for (auto key : {"width", "height"})
    if (has(spec, key)) m.size->set(key, spec[key]);
  for (auto channel : kPositionScaleChannels) {
    auto const dimension = size_channel(channel);
    if (!is_step((*m.size)[dimension])) continue;
    auto const& def = m.encoding[channel];
    if (!is_continuous_def(def)) continue;
    m.size->erase(dimension);
    m.ctx.warn(message::step_dropped(dimension));
  }
  m.stack = find_stack(m.ctx, m.mark_def, m.encoding);
  init_guides(m);
  m.specified_projection = spec["projection"];
  for (auto const& param : spec["params"].items())
    if (param["select"].truthy()) m.selection_params.push_back(param);
  align_stack_with_color_domain(m);
}

}  // namespace cml::vega::lite
