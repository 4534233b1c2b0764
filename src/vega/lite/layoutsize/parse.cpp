#include "vega/lite/config.hpp"
#include "vega/lite/layoutsize/layoutsize.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"

namespace cml::vega::lite {
namespace {

Value default_unit_size(Model& m, std::string_view size_type) {
  auto const& view = m.config["view"];
  if (auto const* scale = m.scale_component(layout_channel(size_type))) {
    if (!has_discrete_domain(scale->get("type"))) return view_continuous_size(view, size_type);
    auto const size = view_discrete_size(view, size_type);
    return is_step(scale->get("range")) || is_step(size) ? Value("step") : size;
  }
  if (m.has_projection() || m.mark() == "arc") return view_continuous_size(view, size_type);
  auto const size = view_discrete_size(view, size_type);
  return is_step(size) ? size["step"] : size;
}

void parse_shared(Model& m, std::string_view layout_size) {
  auto const size_type = size_type_of(layout_size);
  auto const channel = layout_channel(size_type);
  std::optional<Explicit> merged;
  auto const given = m.component.scale_resolve[channel];
  bool const independent = is(given.is_nullish() ? default_scale_resolve(m, channel) : given, "independent");
  for (auto const& child : m.children) {
    auto const size = child->component.layout_size.get_with_explicit(size_type);
    if (independent && is(size.value, "step")) {
      merged.reset();
      break;
    }
    if (!merged) {
      merged = size;
      continue;
    }
    if (independent && !(merged->value == size.value)) {
      merged.reset();
      break;
    }
    merged = merge_explicit(m.ctx, *merged, size, size_type, "layout");
  }
  if (!merged) return;
  for (auto const& child : m.children) {
    m.ctx.signal_names.rename(child->get_name(size_type), m.get_name(layout_size));
    child->component.layout_size.set(size_type, "merged", false);
  }
  m.component.layout_size.set_with_explicit(layout_size, *merged);
}

}  // namespace

void parse_unit_layout_size(Model& m) {
  for (auto channel : kPositionScaleChannels) {
    auto const size_type = size_channel(channel);
    auto const& given = (*m.size)[size_type];
    if (!given.is_nullish())
      m.component.layout_size.set(size_type, is_step(given) ? Value("step") : given, true);
    else
      m.component.layout_size.set(size_type, default_unit_size(m, size_type), false);
  }
}
void parse_layer_layout_size(Model& m) {
  for (auto const& child : m.children) child->parse_layout_size();
  parse_shared(m, "width");
  parse_shared(m, "height");
}
void parse_concat_layout_size(Model& m) {
  for (auto const& child : m.children) child->parse_layout_size();
  auto const& columns = m.layout["columns"];
  parse_shared(m, columns.is_number() && columns.number() == 1 ? "width" : "childWidth");
  parse_shared(m, columns.defined() ? "childHeight" : "height");
}

}  // namespace cml::vega::lite
