// errorbar and errorband: an interval from raw values, from bounds, or from a value and its error.
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/composite.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

enum class Input { Raw, UpperLower, Error };

Input input_type(Value const& e) {
  bool const bounds = is_field_or_datum_def(e["x2"]) || is_field_or_datum_def(e["y2"]);
  bool const errors = is_field_or_datum_def(e["xError"]) || is_field_or_datum_def(e["xError2"]) ||
                      is_field_or_datum_def(e["yError"]) || is_field_or_datum_def(e["yError2"]);
  if ((is_field_or_datum_def(e["x"]) || is_field_or_datum_def(e["y"])) && !bounds && !errors) return Input::Raw;
  return bounds ? Input::UpperLower : Input::Error;
}

std::string ranged_orient(Context& ctx, Value const& e, Input input, std::string const& mark) {
  auto const refuse = [&](std::string const& text) { fail(ctx.path + ".encoding", mark + ": " + text); };
  auto const def = [&](char const* c) { return is_field_or_datum_def(e[c]); };
  bool const errors = def("xError") || def("xError2") || def("yError") || def("yError2");
  char const *x = input == Input::UpperLower ? "x2" : "xError", *y = input == Input::UpperLower ? "y2" : "yError";
  if (input == Input::UpperLower && errors) refuse("give either x2 or y2, or xError or yError, not both");
  if (input == Input::Error && def("xError2") && !def("xError")) refuse("xError2 needs xError");
  if (input == Input::Error && def("yError2") && !def("yError")) refuse("yError2 needs yError");
  if (def(x) && def(y)) refuse(std::string(x) + " and " + y + " cannot both be given");
  for (auto const& [range, axis, orient] : {std::tuple{x, "x", "horizontal"}, std::tuple{y, "y", "vertical"}}) {
    if (!def(range)) continue;
    if (!is_continuous_def(e[axis])) refuse(std::string(axis) + " and " + range + " have to be quantitative");
    return orient;
  }
  refuse("needs a field on x or y");
  return {};
}

Value entry(Value const& op, std::string const& field, std::string const& as) {
  return Value::object({{"op", op}, {"field", Value(field)}, {"as", Value(as)}});
}
Value calculate(std::string const& expression, std::string const& as) {
  return Value::object({{"calculate", Value(expression)}, {"as", Value(as)}});
}

}  // namespace

ErrorParams error_params(Context& ctx, Value const& spec, std::string_view mark, Value const& config) {
  ErrorParams out;
  auto const& encoding = spec["encoding"];
  out.mark_def = to_mark_def(spec["mark"]);
  out.outer_spec = omit(spec, {"mark", "encoding", "params", "projection"});
  if (spec["params"].truthy()) ctx.warn(message::selection_unsupported(mark));
  auto const input = input_type(encoding);
  auto const orient =
      input == Input::Raw ? composite_orient(ctx, spec, mark) : ranged_orient(ctx, encoding, input, std::string(mark));
  out.axis = orient == "vertical" ? "y" : "x";
  out.ticks_orient = orient == "vertical" ? "horizontal" : "vertical";
  out.axis_def = without_aggregate(ctx, encoding[out.axis], mark);
  auto const axis_def2 = without_aggregate(ctx, encoding[out.axis + "2"], mark);
  auto const error = without_aggregate(ctx, encoding[out.axis + "Error"], mark);
  auto const error2 = without_aggregate(ctx, encoding[out.axis + "Error2"], mark);
  auto const field = field_name(out.axis_def);
  auto const datum = [](std::string const& name) { return access_unescaped(name); };

  Array aggregates, calculates;
  std::vector<TooltipPart> tooltip;
  bool with_field_name = false;
  auto const& given_extent = out.mark_def["extent"];
  if (input == Input::Raw) {
    Value const center = out.mark_def["center"].truthy() ? out.mark_def["center"]
                         : given_extent.truthy()         ? Value(is(given_extent, "iqr") ? "median" : "mean")
                                                         : config["errorbar"]["center"];
    Value const extent = given_extent.truthy() ? given_extent : Value(is(center, "mean") ? "stderr" : "iqr");
    if (is(center, "median") != is(extent, "iqr"))
      ctx.warn(message::errorbar_center_extent(center.string_or("?"), extent.string_or("?"), mark));
    if (one_of(extent, {"stderr", "stdev"})) {
      aggregates = {entry(extent, field, "extent_" + field), entry(center, field, "center_" + field)};
      calculates = {calculate(datum("center_" + field) + " + " + datum("extent_" + field), "upper_" + field),
                    calculate(datum("center_" + field) + " - " + datum("extent_" + field), "lower_" + field)};
      auto const name = title_case(center.to_string()), spread_name = extent.to_string();
      tooltip = {{"center_", Value(name)},
                 {"upper_", Value(name + " + " + spread_name)},
                 {"lower_", Value(name + " - " + spread_name)}};
      with_field_name = true;
    } else {
      bool const ci = is(extent, "ci");
      char const *middle = ci ? "mean" : "median", *low = ci ? "ci0" : "q1", *high = ci ? "ci1" : "q3";
      aggregates = {entry(low, field, "lower_" + field), entry(high, field, "upper_" + field),
                    entry(middle, field, "center_" + field)};
      auto const title = [&](char const* op) {
        return def_title(Value::object({{"field", Value(field)}, {"aggregate", op}, {"type", "quantitative"}}), config,
                         false);
      };
      tooltip = {{"upper_", title(high)}, {"lower_", title(low)}, {"center_", title(middle)}};
    }
  } else {
    if (out.mark_def["center"].truthy() || given_extent.truthy()) ctx.warn(message::errorbar_center_extent_unneeded());
    if (input == Input::UpperLower) {
      calculates = {calculate(datum(field_name(axis_def2)), "upper_" + field),
                    calculate(datum(field), "lower_" + field)};
    } else {
      tooltip = {{"", Value(field)}};
      auto const error_field = datum(field_name(error));
      calculates = {calculate(datum(field) + " + " + error_field, "upper_" + field),
                    error2.truthy() ? calculate(datum(field) + " + " + datum(field_name(error2)), "lower_" + field)
                                    : calculate(datum(field) + " - " + error_field, "lower_" + field)};
    }
    for (auto const& c : calculates)
      tooltip.push_back({std::string(c["as"].string().substr(0, 6)),
                         Value(replace_all(replace_all(c["calculate"].string(), "datum['", ""), "']", ""))});
  }

  Value rest = omit(encoding, {out.axis, out.axis + "2", out.axis + "Error", out.axis + "Error2"});
  auto extracted = extract_transforms(ctx, rest, config);
  out.encoding = extracted.encoding;
  Array all = extracted.aggregate;
  all.insert(all.end(), aggregates.begin(), aggregates.end());
  out.transform = as_array(out.outer_spec["transform"]);
  for (auto const* list : {&extracted.bins, &extracted.time_units})
    out.transform.insert(out.transform.end(), list->begin(), list->end());
  if (!all.empty())
    out.transform.push_back(
        Value::object({{"aggregate", all}, {"groupby", input == Input::Raw ? extracted.groupby : Array{}}}));
  out.transform.insert(out.transform.end(), calculates.begin(), calculates.end());
  out.tooltip = composite_tooltip(tooltip, out.axis_def, out.encoding, with_field_name);
  return out;
}

