#include "vega/lite/normalize/composite.hpp"

#include "vega/lite/messages.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {

bool is_composite(Value const& spec, std::string_view name) { return mark_type(spec["mark"]) == name; }

std::string composite_orient(Context& ctx, Value const& spec, std::string_view mark) {
  auto const &x = spec["encoding"]["x"], &y = spec["encoding"]["y"];
  if (spec["mark"]["orient"].truthy()) return spec["mark"]["orient"].to_string();
  if (is_continuous_def(x)) {
    if (!is_continuous_def(y)) return "horizontal";
    auto const x_agg = is_field_def(x) ? x["aggregate"] : Value(), y_agg = is_field_def(y) ? y["aggregate"] : Value();
    if (!x_agg.truthy() && is(y_agg, mark)) return "vertical";
    if (!y_agg.truthy() && is(x_agg, mark)) return "horizontal";
    if (is(x_agg, mark) && is(y_agg, mark))
      fail(ctx.path + ".encoding", "x and y cannot both have the aggregate " + std::string(mark));
    return is_time_format_def(y) && !is_time_format_def(x) ? "horizontal" : "vertical";
  }
  if (is_continuous_def(y)) return "vertical";
  fail(ctx.path + ".encoding", std::string(mark) + " needs a quantitative or temporal field on x or y");
}

Value without_aggregate(Context& ctx, Value const& def, std::string_view mark) {
  auto const& aggregate = def["aggregate"];
  if (!aggregate.truthy()) return def;
  if (!is(aggregate, mark)) ctx.warn(message::composite_aggregate(aggregate.string_or("?"), mark));
  return omit(def, {"aggregate"});
}

Value composite_tooltip(std::vector<TooltipPart> const& parts, Value const& axis_def, Value const& encoding,
                        bool with_field_name) {
  if (encoding.has("tooltip")) return Value::object({{"tooltip", encoding["tooltip"]}});
  Array tooltip;
  auto const suffix = with_field_name ? " of " + axis_title(axis_def).to_string() : "";
  for (auto const& part : parts)
    tooltip.push_back(Value::object({{"field", Value(part.field_prefix + field_name(axis_def))},
                                     {"type", axis_def["type"]},
                                     {"title", Value(part.title_prefix.to_string() + suffix)}}));
  Strings seen;
  for (auto const& def : field_defs(encoding)) {
    auto const plain = omit(def, {"legend", "axis", "header", "scale"});
    auto key = stringify(plain);
    if (contains(seen, key)) continue;
    seen.push_back(std::move(key));
    tooltip.push_back(plain);
  }
  return Value::object({{"tooltip", tooltip}});
}

Array composite_part(Value const& mark_def, std::string_view part, Value const& config, Value base) {
  auto const& own = mark_def[part];
  if (!own.truthy() && !(!own.defined() && config[part].truthy())) return {};
  Value mark{Object()};
  assign(mark, config[part]);
  for (auto key : {"clip", "color", "opacity"})
    if (mark_def[key].truthy()) mark.set(key, mark_def[key]);
  assign(mark, to_mark_def(base["mark"]));
  mark.set("style", mark_def["type"].to_string() + "-" + std::string(part));
  if (!own.is_boolean()) assign(mark, own);
  base.set("mark", mark);
  return {base};
}

void PartMaker::add(Array& layers, std::string_view part, Value const& mark, std::string_view prefix,
                    std::string_view end_prefix, Value const& extra) const {
  auto const field = field_name(axis_def);
  Value position = Value::object({{"field", Value(std::string(prefix) + "_" + field)}, {"type", axis_def["type"]}});
  if (auto const title = axis_title(axis_def); title.defined()) position.set("title", title);
  for (auto key : {"scale", "axis"})
    if (has(axis_def, key)) position.set(key, axis_def[key]);
  Value encoding{Object()};
  encoding.set(axis, position);
  if (!end_prefix.empty())
    encoding.set(axis + "2", Value::object({{"field", Value(std::string(end_prefix) + "_" + field)}}));
  assign(encoding, shared_encoding);
  assign(encoding, extra);
  for (auto const& layer :
       composite_part(mark_def, part, config, Value::object({{"mark", mark}, {"encoding", encoding}})))
    layers.push_back(layer);
}

}  // namespace cml::vega::lite
