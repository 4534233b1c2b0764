#include "vega/lite/encoding.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"

namespace cml::vega::lite {
namespace {

bool unbinned_quantitative(Value const& def) {
  return is_field_def(def) && is(def["type"], "quantitative") && !def["bin"].truthy();
}

// Of a pair of channels (x and y, theta and radius) the one that carries the measure; empty for none.
std::string_view stacked_channel(Value const& encoding, std::string_view x, Value const& mark) {
  std::string_view const y = x == "x" ? "y" : "radius";
  bool const bar_or_area = x == "x" && one_of(mark["type"], {"bar", "area"});
  auto const &x_def = encoding[x], &y_def = encoding[y];
  bool const x_measure = unbinned_quantitative(x_def), y_measure = unbinned_quantitative(y_def);
  if (is_field_def(x_def) && is_field_def(y_def)) {
    if (x_measure && y_measure) {
      if (x_def["stack"].truthy()) return x;
      if (y_def["stack"].truthy()) return y;
      bool const x_aggregate = x_def["aggregate"].truthy(), y_aggregate = y_def["aggregate"].truthy();
      if (x_aggregate != y_aggregate) return x_aggregate ? x : y;
      if (bar_or_area) {
        if (is(mark["orient"], "vertical")) return y;
        if (is(mark["orient"], "horizontal")) return x;
      }
      return {};
    }
    return x_measure ? x : y_measure ? y : std::string_view();
  }
  if (x_measure) return bar_or_area && is(mark["orient"], "vertical") ? std::string_view() : x;
  if (y_measure) return bar_or_area && is(mark["orient"], "horizontal") ? std::string_view() : y;
  return {};
}

}  // namespace

std::unique_ptr<Stack> find_stack(Context& ctx, Value const& given, Value const& encoding) {
  auto const mark = to_mark_def(given);
  auto const type = mark["type"].string();
  if (!one_of(type, {"arc", "bar", "area", "rule", "point", "circle", "square", "line", "text", "tick"}))
    return nullptr;
  auto channel = stacked_channel(encoding, "x", mark);
  if (channel.empty()) channel = stacked_channel(encoding, "theta", mark);
  if (channel.empty()) return nullptr;
  auto const& stacked = encoding[channel];
  auto const stacked_field = is_field_def(stacked) ? vg_field(stacked) : "";
  auto out = std::make_unique<Stack>();
  out->field_channel = channel;
  std::string_view const dimension = channel == "x"       ? "y"
                                     : channel == "y"     ? "x"
                                     : channel == "theta" ? "radius"
                                                          : "theta";
  for (auto const& c : {dimension, std::string_view(dimension == "x" ? "xOffset" : "yOffset")}) {
    auto const& def = encoding[c];
    auto const field = is_field_def(def) ? vg_field(def) : "";
    if (field.empty() || field == stacked_field) continue;
    out->groupby_channels.emplace_back(c);
    add_unique(out->groupby_fields, field);
  }
  for (auto const& c : non_position_channels()) {
    if (c == "tooltip" || !channel_has_field(encoding, c)) continue;
    for (auto const& d : as_array(encoding[c])) {
      auto const& field_def = get_field_def(d);
      if (field_def["aggregate"].truthy()) continue;
      auto const field = vg_field(field_def);
      if (field.empty() || !contains(out->groupby_fields, field)) out->stack_by.push_back({std::string(c), field_def});
    }
  }
  auto const& specified = stacked["stack"];
  if (specified.defined()) {
    if (specified.is_boolean())
      out->offset = specified.boolean() ? "zero" : "";
    else
      out->offset = specified.string_or("");
  } else if (one_of(type, {"bar", "area", "arc"})) {
    out->offset = "zero";
  }
  if (!one_of(out->offset, {"zero", "center", "normalize"})) return nullptr;
  if (is_aggregated(encoding) && out->stack_by.empty()) return nullptr;
  auto const& scale_type = stacked["scale"]["type"];
  if (scale_type.truthy() && !is(scale_type, "linear") && specified.truthy())
    ctx.warn(message::stack_on_nonlinear(scale_type.string_or("?")));
  if (is_field_or_datum_def(encoding[secondary_range_channel(channel)])) {
    if (specified.defined()) ctx.warn(message::ranged_mark_not_stacked(channel));
    return nullptr;
  }
  if (is_field_def(stacked) && stacked["aggregate"].truthy() && !is_sum_aggregate(stacked["aggregate"]))
    ctx.warn(message::stack_of_nonsum(stacked["aggregate"].string_or("?")));
  out->impute = !stacked["impute"].is_null() && is_path_mark(type);
  return out;
}

}  // namespace cml::vega::lite
