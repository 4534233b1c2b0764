// Positions of points and of ranges from one side to the other.
#include "vega/lite/config.hpp"
#include "vega/lite/format.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

Value position_entry(std::string_view key, Value value) {
  Value out{Object()};
  out.set(key, std::move(value));
  return out;
}
Value group_size(char const* size) { return Value::object({{"field", Value::object({{"group", size}})}}); }
bool is_half(Value const& v) { return v.is_number() && v.number() == 0.5; }

}  // namespace

Value scaled_zero_or_bound(ScaleComponent* scale, std::string const& name, bool low) {
  if (!scale || name.empty()) return {};
  auto const domain = "domain('" + name + "')";
  auto const bound = low ? domain + "[0]" : "peek(" + domain + ")";
  switch (scale->domain_has_zero()) {
    case ScaleComponent::HasZero::Definitely:
      return Value::object({{"scale", Value(name)}, {"value", 0}});
    case ScaleComponent::HasZero::Maybe:
      return signal_ref("scale('" + name + "', inrange(0, " + domain + ") ? 0 : " + bound + ")");
    default:
      return signal_ref("scale('" + name + "', " + bound + ")");
  }
}

Value invalid_value_ref(Model& m, std::string_view channel, Value const& def, ScaleComponent* scale,
                        std::string const& name) {
  auto const& field_def = get_field_def(def);
  if (!field_def.defined() || !scale) return {};
  auto const mode = scale_invalid_mode(m.mark_def, m.config, channel, scale->get("type"),
                                       is_counting_aggregate(field_def["aggregate"]));
  if (mode != InvalidMode::Show) return {};
  Value out = Value::object({{"test", Value(field_valid_expression(vg_field(field_def, {.expr = "datum"}), false))}});
  auto const& as = m.config["scale"]["invalid"][channel];
  if (as.has("value"))
    assign(out, is_signal_ref(as["value"]) ? signal_ref(as["value"]["signal"].to_string()) : value_ref(as["value"]));
  else
    assign(out, scaled_zero_or_bound(scale, name, true));
  return out;
}

Value value_ref_for_def(Context& ctx, Value const& def, std::string const& scale_name, FieldOptions const& options,
                        Value const& offset, Value const& band) {
  Value ref{Object()};
  if (!scale_name.empty()) ref.set("scale", scale_name);
  if (is_datum_def(def)) {
    auto const& datum = def["datum"];
    if (is_date_time(datum))
      ref.set("signal", date_time_expression(ctx, datum));
    else if (is_signal_ref(datum))
      ref.set("signal", datum["signal"]);
    else if (is_expr_ref(datum))
      ref.set("signal", datum["expr"]);
    else
      ref.set("value", datum);
  } else {
    ref.set("field", vg_field(def, options));
  }
  if (offset.truthy()) ref.set("offset", offset);
  if (band.truthy()) ref.set("band", band);
  return ref;
}

Value interpolated_ref(Interpolated const& p) {
  double const position = p.band_position.number_or(0.5);
  bool const by_signal = is_signal_ref(p.band_position);
  std::string_view const expr = !by_signal && position > 0 && position < 1 ? "datum" : "";
  auto const start = vg_field(p.def, {.expr = expr, .suffix = p.start_suffix});
  auto const end =
      p.def2.defined() ? vg_field(p.def2, {.expr = expr}) : vg_field(p.def, {.expr = expr, .suffix = p.end_suffix});
  Value ref{Object()};
  if (!by_signal && (position == 0 || position == 1)) {
    ref.set("scale", p.scale_name);
    ref.set("field", position == 0 ? start : end);
  } else {
    auto const share = by_signal ? p.band_position["signal"].to_string() : number_text(position);
    auto const rest = by_signal ? "(1-" + share + ")" : number_text(1 - position);
    ref.set("signal", "scale(\"" + p.scale_name + "\", " + rest + " * " + start + " + " + share + " * " + end + ")");
  }
  if (p.offset.truthy()) ref.set("offset", p.offset);
  return ref;
}

Value width_height_ref(std::string_view channel, Value const& value) {
  if (one_of(channel, {"x", "x2"}) && is(value, "width")) return group_size("width");
  if (one_of(channel, {"y", "y2"}) && is(value, "height")) return group_size("height");
  return signal_or_value_ref(value);
}

