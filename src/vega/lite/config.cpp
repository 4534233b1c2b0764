#include "vega/lite/config.hpp"

#include "vega/lite/channel_def.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::string_view kMarkConfigs[] = {"mark", "arc",  "area",   "bar",  "circle", "image", "line",    "point",
                                             "rect", "rule", "square", "text", "tick",   "trail", "geoshape"};
constexpr std::string_view kAxisConfigs[] = {"axis",
                                             "axisBand",
                                             "axisBottom",
                                             "axisDiscrete",
                                             "axisLeft",
                                             "axisPoint",
                                             "axisQuantitative",
                                             "axisRight",
                                             "axisTemporal",
                                             "axisTop",
                                             "axisX",
                                             "axisXBand",
                                             "axisXDiscrete",
                                             "axisXPoint",
                                             "axisXQuantitative",
                                             "axisXTemporal",
                                             "axisY",
                                             "axisYBand",
                                             "axisYDiscrete",
                                             "axisYPoint",
                                             "axisYQuantitative",
                                             "axisYTemporal"};
constexpr std::string_view kHeaderConfigs[] = {"header", "headerRow", "headerColumn", "headerFacet"};

enum class Recurse { No, Layout, Yes };

void write_config(Value& output, std::string_view key, Value const& value, Recurse recurse) {
  if (key == "__proto__") return;
  if (!value.is_object()) {
    output.set(key, value);
    return;
  }
  Value target = output[key].is_object() ? output[key] : Value(Object());
  for (auto const& [k, v] : value.properties()) {
    if (recurse == Recurse::Yes || (recurse == Recurse::Layout && k == "layout"))
      write_config(target, k, v, Recurse::No);
    else if (!(k == "__proto__"))
      target.set(k, v);
  }
  output.set(key, target);
}

Value merge_named(Value const& first, Value const& second) {
  if (first.is_nullish()) return second;
  Array out;
  for (auto const* list : {&second, &first}) {
    for (auto const& item : list->items()) {
      bool known = false;
      for (auto const& have : out) known = known || have["name"] == item["name"];
      if (!known) out.push_back(item);
    }
  }
  return out;
}

Value font_config(Value const& font) {
  Value const f = Value::object({{"font", font}});
  return Value::object(
      {{"text", f},
       {"style", Value::object({{"guide-label", f}, {"guide-title", f}, {"group-title", f}, {"group-subtitle", f}})}});
}

// Named colors become one signal, so that a theme's colors can be changed in one place.
Value color_config(Value const& color) {
  Value colors{Object()};
  constexpr std::pair<char const*, char const*> kColors[] = {
      {"blue", "#4c78a8"},   {"orange", "#f58518"}, {"red", "#e45756"},  {"teal", "#72b7b2"}, {"green", "#54a24b"},
      {"yellow", "#eeca3b"}, {"purple", "#b279a2"}, {"pink", "#ff9da6"}, {"brown", "#9d755d"}};
  for (auto const& [name, value] : kColors) colors.set(name, value);
  for (int i = 0; i < 16; ++i) colors.set("gray" + std::to_string(i), "#" + std::string(3, "0123456789abcdef"[i]));
  assign(colors, color);
  auto const of = [](char const* property, char const* name) {
    return Value::object({{property, signal_ref(std::string("color.") + name)}});
  };
  Array category;
  for (auto name : {"blue", "orange", "red", "teal", "green", "yellow", "purple", "pink", "brown", "grey8"})
    category.push_back(signal_ref(std::string("color.") + name));
  auto const dark = of("fill", "gray0");
  return Value::object(
      {{"signals", Value::array({Value::object({{"name", "color"}, {"value", colors}})})},
       {"mark", of("color", "blue")},
       {"rule", of("color", "gray0")},
       {"text", of("color", "gray0")},
       {"style", Value::object({{"guide-label", dark},
                                {"guide-title", dark},
                                {"group-title", dark},
                                {"group-subtitle", dark},
                                {"cell", of("stroke", "gray8")}})},
       {"axis", spread({of("domainColor", "gray13"), of("gridColor", "gray8"), of("tickColor", "gray13")})},
       {"range", Value::object({{"category", category}})}});
}
Value font_size_config(Value const& sizes) {
  Value values =
      Value::object({{"text", 11}, {"guideLabel", 10}, {"guideTitle", 11}, {"groupTitle", 13}, {"groupSubtitle", 12}});
  assign(values, sizes);
  auto const of = [](char const* name) {
    return Value::object({{"fontSize", signal_ref(std::string("fontSize.") + name)}});
  };
  return Value::object({{"signals", Value::array({Value::object({{"name", "fontSize"}, {"value", values}})})},
                        {"text", of("text")},
                        {"style", Value::object({{"guide-label", of("guideLabel")},
                                                 {"guide-title", of("guideTitle")},
                                                 {"group-title", of("groupTitle")},
                                                 {"group-subtitle", of("groupSubtitle")}})}});
}