namespace {

Value run_errorbar(Context& ctx, Value const& given, NormalizeParams const& params) {
  Value spec = given;
  spec.set("encoding", normalize_encoding(ctx, given["encoding"], params.config));
  auto p = error_params(ctx, spec, "errorbar", params.config);
  p.encoding.erase("size");
  PartMaker const parts{p.mark_def, p.axis, p.axis_def, p.encoding, params.config["errorbar"]};
  Value tick = Value::object({{"type", "tick"}, {"orient", Value(p.ticks_orient)}, {"aria", false}});
  auto const thickness = p.mark_def["thickness"];
  if (thickness.defined()) tick.set("thickness", thickness);
  if (has(p.mark_def, "size")) tick.set("size", p.mark_def["size"]);
  Value rule = Value::object({{"type", "rule"}, {"ariaRoleDescription", "errorbar"}});
  if (thickness.defined()) rule.set("size", thickness);
  Array layers;
  parts.add(layers, "ticks", tick, "lower", "", p.tooltip);
  parts.add(layers, "ticks", tick, "upper", "", p.tooltip);
  parts.add(layers, "rule", rule, "lower", "upper", p.tooltip);
  Value out = p.outer_spec;
  out.set("transform", p.transform);
  if (layers.size() > 1)
    out.set("layer", layers);
  else if (!layers.empty())
    assign(out, layers[0]);
  else
    fail(ctx.path, "errorbar has neither rule nor ticks to draw");
  return out;
}

Value run_errorband(Context& ctx, Value const& given, NormalizeParams const& params) {
  Value spec = given;
  spec.set("encoding", normalize_encoding(ctx, given["encoding"], params.config));
  auto const p = error_params(ctx, spec, "errorband", params.config);
  PartMaker const parts{p.mark_def, p.axis, p.axis_def, p.encoding, params.config["errorband"]};
  bool const area = has(spec["encoding"], "x") && has(spec["encoding"], "y");
  Value band = Value::object({{"type", area ? "area" : "rect"}}),
        borders = Value::object({{"type", area ? "line" : "rule"}});
  auto const &interpolate = p.mark_def["interpolate"], &tension = p.mark_def["tension"];
  if (area) {
    for (auto* mark : {&band, &borders}) {
      if (interpolate.truthy()) mark->set("interpolate", interpolate);
      if (interpolate.truthy() && tension.truthy()) mark->set("tension", tension);
    }
    band.set("ariaRoleDescription", "errorband");
    borders.set("aria", false);
  } else if (interpolate.truthy()) {
    ctx.warn(message::errorband_1d("interpolate"));
  } else if (tension.truthy()) {
    ctx.warn(message::errorband_1d("tension"));
  }
  Array layers;
  parts.add(layers, "band", band, "lower", "upper", p.tooltip);
  parts.add(layers, "borders", borders, "lower", "", p.tooltip);
  parts.add(layers, "borders", borders, "upper", "", p.tooltip);
  Value out = p.outer_spec;
  out.set("transform", p.transform);
  out.set("layer", layers);
  return out;
}

bool is_errorbar(Value const& spec, Value const&) { return is_composite(spec, "errorbar"); }
bool is_errorband(Value const& spec, Value const&) { return is_composite(spec, "errorband"); }

}  // namespace

UnitNormalizer const kErrorbarNormalizer{is_errorbar, run_errorbar};
UnitNormalizer const kErrorbandNormalizer{is_errorband, run_errorband};

}  // namespace cml::vega::lite