Value mid_point(Model& m, MidPoint p) {
  auto const& def = p.def;
  auto const with_offset = [&](Value ref) {
    if (p.offset.truthy()) ref.set("offset", p.offset);
    return ref;
  };
  if (def.truthy()) {
    if (is_field_or_datum_def(def)) {
      auto const type = p.scale ? p.scale->get("type") : Value();
      if (is_typed_field_def(def)) {
        if (p.band_position.is_nullish()) p.band_position = band_position(def, p.def2, m.mark_def, m.config);
        bool const banded = p.band_position.truthy();
        if (is_binning(def["bin"]) || (banded && def["timeUnit"].truthy() && is(def["type"], "temporal"))) {
          if (p.stack && p.stack->impute)
            return value_ref_for_def(m.ctx, def, p.scale_name, {.bin_suffix = "mid"}, p.offset);
          if (banded && !has_discrete_domain(type))
            return interpolated_ref({def, {}, p.scale_name, p.offset, p.band_position});
          return value_ref_for_def(m.ctx, def, p.scale_name,
                                   {.bin_suffix = bin_requires_range(def, p.channel) ? "range" : ""}, p.offset);
        }
        if (is_binned(def["bin"])) {
          if (is_field_def(p.def2))
            return interpolated_ref(
                {def, p.def2, p.scale_name, p.offset, p.band_position.defined() ? p.band_position : Value(0.5)});
          m.ctx.warn(message::binned_needs_channel(p.channel == "x" ? "x2" : "y2"));
        }
      }
      Value band;
      if (is(type, "band")) band = nullish_or(p.band_position, nullish_or(def["bandPosition"], 0.5));
      return value_ref_for_def(m.ctx, def, p.scale_name, {.bin_suffix = has_discrete_domain(type) ? "range" : ""},
                               p.offset, band);
    }
    if (is_value_def(def)) return with_offset(width_height_ref(p.channel, def["value"]));
  }
  auto const fallback = p.default_ref ? p.default_ref() : Value();
  return fallback.truthy() ? with_offset(fallback) : fallback;
}

Value mid_point_with_invalid_test(Model& m, MidPoint const& p) {
  auto const main = mid_point(m, p);
  auto const invalid = invalid_value_ref(m, main_range_channel(p.channel), p.def, p.scale, p.scale_name);
  return invalid.defined() ? Value::array({invalid, main}) : main;
}

PositionOffset position_offset(Model& m, std::string_view base, Value const& band_position) {
  auto const channel = std::string(base) + "Offset";
  auto const& def = m.encoding[channel];
  auto const value = m.mark_def[channel];
  if (is_offset_channel(channel) && def.truthy()) {
    MidPoint p;
    p.channel = channel;
    p.def = def;
    p.scale_name = m.scale_name(channel);
    p.scale = m.scale_component(channel);
    p.default_ref = [&] { return signal_or_value_ref(value); };
    p.band_position = band_position;
    return {mid_point(m, p), true};
  }
  return {value.truthy() ? value : Value(), false};
}

std::function<Value()> default_position(Model& m, DefaultPosition fallback, std::string_view channel,
                                        std::string const& name, ScaleComponent* scale) {
  return [&m, fallback, channel, name, scale]() -> Value {
    auto const given = mark_prop_or_config(channel, m.mark_def, m.config, {vg_position_channel(channel), false});
    if (given.defined()) return width_height_ref(channel, given);
    auto const main = main_range_channel(channel);
    bool const low = fallback == DefaultPosition::ZeroOrMin;
    switch (fallback) {
      case DefaultPosition::None:
        return {};
      case DefaultPosition::Mid: {
        Value ref = m.size_signal_ref(size_channel(channel));
        ref.set("mult", 0.5);
        return ref;
      }
      default:
        break;
    }
    if (auto ref = scaled_zero_or_bound(scale, name, low); ref.truthy()) return ref;
    if (main == "radius")
      return low ? value_ref(0) : signal_ref("min(" + m.size_signal("width") + "," + m.size_signal("height") + ")/2");
    if (main == "theta") return low ? value_ref(0) : signal_ref("2*PI");
    if (main == "x") return low ? value_ref(0) : group_size("width");
    return low ? group_size("height") : value_ref(0);
  };
}

