#include <algorithm>
#include <cmath>

#include "vega/lite/config.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

std::string_view step_for(Value const& step, bool offset_is_discrete) {
  return offset_is_discrete ? step["for"].string_or("offset") : "position";
}

// How wide one bin is drawn, as an expression; empty when the axis is not binned.
std::string bin_step(Model& m, std::string_view channel) {
  auto const& def = m.field_def(channel);
  auto const& bin = def["bin"];
  if (!bin.truthy()) return {};
  auto const size = late_signal(m.get_name(size_channel(channel)));
  if (bin["binned"].truthy() && has(bin, "step")) {
    auto const scale = late_scale(m.get_name(channel));
    return size + " / ((domain(\"" + scale + "\")[1] - domain(\"" + scale + "\")[0]) / " + bin["step"].to_string() +
           ")";
  }
  if (!is_binning(bin)) return {};
  auto const signal = late_signal(bin_signal_name(m, def["field"], bin));
  return size + " / ((" + signal + ".stop - " + signal + ".start) / " + signal + ".step)";
}

// The smaller of the two axes' steps: a number, or a signal.
Value smaller_step(Model& m) {
  auto const step = [&](char const* size) {
    return is_step((*m.size)[size]) ? (*m.size)[size]["step"] : Value(view_discrete_step(m.config["view"], size));
  };
  auto const width = step("width"), height = step("height");
  auto const x = bin_step(m, "x"), y = bin_step(m, "y");
  if (!x.empty() || !y.empty())
    return signal_ref("min(" + (x.empty() ? width.to_string() : x) + ", " + (y.empty() ? height.to_string() : y) + ")");
  return std::min(width.to_number(), height.to_number());
}

[[noreturn]] void no_size(Model& m) {
  fail(m.path + ".encoding.size", message::channel_incompatible("size", m.mark()));
}

Value size_range_min(Model& m) {
  auto const& scale = m.config["scale"];
  if (one_of(m.mark(), {"bar", "tick"})) return scale["minBandSize"];
  if (one_of(m.mark(), {"line", "trail", "rule"})) return scale["minStrokeWidth"];
  if (m.mark() == "text") return scale["minFontSize"];
  if (one_of(m.mark(), {"point", "square", "circle"})) return scale["minSize"];
  no_size(m);
}
Value size_range_max(Model& m) {
  auto const& scale = m.config["scale"];
  if (one_of(m.mark(), {"bar", "tick"})) {
    if (has(scale, "maxBandSize")) return scale["maxBandSize"];
    auto const step = smaller_step(m);
    return step.is_number() ? Value(step.number() - 1) : signal_ref(step["signal"].to_string() + " - 1");
  }
  if (one_of(m.mark(), {"line", "trail", "rule"})) return scale["maxStrokeWidth"];
  if (m.mark() == "text") return scale["maxFontSize"];
  if (!one_of(m.mark(), {"point", "square", "circle"})) no_size(m);
  if (scale["maxSize"].truthy()) return scale["maxSize"];
  auto const step = smaller_step(m);
  if (step.is_number()) return std::pow(0.95 * step.number(), 2);
  return signal_ref("pow(0.95 * " + step["signal"].to_string() + ", 2)");
}

double discretizing_count(Model& m, Value const& type, Value const& domain, std::string_view channel) {
  auto const& scale = m.config["scale"];
  if (is(type, "quantile")) return scale["quantileCount"].number_or(4);
  if (is(type, "quantize")) return scale["quantizeCount"].number_or(4);
  if (domain.is_array()) return static_cast<double>(domain.size()) + 1;
  m.ctx.warn(message::threshold_needs_domain(channel));
  return 3;
}
Value interpolated_range(Value const& min, Value const& max, double count) {
  auto const low = expr_of(min), high = expr_of(max);
  auto const step = "(" + high + " - " + low + ") / (" + number_text(count) + " - 1)";
  return signal_ref("sequence(" + low + ", " + high + " + " + step + ", " + step + ")");
}

Value full_range(Model& m, std::string_view channel, Value const& type, bool center) {
  auto const size = late_signal(m.get_name(size_channel(channel)));
  bool const down = channel == "y" && has_continuous_domain(type);
  if (!center) return down ? Value::array({signal_ref(size), 0}) : Value::array({0, signal_ref(size)});
  auto const half = signal_ref(size + "/2"), minus = signal_ref("-" + size + "/2");
  return down ? Value::array({half, minus}) : Value::array({minus, half});
}

