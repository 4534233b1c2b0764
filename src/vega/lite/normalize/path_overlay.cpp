// Lines and areas with points or an outline become layers; a line with x2 or y2 becomes rules.
#include "vega/lite/encoding.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {
namespace {

// The overlay's mark properties; undefined or null for none.
Value point_overlay(Value const& mark, Value const& config, Value const& encoding) {
  auto const& point = mark["point"];
  if (is(point, "transparent")) return Value::object({{"opacity", 0}});
  if (point.truthy()) return point.is_object() ? point : Value(Object());
  if (point.defined()) return nullptr;
  if (config["point"].truthy() || encoding["shape"].truthy())
    return config["point"].is_object() ? config["point"] : Value(Object());
  return {};
}
Value line_overlay(Value const& mark, Value const& config) {
  auto const& line = mark["line"];
  if (line.truthy()) return is_true(line) ? Value(Object()) : line;
  if (line.defined()) return nullptr;
  if (config["line"].truthy()) return is_true(config["line"]) ? Value(Object()) : config["line"];
  return {};
}

bool matches(Value const& spec, Value const& config) {
  auto const mark = to_mark_def(spec["mark"]);
  auto const type = mark["type"].string();
  auto const& of_type = config[type];
  if (one_of(type, {"line", "rule", "trail", "area"}) && point_overlay(mark, of_type, spec["encoding"]).truthy())
    return true;
  return type == "area" && line_overlay(mark, of_type).truthy();
}

Value run(Context& ctx, Value const& spec, NormalizeParams const& params) {
  auto const& config = params.config;
  auto const encoding = normalize_encoding(ctx, spec["encoding"], config);
  auto const mark = to_mark_def(spec["mark"]);
  auto const type = mark["type"].string();
  auto const points = point_overlay(mark, config[type], encoding);
  auto const line = type == "area" ? line_overlay(mark, config[type]) : Value();

  Value main_mark{Object()};
  if (type == "area" && mark_prop_or_config("opacity", mark, config).is_nullish() &&
      mark_prop_or_config("fillOpacity", mark, config).is_nullish())
    main_mark.set("opacity", 0.7);
  assign(main_mark, omit(mark, {"point", "line"}));
  Value main = Value::object({{"name", spec["name"]}});
  main.set(kPathKey, spec[kPathKey]);
  if (spec["params"].truthy()) main.set("params", spec["params"]);
  main.set("mark", main_mark.size() > 1 ? main_mark : main_mark["type"]);
  main.set("encoding", omit(encoding, {"shape"}));
  Array layer{main};

  Value overlay_encoding = encoding;
  if (auto const stack = find_stack(ctx, init_mark_def(ctx, mark, encoding, config), encoding)) {
    Value def = encoding[stack->field_channel];
    def.set("stack", stack->offset);
    overlay_encoding.set(stack->field_channel, def);
  }
  overlay_encoding = omit(overlay_encoding, {"y2", "x2"});
  auto const add = [&](Value overlay_mark) {
    Value view{Object()};
    view.set(kPathKey, spec[kPathKey]);
    if (spec["projection"].truthy()) view.set("projection", spec["projection"]);
    view.set("mark", std::move(overlay_mark));
    view.set("encoding", overlay_encoding);
    layer.push_back(view);
  };
  if (line.truthy())
    add(spread({Value::object({{"type", "line"}}), pick(mark, {"clip", "interpolate", "tension", "tooltip"}), line}));
  if (points.truthy())
    add(spread({Value::object({{"type", "point"}, {"opacity", 1}, {"filled", true}}), pick(mark, {"clip", "tooltip"}),
                points}));

  Value out = omit(spec, {"params", "projection", "mark", "name", "encoding"});
  out.set("layer", layer);
  NormalizeParams inner = params;  // The overlays are done: config must not ask for them again.
  for (auto key : {"line", "area", "rule", "trail"})
    if (inner.config[key].is_object()) inner.config.set(key, omit(inner.config[key], {"point", "line"}));
  return normalize_layer_or_unit(ctx, out, inner);
}

bool ranged_line(Value const& spec, Value const&) {
  if (mark_type(spec["mark"]) != "line") return false;
  auto const& encoding = spec["encoding"];
  for (std::string_view channel : {"x2", "y2", "latitude2", "longitude2", "theta2", "radius2"}) {
    if (!encoding[channel].truthy()) continue;
    auto const& main = encoding[main_range_channel(channel)];
    if ((is_field_def(main) && !is_binned(main["bin"])) || is_datum_def(main)) return true;
  }
  return false;
}
Value line_to_rule(Context& ctx, Value const& spec, NormalizeParams const& params) {
  ctx.warn(message::line_with_range());
  Value out = spec;
  if (spec["mark"].is_object()) {
    Value mark = spec["mark"];
    mark.set("type", "rule");
    out.set("mark", mark);
  } else {
    out.set("mark", "rule");
  }
  return normalize_layer_or_unit(ctx, out, params);
}

}  // namespace

UnitNormalizer const kPathOverlayNormalizer{matches, run};
UnitNormalizer const kRangedLineNormalizer{ranged_line, line_to_rule};

}  // namespace cml::vega::lite