Value point_position(Model& m, std::string_view channel, DefaultPosition fallback, std::string_view vg_channel) {
  auto const& def = m.encoding[channel];
  auto const name = m.scale_name(channel);
  auto* scale = m.scale_component(channel);
  auto const [offset, from_encoding] = position_offset(m, channel, 0.5);
  Value ref;
  if (!def.truthy() && is_x_or_y(channel) && (m.encoding["latitude"].truthy() || m.encoding["longitude"].truthy())) {
    ref = Value::object({{"field", Value(m.get_name(channel))}});
  } else {
    MidPoint p;
    p.channel = channel;
    p.def = def;
    p.def2 = m.encoding[secondary_range_channel(channel)];
    p.scale_name = name;
    p.scale = scale;
    p.stack = m.stack.get();
    p.offset = offset;
    p.default_ref = default_position(m, fallback, channel, name, scale);
    if (from_encoding) p.band_position = 0;
    if (is_field_or_datum_def(def) && m.stack && channel == m.stack->field_channel) {
      Value position = is_field_def(def) ? def["bandPosition"] : Value();
      if (is_field_def(def) && !position.defined() && m.mark() == "text" && (channel == "radius" || channel == "theta"))
        position = 0.5;
      if (position.defined())
        ref = interpolated_ref({def, {}, name, offset, position, "start"});
      else
        ref = value_ref_for_def(m.ctx, def, name, {.suffix = "end"}, offset);
    } else {
      ref = mid_point_with_invalid_test(m, p);
    }
  }
  return ref.truthy() ? position_entry(vg_channel.empty() ? channel : vg_channel, ref) : Value(Object());
}

