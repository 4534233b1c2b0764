#include "vega/lite/encoding.hpp"

#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {

bool channel_has_field(Value const& encoding, std::string_view channel) {
  auto const& def = encoding[channel];
  if (def.is_array()) {
    for (auto const& d : def.items())
      if (d["field"].truthy()) return true;
    return false;
  }
  return is_field_def(def) || has_conditional_field_def(def);
}
bool channel_has_field_or_datum(Value const& encoding, std::string_view channel) {
  auto const& def = encoding[channel];
  if (def.is_array()) return channel_has_field(encoding, channel);
  return is_field_or_datum_def(def) || has_conditional_field_or_datum_def(def);
}
bool has_nested_offset_scale(Value const& encoding, std::string_view channel) {
  if (!is_x_or_y(channel)) return false;
  auto const& def = encoding[channel];
  if (!is_field_or_datum_def(def)) return false;
  if (!is_discrete_type(def["type"]) && !(is_field_def(def) && def["timeUnit"].truthy())) return false;
  return channel_has_field_or_datum(encoding, offset_scale_channel(channel));
}
bool is_aggregated(Value const& encoding) {
  for (auto const& channel : all_channels()) {
    if (!channel_has_field(encoding, channel.name)) continue;
    auto const& def = encoding[channel.name];
    if (def.is_array()) {
      for (auto const& d : def.items())
        if (d["aggregate"].truthy()) return true;
    } else if (get_field_def(def)["aggregate"].truthy()) {
      return true;
    }
  }
  return false;
}

void each_channel_def(Value const& encoding, std::function<void(Value const&, std::string_view)> const& f) {
  for (auto const& [channel, def] : encoding.properties()) {
    if (def.is_array())
      for (auto const& d : def.items()) f(d, channel);
    else
      f(def, channel);
  }
}
void each_field_def(Value const& mapping, std::function<void(Value const&, std::string_view)> const& f) {
  each_channel_def(mapping, [&](Value const& def, std::string_view channel) {
    if (auto const& field_def = get_field_def(def); field_def.defined()) f(field_def, channel);
  });
}

namespace {

bool compatible(Value const& encoding, std::string_view channel, std::string_view mark) {
  switch (mark_support(channel, mark)) {
    case MarkSupport::No:
      return false;
    case MarkSupport::Always:
      return true;
    case MarkSupport::Binned: {
      auto const& primary = encoding[channel == "x2" ? "x" : "y"];
      return is_field_def(primary) && is_field_def(encoding[channel]) && is_binned(primary["bin"]);
    }
  }
  return false;
}

}  // namespace

Value init_encoding(Context& ctx, Value const& encoding, std::string_view mark, bool filled, Value const& config) {
  for (auto const& [key, def] : encoding.properties())
    if (!is_channel(key)) ctx.warn(message::unknown_channel(key));
  Value out{Object()};
  for (auto const& info : unit_channels()) {
    auto channel = info.name;
    auto const& def = encoding[channel];
    if (!def.truthy()) {
      // A tooltip of null switches off the one from config; other falsy definitions say nothing.
      continue;
    }
    if (is_offset_channel(channel)) {
      auto const main = channel.substr(0, 1);
      auto const& position = out[main];
      if (is_field_def(position) && is_continuous_type(position["type"]) && is_field_def(def) &&
          !position["timeUnit"].truthy()) {
        ctx.warn(message::offset_on_continuous(main));
        continue;
      }
    }
    if (channel == "angle" && mark == "arc" && !encoding["theta"].truthy()) {
      ctx.warn(message::angle_is_theta_for_arc());
      channel = "theta";
    }
    if (!compatible(encoding, channel, mark)) {
      ctx.warn(message::channel_incompatible(channel, mark));
      continue;
    }
    if (channel == "size" && mark == "line" && get_field_def(def)["aggregate"].truthy()) {
      ctx.warn(message::line_size_varies());
      continue;
    }
    if (channel == "color" && encoding.has(filled ? "fill" : "stroke")) {
      ctx.warn(message::color_dropped("encoding"));
      continue;
    }
    if (channel == "detail" || (channel == "order" && !def.is_array() && !is_value_def(def)) ||
        (channel == "tooltip" && def.is_array())) {
      if (channel == "order" && has(def, "sort") && !has(def, "field")) {
        out.set(channel, def);
        continue;
      }
      Array defs;
      for (auto const& d : as_array(def)) {
        if (is_field_def(d))
          defs.push_back(init_field_def(ctx, d, channel));
        else
          ctx.warn(message::empty_channel(channel));
      }
      out.set(channel, defs);
    } else {
      if (!is_field_or_datum_def(def) && !is_value_def(def) && !is_conditional_def(def) && !is_signal_ref(def) &&
          !is_primitive(def)) {
        ctx.warn(message::empty_channel(channel));
        continue;
      }
      if (is_primitive(def)) {
        ctx.warn(message::empty_channel(channel));
        continue;
      }
      out.set(channel, init_channel_def(ctx, def, channel, config));
    }
  }
  return out;
}

