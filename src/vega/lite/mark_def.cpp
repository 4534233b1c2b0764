#include "vega/lite/mark_def.hpp"

#include "vega/lite/encoding.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"

namespace cml::vega::lite {

Value mark_styles(Value const& mark) {
  Array out{mark["type"]};
  for (auto const& s : as_array(mark["style"])) out.push_back(s);
  return out;
}
Value const& mark_style_config(std::string_view property, Value const& mark, Value const& styles) {
  Value const* out = &styles[mark["type"].string()][property];
  auto const& style = mark["style"];
  auto const look_up = [&](Value const& name) {
    if (auto const& value = styles[name.string()][property]; value.defined()) out = &value;
  };
  if (style.is_array())
    for (auto const& name : style.items()) look_up(name);
  else if (!style.is_nullish())
    look_up(style);
  return *out;
}
Value mark_config(std::string_view channel, Value const& mark, Value const& config, std::string_view vg_channel) {
  auto const& style = mark_style_config(channel, mark, config["style"]);
  if (style.defined()) return style;
  auto const& of_type = config[mark["type"].string()];
  if (!vg_channel.empty())
    if (auto const& value = of_type[vg_channel]; value.defined()) return value;
  if (auto const& value = of_type[channel]; value.defined()) return value;
  return config["mark"][vg_channel.empty() ? channel : vg_channel];
}
Value mark_prop_or_config(std::string_view channel, Value const& mark, Value const& config, MarkLookup const& lookup) {
  if (!lookup.vg_channel.empty())
    if (auto const& value = mark[lookup.vg_channel]; value.defined()) return value;
  if (auto const& value = mark[channel]; value.defined()) return value;
  if (lookup.ignore_vg_config && (lookup.vg_channel.empty() || lookup.vg_channel == channel)) return {};
  return mark_config(channel, mark, config, lookup.vg_channel);
}

// --- Initial form
// ----------------------------------------------------------------------------------------------------

namespace {

// Which way a mark runs, from the kinds of its axes.
Value mark_orient(std::string_view mark, Value const& encoding, Value const& specified) {
  if (one_of(mark, {"point", "circle", "square", "rect", "image"})) return {};
  auto const &x = encoding["x"], &y = encoding["y"], &x2 = encoding["x2"], &y2 = encoding["y2"];
  bool const x_binned = is_field_def(x) && is_binned(x["bin"]), y_binned = is_field_def(y) && is_binned(y["bin"]);
  bool const has_x2 = x2.truthy(), has_y2 = y2.truthy();
  if (one_of(mark, {"text", "bar"})) {
    bool const x_agg = x["aggregate"].truthy(), y_agg = y["aggregate"].truthy();
    if (is_field_def(x) && (x_binned || (is_field_def(y) && y_agg && !x_agg))) return "vertical";
    if (is_field_def(y) && (y_binned || (is_field_def(x) && x_agg && !y_agg))) return "horizontal";
    if (has_x2 || has_y2) {
      if (specified.truthy()) return specified;
      auto const measure = [](Value const& d) {
        return (is_field_def(d) && is(d["type"], "quantitative") && !is_binning(d["bin"])) || is_numeric_datum(d);
      };
      if (!has_x2) return measure(x) && y_binned ? "horizontal" : "vertical";
      if (!has_y2) return measure(y) && x_binned ? "vertical" : "horizontal";
    }
  }
  if (one_of(mark, {"text", "bar", "rule"}) && has_x2 && !x_binned && has_y2 && !y_binned) return {};
  if (one_of(mark, {"text", "bar", "rule", "area"})) {
    if (has_y2) return y_binned ? "horizontal" : "vertical";
    if (has_x2) return x_binned ? "vertical" : "horizontal";
    if (mark == "rule") {
      if (x.truthy() && !y.truthy()) return "vertical";
      if (y.truthy() && !x.truthy()) return "horizontal";
    }
  }
  if (!one_of(mark, {"text", "bar", "rule", "area", "line", "tick"})) return "vertical";
  bool const x_measure = is_unbinned_quantitative_def(x), y_measure = is_unbinned_quantitative_def(y);
  if (specified.truthy()) return specified;
  if (x_measure && !y_measure) return mark != "tick" ? "horizontal" : "vertical";
  if (!x_measure && y_measure) return mark != "tick" ? "vertical" : "horizontal";
  if (x_measure && y_measure) return "vertical";
  bool const x_time = is_typed_field_def(x) && is(x["type"], "temporal");
  bool const y_time = is_typed_field_def(y) && is(y["type"], "temporal");
  if (x_time && !y_time) return "vertical";
  if (!x_time && y_time) return "horizontal";
  return {};
}

}  // namespace

Value default_filled(Value const& mark, Value const& config, bool graticule) {
  if (graticule) return false;
  auto const filled = mark_config("filled", mark, config);
  return filled.defined() ? filled : Value(!one_of(mark["type"], {"point", "line", "rule"}));
}

Value init_mark_def(Context& ctx, Value const& original, Value const& encoding, Value const& config) {
  Value mark = replace_expr_refs(original);
  auto const specified = mark_prop_or_config("orient", mark, config);
  auto const orient = mark_orient(mark["type"].string(), encoding, specified);
  mark.set("orient", orient);
  if (specified.defined() && !(specified == orient))
    ctx.warn(message::orient_overridden(specified.string_or("?"), orient.string_or("none")));
  if (is(mark["type"], "bar") && orient.truthy()) {
    auto const radius = mark_prop_or_config("cornerRadiusEnd", mark, config);
    if (radius.defined()) {
      bool const horizontal = is(orient, "horizontal");
      if (encoding[horizontal ? "x2" : "y2"].truthy()) {
        mark.set("cornerRadius", radius);
      } else {
        mark.set(horizontal ? "cornerRadiusTopRight" : "cornerRadiusTopLeft", radius);
        mark.set(horizontal ? "cornerRadiusBottomRight" : "cornerRadiusTopRight", radius);
      }
      mark.erase("cornerRadiusEnd");
    }
  }
  if (!mark_prop_or_config("opacity", mark, config).defined() &&
      !mark_prop_or_config("fillOpacity", mark, config).defined()) {
    bool const see_through = one_of(mark["type"], {"point", "tick", "circle", "square"}) && !is_aggregated(encoding);
    mark.set("opacity", see_through ? Value(0.7) : Value());
  }
  if (!mark_prop_or_config("cursor", mark, config).defined()) {
    bool const linked =
        encoding["href"].truthy() || mark["href"].truthy() || mark_prop_or_config("href", mark, config).truthy();
    mark.set("cursor", linked ? Value("pointer") : mark["cursor"]);
  }
  return mark;
}

// --- Bands
// -----------------------------------------------------------------------------------------------------------

Value band_position(Value const& def, Value const& def2, Value const& mark, Value const& config) {
  if (is_field_or_datum_def(def) && has(def, "bandPosition")) return def["bandPosition"];
  if (is_field_def(def)) {
    if (def["timeUnit"].truthy() && !def2.truthy()) return mark_config("timeUnitBandPosition", mark, config);
    if (is_binning(def["bin"])) return 0.5;
  }
  return {};
}
Value band_size(std::string_view channel, Value const& def, Value const& def2, Value const& mark, Value const& config,
                Value const& scale_type, bool use_vl_size_channel) {
  auto const vg_size = size_channel(channel);
  auto const size = mark_prop_or_config(use_vl_size_channel ? "size" : vg_size, mark, config, {vg_size, false});
  if (size.defined()) return size;
  if (is_field_def(def)) {
    if (def["timeUnit"].truthy() && !def2.truthy())
      return Value::object({{"band", mark_config("timeUnitBandSize", mark, config)}});
    if (is_binning(def["bin"]) && !has_discrete_domain(scale_type)) return Value::object({{"band", 1}});
  }
  if (is_rect_mark(mark["type"].string())) {
    auto const& of_type = config[mark["type"].string()];
    if (scale_type.truthy()) {
      if (!has_discrete_domain(scale_type)) return of_type["continuousBandSize"];
      return of_type["discreteBandSize"].truthy() ? of_type["discreteBandSize"] : Value::object({{"band", 1}});
    }
    return of_type["discreteBandSize"];
  }
  return {};
}
bool has_band_end(Value const& def, Value const& def2, Value const& mark, Value const& config) {
  if (is_binning(def["bin"]) || (def["timeUnit"].truthy() && is_typed_field_def(def) && is(def["type"], "temporal")))
    return band_position(def, def2, mark, config).defined();
  return false;
}

// --- Invalid values
// ----------------------------------------------------------------------------------------------------

InvalidMode normalize_invalid_mode(Value const& mode, bool is_path) {
  if (!mode.defined() || is(mode, "break-paths-show-path-domains"))
    return is_path ? InvalidMode::BreakPathsShowDomains : InvalidMode::Filter;
  if (is(mode, "filter")) return InvalidMode::Filter;
  if (is(mode, "break-paths-filter-domains")) return InvalidMode::BreakPathsFilterDomains;
  if (is(mode, "break-paths-show-domains")) return InvalidMode::BreakPathsShowDomains;
  return InvalidMode::Show;
}
InvalidMode scale_invalid_mode(Value const& mark, Value const& config, std::string_view channel,
                               Value const& scale_type, bool counting) {
  if (!scale_type.truthy() || !has_continuous_domain(scale_type) || counting) return InvalidMode::AlwaysValid;
  if (config["scale"]["invalid"][channel].defined()) return InvalidMode::Show;
  return normalize_invalid_mode(mark_prop_or_config("invalid", mark, config), is_path_mark(mark["type"].string()));
}
InvalidSources invalid_sources(Value const& mode, bool is_path) {
  switch (normalize_invalid_mode(mode, is_path)) {
    case InvalidMode::BreakPathsShowDomains:
      return {is_path, true};
    case InvalidMode::BreakPathsFilterDomains:
      return {is_path, false};
    case InvalidMode::Show:
      return {true, true};
    default:
      return {false, false};
  }
}

}  // namespace cml::vega::lite