namespace {

Value own_position_or_size(Model& m, std::string_view channel, Value const& source) {
  auto const size = size_channel(channel);
  auto const vg_channel = vg_position_channel(channel);
  for (auto key : {vg_channel, channel})
    if (has(source, key)) return position_entry(vg_channel, width_height_ref(channel, source[key]));
  if (source[size].truthy()) {
    if (!is_relative_band_size(source[size])) return position_entry(size, width_height_ref(channel, source[size]));
    m.ctx.warn(message::relative_band_unsupported(size));
  }
  return {};
}

// The other end of a range, or its size.
Value second_position_or_size(Model& m, std::string_view channel, DefaultPosition fallback) {
  auto const base = main_range_channel(channel), size = size_channel(channel),
             vg_channel = vg_position_channel(channel);
  auto const& def = m.encoding[base];
  auto const name = m.scale_name(base);
  auto* scale = m.scale_component(base);
  bool const own = m.encoding.has(channel) || m.mark_def.has(channel);
  auto const offset = position_offset(m, own ? channel : base).offset;
  if (!def.truthy() && (channel == "x2" || channel == "y2") &&
      (m.encoding["latitude"].truthy() || m.encoding["longitude"].truthy())) {
    auto const& given = m.mark_def[size];
    if (!given.is_nullish()) return position_entry(size, value_ref(given));
    return position_entry(vg_channel, Value::object({{"field", Value(m.get_name(channel))}}));
  }
  Value ref;
  if (is_field_or_datum_def(def) && m.stack && channel[0] == m.stack->field_channel[0]) {
    ref = value_ref_for_def(m.ctx, def, name, {.suffix = "start"}, offset);
  } else {
    MidPoint p;
    p.channel = channel;
    p.def = m.encoding[channel];
    p.scale_name = name;
    p.scale = scale;
    p.stack = m.stack.get();
    p.offset = offset;
    ref = mid_point_with_invalid_test(m, p);
  }
  if (ref.defined()) return position_entry(vg_channel, ref);
  Value styled{Object()};
  styled.set(channel, mark_style_config(channel, m.mark_def, m.config["style"]));
  if (!size.empty()) styled.set(size, mark_style_config(size, m.mark_def, m.config["style"]));
  for (auto const& source : {m.mark_def, styled, m.config[m.mark()], m.config["mark"]})
    if (auto found = own_position_or_size(m, channel, source); found.defined()) return found;
  return position_entry(vg_channel, default_position(m, fallback, channel, name, scale)());
}

std::string_view aligned_channel(Model& m, std::string_view channel, bool top) {
  if (channel == "radius" || channel == "theta") return vg_position_channel(channel);
  std::string_view const property = channel == "x" ? "align" : "baseline";
  auto align = mark_prop_or_config(property, m.mark_def, m.config);
  if (is_signal_ref(align)) {
    m.ctx.warn(message::range_alignment_expression(property));
    align = Value();
  }
  if (channel == "x") {
    auto const side = align.truthy() ? align.string_or("") : top ? "left" : "center";
    return side == "left" ? "x" : side == "right" ? "x2" : "xc";
  }
  auto const side = align.truthy() ? align.string_or("") : top ? "top" : "middle";
  return side == "top" ? "y" : side == "bottom" ? "y2" : "yc";
}

Value default_size_ref(Model& m, std::string_view size, std::string const& name, ScaleComponent* scale,
                       Value const& band, bool has_def) {
  auto const mark = m.mark();
  if (is_relative_band_size(band)) {
    bool const whole = band["band"].is_number() && band["band"].number() == 1;
    if (!scale) return Value::object({{"mult", band["band"]}, {"field", Value::object({{"group", Value(size)}})}});
    if (is(scale->get("type"), "band")) {
      auto width = "bandwidth('" + name + "')";
      if (!whole) width = band["band"].to_string() + " * " + width;
      auto const min = mark_config("minBandSize", Value::object({{"type", Value(mark)}}), m.config);
      return signal_ref(min.truthy() ? "max(" + expr_of(min) + ", " + width + ")" : width);
    }
    if (!whole) m.ctx.warn(message::relative_band_needs_band_scale());
  } else if (is_signal_ref(band)) {
    return band;
  } else if (band.truthy()) {
    return value_ref(band);
  }
  if (scale && scale->get("range")["step"].is_number()) return value_ref(scale->get("range")["step"].number() - 2);
  auto const& config = m.config["scale"];
  if (!has_def) {
    auto const& padding = first_defined(config["bandPaddingInner"], config[mark == "tick"  ? "tickBandPaddingInner"
                                                                           : mark == "bar" ? "barBandPaddingInner"
                                                                                           : "rectBandPaddingInner"]);
    if (is_signal_ref(padding))
      return signal_ref("(1 - (" + padding["signal"].to_string() + ")) * " + std::string(size));
    if (padding.is_number()) return signal_ref(number_text(1 - padding.number()) + " * " + std::string(size));
  }
  return value_ref(view_discrete_step(m.config["view"], size) - 2);
}

Value position_and_size(Model& m, Value const& def, std::string_view channel) {
  auto const& orient = m.mark_def["orient"];
  auto const name = m.scale_name(channel);
  auto* scale = m.scale_component(channel);
  auto const size = size_channel(channel), channel2 = secondary_range_channel(channel);
  auto const offset_name = m.scale_name(offset_channel(channel));
  auto* offset_scale = m.scale_component(offset_scale_channel(channel));
  bool const along =
      m.mark() == "tick" || (is(orient, "horizontal") && channel == "y") || (is(orient, "vertical") && channel == "x");
  Value sizes;
  if (m.encoding["size"].truthy() || m.mark_def["size"].truthy()) {
    if (along)
      sizes = non_position(m, "size", {size, {}, signal_or_value_ref(m.mark_def["size"])});
    else
      m.ctx.warn(message::size_needs_orient(m.mark()));
  }
  bool const sized = sizes.defined();
  auto* any_scale = scale ? scale : offset_scale;
  auto const type = any_scale ? any_scale->get("type") : Value();
  auto const band = band_size(channel, def, {}, m.mark_def, m.config, type, along);
  if (!sized)
    sizes = position_entry(size, default_size_ref(m, size, offset_name.empty() ? name : offset_name,
                                                  offset_scale ? offset_scale : scale, band, def.truthy()));
  bool const top = is(type, "band") && is_relative_band_size(band) && !sized;
  auto const vg_channel = aligned_channel(m, channel, top);
  bool const center = vg_channel == "xc" || vg_channel == "yc";
  auto const [offset, from_encoding] = position_offset(m, channel, center ? 0.5 : 0.0);
  Value position;
  if (center && !from_encoding && is_field_def(def) && def["timeUnit"].truthy() && !m.encoding[channel2].truthy())
    position = band_position(def, {}, m.mark_def, m.config);
  if (position.is_nullish()) {
    if (center)
      position = from_encoding ? 0 : 0.5;
    else if (is_signal_ref(band))
      position = signal_ref("(1-" + band["signal"].to_string() + ")/2");
    else if (is_relative_band_size(band))
      position = is_signal_ref(band["band"]) ? signal_ref("(1-" + band["band"]["signal"].to_string() + ")/2")
                                             : Value((1 - band["band"].to_number()) / 2);
    else
      position = 0;
  }
  MidPoint p;
  p.channel = channel;
  p.def = def;
  p.scale_name = name;
  p.scale = scale;
  p.stack = m.stack.get();
  p.offset = offset;
  p.default_ref = default_position(m, DefaultPosition::Mid, channel, name, scale);
  p.band_position = position;
  auto const ref = mid_point_with_invalid_test(m, p);
  if (!size.empty()) return spread({position_entry(vg_channel, ref), sizes});
  // Polar marks have no size: their second side stands one band further.
  Value size_offset = sizes[size];
  if (offset.truthy()) size_offset.set("offset", offset);
  auto const further = [&](Value r) {
    r.set("offset", size_offset);
    return r;
  };
  Value out = position_entry(vg_channel, ref);
  out.set(vg_position_channel(channel2), ref.is_array() ? Value::array({ref.at(0), further(ref.at(1))}) : further(ref));
  return out;
}

// Text that is empty for what JavaScript holds false.
std::string truthy_text(Value const& v) {
  if (is_signal_ref(v)) return v["signal"].to_string();
  return v.truthy() ? string_value(v) : "";
}

Value bin_spacing(std::string_view channel, double spacing, Value const& reverse, Value const& translate,
                  Value const& offset, Value const& min_size, std::string const& size_expression) {
  if (is_polar(channel)) return 0;
  bool const end = channel == "x" || channel == "y2";
  double const shift = end ? -spacing / 2 : spacing / 2;
  if (is_signal_ref(reverse) || is_signal_ref(offset) || is_signal_ref(translate) || min_size.truthy()) {
    auto const min = truthy_text(min_size), o = truthy_text(offset), t = truthy_text(translate),
               r = truthy_text(reverse);
    std::string const sign = end ? "" : "-";
    auto const both = min_size.truthy() ? "(" + size_expression + " < " + min + " ? " + sign + "0.5 * (" + min +
                                              " - (" + size_expression + ")) : " + number_text(shift) + ")"
                                        : number_text(shift);
    return signal_ref((t.empty() ? "" : t + " + ") + (r.empty() ? "" : "(" + r + " ? -1 : 1) * ") +
                      (o.empty() ? both : "(" + o + " + " + both + ")"));
  }
  double const o = offset.number_or(0);
  return translate.number_or(0) + (reverse.truthy() ? -o - shift : o + shift);
}

Value rect_bin_position(Model& m, Value const& def, Value const& def2, std::string_view channel) {
  auto* scale = m.scale_component(channel);
  auto const name = m.scale_name(channel);
  auto const type = scale ? scale->get("type") : Value(), reverse = scale ? scale->get("reverse") : Value();
  auto const band = band_size(channel, def, {}, m.mark_def, m.config, type, false);
  auto const axes = m.component.axes.get(channel);
  Value const translate = axes.empty() ? Value(0.5) : nullish_or(axes[0]->get("translate"), 0.5);
  double const spacing = is_x_or_y(channel) ? mark_prop_or_config("binSpacing", m.mark_def, m.config).number_or(0) : 0;
  auto const channel2 = secondary_range_channel(channel);
  auto const vg = vg_position_channel(channel), vg2 = vg_position_channel(channel2);
  auto const min_size = mark_config("minBandSize", m.mark_def, m.config);
  auto const offset = position_offset(m, channel, 0).offset, offset2 = position_offset(m, channel2, 0).offset;
  auto const start = vg_field(def, {.expr = "datum"}), end = vg_field(def, {.expr = "datum", .suffix = "end"});
  auto const size_expression = "abs(scale(\"" + name + "\", " + end + ") - scale(\"" + name + "\", " + start + "))";
  auto const spacing1 = bin_spacing(channel, spacing, reverse, translate, offset, min_size, size_expression);
  auto const spacing2 =
      bin_spacing(channel2, spacing, reverse, translate, nullish_or(offset2, offset), min_size, size_expression);
  if (is_binning(def["bin"]) || def["timeUnit"].truthy()) {
    Value first = 0.5, second = 0.5;
    if (is_signal_ref(band) || is_signal_ref(band["band"])) {
      auto const s = is_signal_ref(band) ? band["signal"].to_string() : band["band"]["signal"].to_string();
      first = signal_ref("(1-" + s + ")/2");
      second = signal_ref("1-(1-" + s + ")/2");
    } else {
      if (is_relative_band_size(band)) first = (1 - band["band"].to_number()) / 2;
      second = 1 - first.number();
    }
    auto const position = band_position(def, def2, m.mark_def, m.config);
    bool const shifted = def["timeUnit"].truthy() && !is_half(position);
    std::string_view const from = shifted ? "offsetted_rect_start" : "", to = shifted ? "offsetted_rect_end" : "end";
    Value out = position_entry(vg2, interpolated_ref({def, {}, name, spacing2, first, from, to}));
    out.set(vg, interpolated_ref({def, {}, name, spacing1, second, from, to}));
    return out;
  }
  if (is_binned(def["bin"])) {
    Value out = position_entry(vg2, value_ref_for_def(m.ctx, def, name, {}, spacing2));
    if (is_field_def(def2)) {
      out.set(vg, value_ref_for_def(m.ctx, def2, name, {}, spacing1));
      return out;
    }
    if (def["bin"]["step"].truthy()) {
      Value ref = signal_ref("scale(\"" + name + "\", " + start + " + " + def["bin"]["step"].to_string() + ")");
      ref.set("offset", spacing1);
      out.set(vg, ref);
      return out;
    }
  }
  m.ctx.warn(message::binned_needs_channel(channel2));
  return Value(Object());
}

}  // namespace