Value axis_config_internal(Value const& config) {
  Value out{Object()};
  for (auto const& [key, value] : config.properties())
    out.set(key, value["condition"].truthy() ? signal_or_value_ref_with_condition(value) : signal_ref_or_value(value));
  return out;
}

}  // namespace

Value merge_config(std::initializer_list<Value> configs) {
  Value out{Object()};
  for (auto const& config : configs) {
    for (auto const& [key, value] : config.properties()) {
      if (key == "signals")
        out.set(key, merge_named(out["signals"], value));
      else
        write_config(out, key, value, key == "legend" ? Recurse::Layout : key == "style" ? Recurse::Yes : Recurse::No);
    }
  }
  return out;
}

namespace {

Value resolve_config(Value const& specified) {
  auto const& font = specified["font"];
  auto const& color = specified["color"];
  auto const& font_size = specified["fontSize"];
  Value merged = merge_config({default_config(), font.truthy() ? font_config(font) : Value(),
                               color.truthy() ? color_config(color) : Value(),
                               font_size.truthy() ? font_size_config(font_size) : Value(),
                               omit(specified, {"color", "font", "fontSize", "selection"})});
  if (specified["selection"].is_object()) write_config(merged, "selection", specified["selection"], Recurse::Yes);

  for (auto key : {"background", "lineBreak", "padding"})
    if (merged[key].truthy())
      merged.set(key, signal_ref_or_value(merged[key]));
    else
      merged.erase(key);
  for (auto key : kMarkConfigs)
    if (merged[key].truthy())
      merged.set(key, replace_expr_refs(merged[key]));
    else
      merged.set(key, Value(Object()));
  for (auto key : kAxisConfigs)
    if (merged[key].truthy())
      merged.set(key, axis_config_internal(merged[key]));
    else
      merged.erase(key);
  for (auto key : kHeaderConfigs) merged.set(key, replace_expr_refs(merged[key]));
  merged.set("legend", replace_expr_refs(merged["legend"]));
  Value const invalid = merged["scale"]["invalid"];
  Value scale = replace_expr_refs(omit(merged["scale"], {"invalid"}));
  if (!is_empty(invalid)) {
    Value settled{Object()};
    for (auto const& [key, value] : invalid.properties()) settled.set(key, replace_expr_refs(value));
    scale.set("invalid", settled);
  }
  merged.set("scale", scale);
  Value style{Object()};
  for (auto const& [key, value] : merged["style"].properties()) style.set(key, axis_config_internal(value));
  merged.set("style", style);
  merged.set("title", replace_expr_refs(merged["title"]));
  merged.set("view", replace_expr_refs(merged["view"]));
  return merged;
}

// Most specifications configure nothing. Each thread has its own, for Values count their references without locks.
Value const& resolved_default() {
  thread_local Value const config = resolve_config(Value(Object()));
  return config;
}

}  // namespace

Value init_config(Value const& specified) {
  return is_empty(specified) ? resolved_default() : resolve_config(specified);
}

TitleConfig extract_title_config(Value const& title) {
  TitleConfig out;
  out.mark = omit(
      title, {"anchor", "frame", "offset", "orient", "angle", "limit", "color", "subtitleColor", "subtitleFont",
              "subtitleFontSize", "subtitleFontStyle", "subtitleFontWeight", "subtitleLineHeight", "subtitlePadding"});
  if (title["color"].truthy()) out.mark.set("fill", title["color"]);
  out.non_mark = Value(Object());
  for (auto key : {"anchor", "frame", "offset", "orient"})
    if (title[key].truthy()) out.non_mark.set(key, title[key]);
  for (auto key : {"angle", "limit"})
    if (has(title, key)) out.non_mark.set(key, title[key]);
  out.subtitle = Value(Object());
  for (auto key : {"subtitleColor", "subtitleFont", "subtitleFontSize", "subtitleFontStyle", "subtitleFontWeight",
                   "subtitleLineHeight", "subtitlePadding"})
    if (title[key].truthy()) out.subtitle.set(key, title[key]);
  out.subtitle_mark = pick(title, {"align", "baseline", "dx", "dy", "limit"});
  return out;
}

Value assemble_parameter_signals(Value const& params) {
  Array signals;
  for (auto const& param : params.items()) {
    if (param["select"].truthy() || !param.is_object()) continue;
    auto const expr = param["expr"], bind = param["bind"];
    Value signal = omit(param, {"expr", "bind"});
    if (expr.truthy()) signal.set(bind.truthy() ? "init" : "update", expr);
    if (bind.truthy()) signal.set("bind", bind);
    signals.push_back(signal);
  }
  return signals;
}