Value discrete_position_size(Model& m, std::string_view channel) {
  auto const size_type = channel == "x" ? "width" : "height";
  auto const& size = (*m.size)[size_type];
  return size.defined() ? size : view_discrete_size(m.config["view"], size_type);
}

// The step of a position scale, which grows when it holds a nested offset scale.
Value position_step(Model& m, Value const& step, std::string_view channel) {
  auto const* scale = m.scale_component(channel);
  auto const offset = offset_scale_channel(channel);
  auto const& offset_def = m.encoding[offset];
  bool const discrete = is_field_or_datum_def(offset_def) && is_discrete_type(offset_def["type"]);
  if (step_for(step, discrete) != "offset" || !channel_has_field_or_datum(m.encoding, offset)) return step["step"];
  auto const* offset_scale = m.scale_component(offset);
  if (!offset_scale) return step["step"];
  auto count = "domain('" + m.scale_name(offset) + "').length";
  if (is(offset_scale->get("type"), "band")) {
    auto const padding = [&](char const* side) {
      return nullish_or(offset_scale->get(side), nullish_or(offset_scale->get("padding"), 0)).to_string();
    };
    count = "bandspace(" + count + ", " + padding("paddingInner") + ", " + padding("paddingOuter") + ")";
  }
  auto const& inner = nullish_or(scale->get("paddingInner"), scale->get("padding"));
  auto const inner_text = is_signal_ref(inner) ? inner["signal"].to_string() : string_value(inner);
  return signal_ref(step["step"].to_string() + " * " + count + " / (1-" + inner_text + ")");
}
Value offset_step(Value const& step, Value const& type) {
  return step_for(step, has_discrete_domain(type)) == "offset" ? Value::object({{"step", step["step"]}}) : Value();
}

Value offset_range(Model& m, std::string_view channel, Value const& type) {
  auto const position = channel.substr(0, 1);
  auto const* scale = m.scale_component(position);
  if (!scale) return full_range(m, position, type, true);
  auto const name = m.scale_name(position);
  if (is(scale->get("type"), "band")) {
    auto const size = discrete_position_size(m, position);
    if (is_step(size))
      if (auto const step = offset_step(size, type); step.defined()) return step;
    return Value::array({0, signal_ref("bandwidth('" + name + "')")});
  }
  auto const& def = m.encoding[position];
  if (!is_field_def(def) || !def["timeUnit"].truthy())
    fail(m.path + ".encoding." + std::string(channel),
         "works only beside a discrete " + std::string(position) + " or one with a time unit");
  auto const duration = duration_expression(m.ctx, def["timeUnit"], [&](std::string e) {
                          return "scale('" + name + "', " + e + ")";
                        }).value_or("undefined");
  auto const& padding = m.config["scale"]["bandWithNestedOffsetPaddingInner"];
  double const shift = band_position(def, {}, m.mark_def, m.config).to_number() - 0.5;
  auto const shift_text = shift != 0 ? " + " + number_text(shift) : "";
  if (!padding.truthy()) return Value::array({0, signal_ref(duration)});
  std::string start, end;
  if (is_signal_ref(padding)) {
    start = padding["signal"].to_string() + "/2" + shift_text;
    end = "(1 - " + padding["signal"].to_string() + "/2)" + shift_text;
  } else {
    start = number_text(padding.to_number() / 2 + shift);
    end = number_text(1 - padding.to_number() / 2 + shift);
  }
  return Value::array({signal_ref(start + " * (" + duration + ")"), signal_ref(end + " * (" + duration + ")")});
}