Value range_position(Model& m, std::string_view channel, DefaultPosition first, DefaultPosition second) {
  auto const other = second_position_or_size(m, secondary_range_channel(channel), second);
  auto const size = size_channel(channel);
  auto const vg_channel =
      !size.empty() && other[size].truthy() ? aligned_channel(m, channel, false) : vg_position_channel(channel);
  return spread({point_position(m, channel, first, vg_channel), other});
}
Value point_or_range_position(Model& m, std::string_view channel, DefaultPosition fallback, bool range) {
  return range ? range_position(m, channel, fallback, DefaultPosition::ZeroOrMin)
               : point_position(m, channel, fallback);
}

Value rect_position(Model& m, std::string_view channel) {
  auto const& def = m.encoding[channel];
  auto const& def2 = m.encoding[secondary_range_channel(channel)];
  auto const size = size_channel(channel);
  auto const type = m.scale_type(channel);
  auto const mark = m.mark();
  auto const& orient = m.mark_def["orient"];
  auto const size_def =
      nullish_or(m.encoding[size],
                 nullish_or(m.encoding["size"], mark_prop_or_config("size", m.mark_def, m.config, {size, false})));
  bool const band = (mark == "bar" && (channel == "x" ? is(orient, "vertical") : is(orient, "horizontal"))) ||
                    (mark == "tick" && (channel == "y" ? is(orient, "vertical") : is(orient, "horizontal")));
  if (is_field_def(def) &&
      (is_binning(def["bin"]) || is_binned(def["bin"]) || (def["timeUnit"].truthy() && !def2.truthy())) &&
      !(size_def.truthy() && !is_relative_band_size(size_def)) && !m.encoding[offset_channel(channel)].truthy() &&
      !has_discrete_domain(type))
    return rect_bin_position(m, def, def2, channel);
  if (((is_field_or_datum_def(def) && has_discrete_domain(type)) || band) && !def2.truthy())
    return position_and_size(m, def, channel);
  return range_position(m, channel, DefaultPosition::ZeroOrMax, DefaultPosition::ZeroOrMin);
}

}  // namespace cml::vega::lite