namespace {

Value strip_and_redirect(Value config) {
  config = omit(config, {"color",
                         "fontSize",
                         "background",
                         "padding",
                         "facet",
                         "concat",
                         "numberFormat",
                         "numberFormatType",
                         "normalizedNumberFormat",
                         "normalizedNumberFormatType",
                         "timeFormat",
                         "countTitle",
                         "header",
                         "axisQuantitative",
                         "axisTemporal",
                         "axisDiscrete",
                         "axisPoint",
                         "axisXBand",
                         "axisXPoint",
                         "axisXDiscrete",
                         "axisXQuantitative",
                         "axisXTemporal",
                         "axisYBand",
                         "axisYPoint",
                         "axisYDiscrete",
                         "axisYQuantitative",
                         "axisYTemporal",
                         "scale",
                         "selection",
                         "overlay"});
  auto const edit = [&](std::string_view key, std::initializer_list<std::string_view> drop) {
    if (config[key].is_object()) config.set(key, omit(config[key], drop));
  };
  if (config["axis"].is_object()) {
    Value axis = config["axis"];
    for (auto const& [key, value] : config["axis"].properties())
      if (value["condition"].truthy()) axis.erase(key);
    config.set("axis", axis);
  }
  edit("legend", {"gradientHorizontalMaxLength", "gradientHorizontalMinLength", "gradientVerticalMaxLength",
                  "gradientVerticalMinLength", "unselectedOpacity"});
  auto const edit_mark = [&](std::string_view key) {
    edit(key, {"color", "filled", "invalid", "order", "radius2", "theta2", "timeUnitBandSize", "timeUnitBandPosition"});
  };
  edit_mark("mark");
  if (config["mark"]["tooltip"].truthy() && is_object_like(config["mark"]["tooltip"])) edit("mark", {"tooltip"});
  if (config["params"].truthy()) {
    Array signals = as_array(config["signals"]);
    auto const from_params = assemble_parameter_signals(config["params"]);
    for (auto const& s : from_params.items()) signals.push_back(s);
    config.set("signals", signals);
    config.erase("params");
  }
  Value style = config["style"];
  auto const redirect = [&](std::string_view from, std::string_view to) {
    Value merged = config[from].is_object() ? config[from] : Value(Object());
    assign(merged, style[to]);
    if (!is_empty(merged)) style.set(to, merged);
    config.erase(from);
  };
  edit("view", {"continuousWidth", "continuousHeight", "discreteWidth", "discreteHeight", "step"});
  edit_mark("view");
  redirect("view", "cell");
  for (std::string_view mark : {"arc", "area", "bar", "image", "line", "point", "rect", "rule", "text", "tick", "trail",
                                "circle", "square", "geoshape"}) {
    edit_mark(mark);
    if (mark == "area") edit(mark, {"line", "point"});
    if (mark == "line") edit(mark, {"point"});
    if (mark == "tick") edit(mark, {"bandSize", "thickness"});
    if (one_of(mark, {"bar", "rect", "tick"}))
      edit(mark, {"binSpacing", "continuousBandSize", "discreteBandSize", "minBandSize"});
    redirect(mark, mark);
  }
  for (auto key : {"boxplot", "errorbar", "errorband"}) config.erase(key);
  auto const title = extract_title_config(config["title"]);
  auto const add_style = [&](char const* name, Value const& props) {
    if (!is_empty(props)) style.set(name, spread({style[name], props}));
  };
  add_style("group-title", title.mark);
  add_style("group-subtitle", title.subtitle_mark);
  if (is_empty(title.subtitle))
    config.erase("title");
  else
    config.set("title", title.subtitle);
  config.set("style", style);
  Value out{Object()};
  for (auto const& [key, value] : config.properties())
    if (!(value.is_object() && is_empty(value)) && !(value.is_array() && is_empty(value))) out.set(key, value);
  return is_empty(out) ? Value() : out;
}

}  // namespace

Value strip_and_redirect_config(Value const& config) {
  if (!config.same_identity(resolved_default())) return strip_and_redirect(config);
  thread_local Value const stripped = strip_and_redirect(config);
  return stripped;
}

Value view_continuous_size(Value const& view, std::string_view dimension) {
  return nullish_or(view[dimension], view[dimension == "width" ? "continuousWidth" : "continuousHeight"]);
}
Value view_discrete_size(Value const& view, std::string_view dimension) {
  auto const& size = nullish_or(view[dimension], view[dimension == "width" ? "discreteWidth" : "discreteHeight"]);
  return size.defined() ? size : Value::object({{"step", view["step"]}});
}
double view_discrete_step(Value const& view, std::string_view dimension) {
  auto const size = view_discrete_size(view, dimension);
  return is_step(size) ? size["step"].number_or(20) : 20;
}

}  // namespace cml::vega::lite