Value default_range(Model& m, std::string_view channel, Value const& type) {
  auto const& config = m.config["scale"];
  auto const& specified = m.specified_scales[channel];
  if (is_x_or_y(channel)) {
    if (one_of(type, {"point", "band"})) {
      auto const size = discrete_position_size(m, channel);
      if (is_step(size)) return Value::object({{"step", position_step(m, size, channel)}});
    }
    return full_range(m, channel, type, false);
  }
  if (is_offset_channel(channel)) return offset_range(m, channel, type);
  if (channel == "size") {
    auto const min = size_range_min(m), max = size_range_max(m);
    if (is_discretizing_scale(type))
      return interpolated_range(min, max, discretizing_count(m, type, specified["domain"], channel));
    return Value::array({min, max});
  }
  if (channel == "theta") return Value::array({0, kPi * 2});
  if (channel == "angle") return Value::array({0, 360});
  if (channel == "radius") {
    bool const in_facet = m.parent && m.parent->is_facet();
    return Value::array({0, signal_ref("min(" + late_signal(in_facet ? "child_width" : "width") + "," +
                                       late_signal(in_facet ? "child_height" : "height") + ")/2")});
  }
  if (channel == "time") return Value::object({{"step", 1000 / config["framesPerSecond"].number_or(2)}});
  if (channel == "strokeWidth") return Value::array({config["minStrokeWidth"], config["maxStrokeWidth"]});
  if (channel == "strokeDash")
    return Value::array({Value::array({1, 0}), Value::array({4, 2}), Value::array({2, 1}), Value::array({1, 1}),
                         Value::array({1, 2, 4, 2})});
  if (channel == "shape") return "symbol";
  if (is_color_channel(channel)) {
    if (is(type, "ordinal"))
      return is(get_field_or_datum_def(m.encoding[channel])["type"], "nominal") ? "category" : "ordinal";
    if (has(specified, "domainMid")) return "diverging";
    return one_of(m.mark(), {"rect", "geoshape"}) ? "heatmap" : "ramp";
  }
  return Value::array({config["minOpacity"], config["maxOpacity"]});
}

// What the scale's own range or scheme says; nothing when it says nothing usable.
std::optional<Explicit> specified_range(Model& m, std::string_view channel, Value const& type) {
  auto const& specified = m.specified_scales[channel];
  for (auto property : {"range", "scheme"}) {
    auto const& value = specified[property];
    if (!value.defined()) continue;
    if (!scale_supports_property(type, property)) {
      m.ctx.warn(message::scale_property_for_type(channel, property, type.string_or("?")));
      continue;
    }
    if (property_needs_color(property) && !is_color_channel(channel)) {
      m.ctx.warn(message::scale_property_needs_color(property));
      continue;
    }
    if (std::string_view(property) == "scheme") {
      Value scheme = Value::object({{"scheme", has(value, "name") ? value["name"] : value}});
      if (has(value, "name")) assign(scheme, omit(value, {"name"}));
      return Explicit{true, scheme};
    }
    if (value.is_array() && is_x_or_y(channel)) {
      Array items;
      for (auto const& v : value.items())
        items.push_back(one_of(v, {"width", "height"}) ? signal_ref(late_signal(m.get_name(v.string()))) : v);
      return Explicit{true, items};
    }
    if (has(value, "field"))
      return Explicit{
          true, Value::object(
                    {{"data", Value(m.request_data_name(DataSource::Main))},
                     {"field", value["field"]},
                     {"sort", Value::object({{"op", "min"},
                                             {"field", m.field_def(channel).defined() ? Value(m.vg_field_of(channel))
                                                                                      : Value()}})}})};
    return Explicit{true, value};
  }
  return std::nullopt;
}

}  // namespace

Explicit parse_scale_range(Model& m, std::string_view channel) {
  auto const type = m.scale_component(channel)->get("type");
  auto const& specified = m.specified_scales[channel];
  if (auto range = specified_range(m, channel, type)) return *range;
  auto const size_type = channel == "x" || channel == "xOffset" ? "width" : "height";
  auto const& size = (*m.size)[size_type];
  if (is_step(size)) {
    if (is_x_or_y(channel)) {
      if (has_discrete_domain(type)) {
        auto const step = position_step(m, size, channel);
        if (step.truthy()) return {true, Value::object({{"step", step}})};
      } else {
        m.ctx.warn(message::step_dropped(size_type));
      }
    } else if (is_offset_channel(channel)) {
      auto const* position = m.scale_component(channel.substr(0, 1));
      if (position && is(position->get("type"), "band"))
        if (auto const step = offset_step(size, type); step.defined()) return {true, step};
    }
  }
  auto const &low = specified["rangeMin"], &high = specified["rangeMax"];
  auto const fallback = default_range(m, channel, type);
  if ((low.defined() || high.defined()) && scale_supports_property(type, "rangeMin") && fallback.is_array() &&
      fallback.size() == 2)
    return {true, Value::array({nullish_or(low, fallback.at(0)), nullish_or(high, fallback.at(1))})};
  return {false, fallback};
}

std::string bin_signal_name(Model const& m, Value const& field, Value const& bin) {
  return m.get_name(bin_to_string(normalize_bin(bin, "")) + "_" + field.to_string() + "_bins");
}

}  // namespace cml::vega::lite