Value normalize_encoding(Context& ctx, Value const& encoding, Value const& config) {
  Value out{Object()};
  for (auto const& [channel, def] : encoding.properties())
    out.set(channel, init_channel_def(ctx, def, channel, config, true));
  return out;
}

Array field_defs(Value const& encoding) {
  Array out;
  for (auto const& [channel, def] : encoding.properties()) {
    if (!channel_has_field(encoding, channel)) continue;
    for (auto const& d : as_array(def)) {
      if (is_field_def(d))
        out.push_back(d);
      else if (has_conditional_field_def(d))
        out.push_back(d["condition"]);
    }
  }
  return out;
}

Strings path_grouping_fields(std::string_view mark, Value const& encoding) {
  Strings details;
  for (auto const& [key, def] : encoding.properties()) {
    std::string_view const channel = key;
    if (is_offset_channel(channel)) {
      if (is_path_mark(mark) && is_field_def(def)) {
        auto const& main = encoding[channel.substr(0, 1)];
        if (is_field_def(main) && !main["aggregate"].truthy() && !def["aggregate"].truthy()) {
          auto const main_field = vg_field(main), offset_field = vg_field(def);
          if (!main_field.empty() && !offset_field.empty() && main_field != offset_field) details.push_back(main_field);
        }
      }
    } else if (one_of(channel, {"order", "detail", "key"})) {
      if (channel == "order" && (mark == "line" || mark == "trail")) continue;
      if (def.is_array() || is_field_def(def))
        for (auto const& d : as_array(def))
          if (!d["aggregate"].truthy()) details.push_back(vg_field(d));
    } else if (one_of(channel, {"size", "color", "fill", "stroke", "opacity", "fillOpacity", "strokeOpacity",
                                "strokeDash", "strokeWidth"})) {
      if (channel == "size" && mark == "trail") continue;
      auto const& d = get_field_def(def);
      if (d.defined() && !d["aggregate"].truthy()) details.push_back(vg_field(d));
    }
  }
  return details;
}

ExtractedTransforms extract_transforms(Context&, Value const& encoding, Value const& config) {
  ExtractedTransforms out;
  each_channel_def(encoding, [&](Value const& def, std::string_view channel) {
    if (!is_field_def(def)) {
      out.encoding.set(channel, encoding[channel]);
      return;
    }
    auto const &field = def["field"], &aggregate = def["aggregate"], &bin = def["bin"], &unit = def["timeUnit"];
    if (!aggregate.truthy() && !unit.truthy() && !bin.truthy()) {
      out.groupby.push_back(field);
      out.encoding.set(channel, encoding[channel]);
      return;
    }
    auto name = vg_field(def, {.for_as = true});
    Value next{Object()};
    if (!guide_of(def)["title"].truthy()) next.set("title", def_title(def, config, true));
    assign(next, omit(def, {"field", "aggregate", "bin", "timeUnit"}));
    next.set("field", name);
    if (aggregate.truthy()) {
      std::string op;
      for (auto arg : {"argmax", "argmin"}) {
        if (!has(aggregate, arg)) continue;
        op = arg;
        name = vg_field(Value::object({{"op", arg}, {"field", aggregate[arg]}}), {.for_as = true});
        next.set("field", name + "." + field.to_string());
        break;
      }
      if (op.empty() && !one_of(aggregate, {"boxplot", "errorbar", "errorband"})) op = aggregate.to_string();
      if (!op.empty()) {
        Value entry = Value::object({{"op", Value(op)}, {"as", Value(name)}});
        if (field.truthy()) entry.set("field", field);
        out.aggregate.push_back(entry);
      }
    } else {
      out.groupby.emplace_back(name);
      if (is_typed_field_def(def) && is_binning(bin)) {
        out.bins.push_back(Value::object({{"bin", bin}, {"field", field}, {"as", Value(name)}}));
        out.groupby.emplace_back(vg_field(def, {.bin_suffix = "end"}));
        if (bin_requires_range(def, channel)) out.groupby.emplace_back(vg_field(def, {.bin_suffix = "range"}));
        if (is_x_or_y(channel))
          out.encoding.set(std::string(channel) + "2", Value::object({{"field", Value(name + "_end")}}));
        next.set("bin", "binned");
        if (!is_secondary_range_channel(channel)) next.set("type", "quantitative");
      } else if (unit.truthy() && !is_binned_time_unit(unit)) {
        out.time_units.push_back(Value::object({{"timeUnit", unit}, {"field", field}, {"as", Value(name)}}));
        if (is_typed_field_def(def) && !is(def["type"], "temporal")) {
          Value const time = Value::object({{"formatType", "time"}});
          if (channel == "text" || channel == "tooltip")
            next.set("formatType", "time");
          else if (is_non_position_channel(channel))
            next.set("legend", spread({time, next["legend"]}));
          else if (is_x_or_y(channel))
            next.set("axis", spread({time, next["axis"]}));
        }
      }
    }
    out.encoding.set(channel, next);
  });
  return out;
}

}  // namespace cml::vega::lite
