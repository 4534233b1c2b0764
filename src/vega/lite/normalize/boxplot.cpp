// boxplot: whiskers, box, median and outliers as layers over aggregates.
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/composite.hpp"

namespace cml::vega::lite {
namespace {

Value aggregate_entry(std::string_view op, std::string_view field, std::string const& as) {
  return Value::object({{"op", Value(op)}, {"field", Value(field)}, {"as", Value(as)}});
}
Value calculate_entry(std::string const& expression, std::string const& as) {
  return Value::object({{"calculate", Value(expression)}, {"as", Value(as)}});
}
void append(Array& to, Array const& from) { to.insert(to.end(), from.begin(), from.end()); }

// A list of tooltips splits in those that aggregate with the box and those for single outliers.
std::pair<Value, Value> split_tooltip(Value const& encoding) {
  Value filtered = omit(encoding, {"tooltip"});
  auto const& tooltip = encoding["tooltip"];
  if (!tooltip.truthy()) return {filtered, {}};
  if (!tooltip.is_array()) {
    if (!tooltip["aggregate"].truthy()) return {filtered, tooltip};
    filtered.set("tooltip", tooltip);
    return {filtered, {}};
  }
  Array with, without;
  for (auto const& t : tooltip.items()) (t["aggregate"].truthy() ? with : without).push_back(t);
  if (!with.empty()) filtered.set("tooltip", with);
  if (without.empty()) return {filtered, {}};
  return {filtered, without.size() == 1 ? without[0] : Value(without)};
}

bool matches(Value const& spec, Value const&) { return is_composite(spec, "boxplot"); }

Value run(Context& ctx, Value const& given, NormalizeParams const& params) {
  auto const& config = params.config;
  Value spec = given;
  spec.set("encoding", normalize_encoding(ctx, given["encoding"], config));
  Value const outer = omit(spec, {"mark", "encoding", "params", "projection"});
  auto const mark_def = to_mark_def(spec["mark"]);
  if (spec["params"].truthy()) ctx.warn(message::selection_unsupported("boxplot"));
  auto const& box_config = config["boxplot"];
  auto const extent = nullish_or(mark_def["extent"], box_config["extent"]);
  bool const tukey = extent.is_number(), min_max = is(extent, "min-max");
  auto const size = mark_prop_or_config("size", mark_def, config);
  auto const invalid = mark_def["invalid"];

  auto const orient = composite_orient(ctx, spec, "boxplot");
  std::string const axis = orient == "vertical" ? "y" : "x";
  auto const axis_def = without_aggregate(ctx, spec["encoding"][axis], "boxplot");
  auto const field = field_name(axis_def), alias = remove_path_from_field(field);
  auto const [filtered, outlier_tooltip] = split_tooltip(omit(spec["encoding"], {axis}));
  auto extracted = extract_transforms(ctx, filtered, config);
  auto const encoding = extracted.encoding;
  std::string const ticks_orient = orient == "vertical" ? "horizontal" : "vertical";

  Array const quartiles{aggregate_entry("q1", field, "lower_box_" + alias),
                        aggregate_entry("q3", field, "upper_box_" + alias)};
  Array aggregates = extracted.aggregate;
  append(aggregates, quartiles);
  aggregates.push_back(aggregate_entry("median", field, "mid_box_" + alias));
  aggregates.push_back(aggregate_entry("min", field, (min_max ? "lower_whisker_" : "min_") + alias));
  aggregates.push_back(aggregate_entry("max", field, (min_max ? "upper_whisker_" : "max_") + alias));
  Array transform = extracted.bins;
  append(transform, extracted.time_units);
  transform.push_back(Value::object({{"aggregate", aggregates}, {"groupby", extracted.groupby}}));
  if (!min_max && !tukey) {
    auto const datum = [&](char const* prefix) { return access_unescaped(prefix + alias); };
    auto const factor = extent.to_string();
    transform.push_back(calculate_entry(datum("upper_box_") + " - " + datum("lower_box_"), "iqr_" + alias));
    transform.push_back(calculate_entry(
        "min(" + datum("upper_box_") + " + " + datum("iqr_") + " * " + factor + ", " + datum("max_") + ")",
        "upper_whisker_" + alias));
    transform.push_back(calculate_entry(
        "max(" + datum("lower_box_") + " - " + datum("iqr_") + " * " + factor + ", " + datum("min_") + ")",
        "lower_whisker_" + alias));
  }

  auto const plain = omit(encoding, {"color", "size"});
  PartMaker const extents{mark_def, axis, axis_def, plain, box_config},
      box{mark_def, axis, axis_def, encoding, box_config};
  auto const default_color =
      truthy_or(box_config["box"].is_object() ? box_config["box"]["color"] : config["mark"]["color"], "#4c78a8");
  // A box of no height still shows its median.
  Value condition = Value::object(
      {{"test", Value(access_unescaped("lower_box_" + field) + " >= " + access_unescaped("upper_box_" + field))}});
  assign(condition, encoding["color"].truthy() ? encoding["color"] : value_ref(default_color));
  Value median_encoding = plain;
  if (encoding["size"].truthy()) median_encoding.set("size", encoding["size"]);
  median_encoding.set("color", Value::object({{"condition", condition}}));
  PartMaker const median{mark_def, axis, axis_def, median_encoding, box_config};

  auto const five = composite_tooltip({{min_max ? "upper_whisker_" : "max_", "Max"},
                                       {"upper_box_", "Q3"},
                                       {"mid_box_", "Median"},
                                       {"lower_box_", "Q1"},
                                       {min_max ? "lower_whisker_" : "min_", "Min"}},
                                      axis_def, encoding, true);
  auto const whisker =
      min_max ? five
              : composite_tooltip({{"upper_whisker_", "Upper Whisker"}, {"lower_whisker_", "Lower Whisker"}}, axis_def,
                                  encoding, true);
  Value const end_tick = Value::object({{"type", "tick"},
                                        {"color", "black"},
                                        {"opacity", 1},
                                        {"orient", Value(ticks_orient)},
                                        {"invalid", invalid},
                                        {"aria", false}});
  Value const rule = Value::object({{"type", "rule"}, {"invalid", invalid}, {"aria", false}});
  Array whiskers, boxes;
  extents.add(whiskers, "rule", rule, "lower_whisker", "lower_box", whisker);
  extents.add(whiskers, "rule", rule, "upper_box", "upper_whisker", whisker);
  extents.add(whiskers, "ticks", end_tick, "lower_whisker", "", whisker);
  extents.add(whiskers, "ticks", end_tick, "upper_whisker", "", whisker);
  if (!tukey) boxes = whiskers;
  Value bar = Value::object({{"type", "bar"}});
  if (size.truthy()) bar.set("size", size);
  assign(bar, Value::object({{"orient", Value(orient)}, {"invalid", invalid}, {"ariaRoleDescription", "box"}}));
  box.add(boxes, "box", bar, "lower_box", "upper_box", five);
  Value tick = Value::object({{"type", "tick"}, {"invalid", invalid}});
  if (box_config["median"]["color"].truthy()) tick.set("color", box_config["median"]["color"]);
  if (size.truthy()) tick.set("size", size);
  assign(tick, Value::object({{"orient", Value(ticks_orient)}, {"aria", false}}));
  median.add(boxes, "median", tick, "mid_box", "", five);

  Value out = outer;
  if (min_max) {
    Array all = as_array(outer["transform"]);
    append(all, transform);
    out.set("transform", all);
    out.set("layer", boxes);
    return out;
  }

  auto const lower_box = access_unescaped("lower_box_" + field), upper_box = access_unescaped("upper_box_" + field);
  auto const iqr = "(" + upper_box + " - " + lower_box + ")";
  auto const lower = lower_box + " - " + extent.to_string() + " * " + iqr,
             upper = upper_box + " + " + extent.to_string() + " * " + iqr;
  auto const value = access_unescaped(field);
  Array whisker_aggregates{aggregate_entry("min", field, "lower_whisker_" + alias),
                           aggregate_entry("max", field, "upper_whisker_" + alias),
                           aggregate_entry("min", "lower_box_" + field, "lower_box_" + alias),
                           aggregate_entry("max", "upper_box_" + field, "upper_box_" + alias)};
  append(whisker_aggregates, extracted.aggregate);
  Array before = extracted.bins;
  append(before, extracted.time_units);
  before.push_back(Value::object({{"joinaggregate", quartiles}, {"groupby", extracted.groupby}}));
  Array whisker_transform{
      Value::object({{"filter", Value("(" + lower + " <= " + value + ") && (" + value + " <= " + upper + ")")}}),
      Value::object({{"aggregate", whisker_aggregates}, {"groupby", extracted.groupby}})};

  Value position = Value::object({{"field", axis_def["field"]}, {"type", axis_def["type"]}});
  if (auto const title = axis_title(axis_def); title.defined()) position.set("title", title);
  for (auto key : {"scale", "axis"})
    if (has(axis_def, key)) position.set(key, axis_def[key]);
  Value outlier_encoding{Object()};
  outlier_encoding.set(axis, position);
  assign(outlier_encoding, omit(plain, {"tooltip"}));
  if (encoding["color"].truthy()) outlier_encoding.set("color", encoding["color"]);
  if (outlier_tooltip.truthy()) outlier_encoding.set("tooltip", outlier_tooltip);
  auto const outliers = composite_part(
      mark_def, "outliers", box_config,
      Value::object({{"transform",
                      Value::array({Value::object(
                          {{"filter", Value("(" + value + " < " + lower + ") || (" + value + " > " + upper + ")")}})})},
                     {"mark", "point"},
                     {"encoding", outlier_encoding}}));
  Value first;
  if (!outliers.empty()) {
    first = Value::object(
        {{"transform", before},
         {"layer",
          Value::array({outliers[0], Value::object({{"transform", whisker_transform}, {"layer", whiskers}})})}});
  } else {
    append(before, whisker_transform);
    first = Value::object({{"transform", before}, {"layer", whiskers}});
  }
  out.set("layer", Value::array({first, Value::object({{"transform", transform}, {"layer", boxes}})}));
  return out;
}

}  // namespace

UnitNormalizer const kBoxplotNormalizer{matches, run};

}  // namespace cml::vega::lite
