// Facets from row and column channels, repeats unrolled, encodings and projections of layers handed down.
#include "vega/lite/encoding.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::size_t kMaxViews = 20000;
constexpr UnitNormalizer const* kNormalizers[] = {&kBoxplotNormalizer, &kErrorbarNormalizer, &kErrorbandNormalizer,
                                                  &kPathOverlayNormalizer, &kRangedLineNormalizer};

std::string prefixed_name(std::string const& prefix, Value const& name) {
  return prefix.empty() ? name.to_string() : prefix + "_" + name.to_string();
}

Value merge_encoding(Value const& parent, Value const& encoding, bool layer) {
  if (!parent.is_object()) return is_empty(encoding) ? Value() : encoding;
  Value merged{Object()};
  Strings channels;
  for (auto const* list : {&parent, &encoding})
    for (auto const& [channel, def] : list->properties()) add_unique(channels, std::string(channel.view()));
  for (auto const& channel : channels) {
    auto const &own = encoding[channel], &above = parent[channel];
    if (is_field_or_datum_def(own)) {
      merged.set(channel, spread({above, own}));
    } else if (has_conditional_field_or_datum_def(own)) {
      Value def = own;
      def.set("condition", spread({above, own["condition"]}));
      merged.set(channel, def);
    } else if (own.truthy() || own.is_null()) {
      merged.set(channel, own);
    } else if (layer || is_value_def(above) || is_signal_ref(above) || is_field_or_datum_def(above) ||
               above.is_array()) {
      merged.set(channel, above);
    }
  }
  return is_empty(merged) ? Value() : merged;
}
Value merge_projection(Context& ctx, Value const& parent, Value const& own) {
  if (parent.truthy() && own.truthy()) ctx.warn(message::projection_overridden());
  return nullish_or(own, parent);
}

Value map_layer(Context& ctx, Value const& spec, NormalizeParams const& params) {
  NormalizeParams inner = params;
  inner.parent_encoding = merge_encoding(params.parent_encoding, spec["encoding"], true);
  inner.parent_projection = merge_projection(ctx, params.parent_projection, spec["projection"]);
  Value out = omit(spec, {"encoding", "projection"});
  if (spec["name"].truthy()) out.set("name", prefixed_name(params.repeater_prefix, spec["name"]));
  Array layers;
  for (auto const& child : spec["layer"].items()) layers.push_back(normalize_layer_or_unit(ctx, child, inner));
  out.set("layer", layers);
  return out;
}

Value map_unit(Context& ctx, Value const& spec, NormalizeParams const& params) {
  if (++ctx.views > kMaxViews)
    fail(ctx.path, "more than " + std::to_string(kMaxViews) + " views; repeat over fewer values");
  auto const encoding = replace_repeater_in_encoding(ctx, spec["encoding"], params.repeater);
  Value out = spec;
  if (spec["name"].truthy()) out.set("name", prefixed_name(params.repeater_prefix, spec["name"]));
  if (encoding.truthy()) out.set("encoding", encoding);
  if (params.parent_encoding.truthy() || params.parent_projection.truthy()) {
    auto const projection = merge_projection(ctx, params.parent_projection, out["projection"]);
    auto const merged = merge_encoding(params.parent_encoding, out["encoding"], false);
    if (projection.truthy()) out.set("projection", projection);
    if (merged.truthy()) out.set("encoding", merged);
    NormalizeParams plain;
    plain.config = params.config;
    return map_unit(ctx, out, plain);
  }
  for (auto const* normalizer : kNormalizers)
    if (normalizer->matches(out, params.config)) return normalizer->run(ctx, out, params);
  return out;
}

Value map_facet(Context& ctx, Value const& spec, NormalizeParams const& params) {
  Value out = spec;
  if (is_facet_mapping(spec["facet"]) && spec["columns"].truthy()) {
    out.erase("columns");
    ctx.warn(message::columns_with_row_or_column("facet"));
  }
  out.set("spec", normalize_core(ctx, spec["spec"], params));
  return out;
}

Value map_faceted_unit(Context& ctx, Value const& spec, NormalizeParams const& params) {
  auto const& encoding = spec["encoding"];
  auto const &row = encoding["row"], &column = encoding["column"], &facet = encoding["facet"];
  Value mapping{Object()}, layout{Object()};
  if (row.truthy() || column.truthy()) {
    if (facet.truthy()) ctx.warn(message::facet_dropped());
    for (auto channel : {"row", "column"}) {
      auto const& def = encoding[channel];
      if (!def.truthy()) continue;
      mapping.set(channel, omit(def, {"align", "center", "spacing", "columns"}));
      for (auto prop : {"align", "center", "spacing"})
        if (has(def, prop)) layout.member(prop).set(channel, def[prop]);
    }
  } else {
    mapping = replace_repeater_in_facet(ctx, omit(facet, {"align", "center", "spacing", "columns"}), params.repeater);
    for (auto prop : {"align", "center", "spacing", "columns"})
      if (facet[prop].truthy()) layout.set(prop, facet[prop]);
  }
  Value inner{Object()};
  for (auto prop : {"width", "height", "view", "projection"})
    if (spec[prop].truthy()) inner.set(prop, spec[prop]);
  inner.set("mark", spec["mark"]);
  inner.set("encoding", replace_repeater_in_encoding(ctx, omit(encoding, {"row", "column", "facet"}), params.repeater));
  if (spec["params"].truthy()) inner.set("params", spec["params"]);
  inner.set(kPathKey, spec[kPathKey]);
  Value out = omit(spec, {"mark", "width", "projection", "height", "view", "params", "encoding"});
  assign(out, layout);
  out.set("facet", mapping);
  out.set("spec", inner);
  return map_facet(ctx, out, params);
}

Value map_repeat(Context& ctx, Value const& spec, NormalizeParams const& params);

Value map_layer_repeat(Context& ctx, Value const& spec, NormalizeParams const& params) {
  auto const &repeat = spec["repeat"], &child = spec["spec"];
  if (repeat["row"].truthy() || repeat["column"].truthy()) {
    Value outer_repeat{Object()};
    for (auto key : {"row", "column"})
      if (repeat[key].truthy()) outer_repeat.set(key, repeat[key]);
    Value inner = Value::object({{"repeat", Value::object({{"layer", repeat["layer"]}})}, {"spec", child}});
    inner.set(kPathKey, child[kPathKey]);
    Value out = spec;
    out.set("repeat", outer_repeat);
    out.set("spec", inner);
    return map_repeat(ctx, out, params);
  }
  Value out = omit(spec, {"repeat", "spec"});
  Array layers;
  for (auto const& value : repeat["layer"].items()) {
    NormalizeParams inner = params;
    inner.repeater = params.repeater.is_object() ? params.repeater : Value(Object());
    inner.repeater.set("layer", value);
    inner.repeater_prefix = (child["name"].truthy() ? child["name"].to_string() + "_" : "") + params.repeater_prefix +
                            "child__layer_" + var_name(value.to_string());
    Value view = normalize_layer_or_unit(ctx, child, inner);
    view.set("name", inner.repeater_prefix);
    layers.push_back(view);
  }
  out.set("layer", layers);
  return out;
}

Value map_repeat(Context& ctx, Value const& spec, NormalizeParams const& params) {
  auto const& repeat = spec["repeat"];
  if (!repeat.is_array() && !repeat.is_object())
    fail(ctx.path + ".repeat", "must be a list of fields or an object with row, column or layer");
  for (auto key : {"row", "column", "layer"})
    if (has(repeat, key) && !repeat[key].is_array()) fail(ctx.path + ".repeat." + key, "must be a list of fields");
  if (has(repeat, "layer")) return map_layer_repeat(ctx, spec, params);
  auto const& child = spec["spec"];
  Value out = omit(spec, {"repeat", "spec", "data"});
  if (!repeat.is_array() && spec["columns"].truthy()) ctx.warn(message::columns_with_row_or_column("repeat"));
  auto const values = [&](char const* key) -> Array {
    if (!repeat.is_array() && repeat[key].truthy()) return repeat[key].items();
    return {params.repeater[key]};
  };
  Array const rows = values("row"), columns = values("column");
  Array const repeats = repeat.is_array() ? repeat.items() : Array{params.repeater["repeat"]};
  Array views;
  for (auto const& value : repeats)
    for (auto const& row : rows)
      for (auto const& column : columns) {
        NormalizeParams inner = params;
        inner.repeater =
            Value::object({{"repeat", value}, {"row", row}, {"column", column}, {"layer", params.repeater["layer"]}});
        auto name =
            (child["name"].truthy() ? child["name"].to_string() + "_" : "") + params.repeater_prefix + "child__";
        if (repeat.is_array()) {
          name += var_name(value.to_string());
        } else {
          if (repeat["row"].truthy()) name += "row_" + var_name(row.to_string());
          if (repeat["column"].truthy()) name += "column_" + var_name(column.to_string());
        }
        inner.repeater_prefix = name;
        Value view = normalize_core(ctx, child, inner);
        view.set("name", name);
        view.erase("data");
        views.push_back(view);
      }
  Value result = Value::object({{"data", nullish_or(child["data"], spec["data"])}, {"align", "all"}});
  assign(result, out);
  result.set("columns", repeat.is_array()           ? spec["columns"]
                        : repeat["column"].truthy() ? Value(repeat["column"].size())
                                                    : Value(1));
  result.set("concat", views);
  return result;
}

}  // namespace

Value normalize_layer_or_unit(Context& ctx, Value const& spec, NormalizeParams const& params) {
  if (spec[kPathKey].is_string()) ctx.path = spec[kPathKey].string();
  if (has(spec, "layer")) return map_layer(ctx, spec, params);
  if (has(spec, "mark")) return map_unit(ctx, spec, params);
  fail_invalid_view(ctx, spec);
}

Value normalize_core(Context& ctx, Value const& spec, NormalizeParams const& params) {
  if (spec[kPathKey].is_string()) ctx.path = spec[kPathKey].string();
  if (has(spec, "mark")) {
    auto const& encoding = spec["encoding"];
    if (channel_has_field(encoding, "row") || channel_has_field(encoding, "column") ||
        channel_has_field(encoding, "facet"))
      return map_faceted_unit(ctx, spec, params);
  }
  if (has(spec, "facet")) return map_facet(ctx, spec, params);
  if (has(spec, "repeat")) return map_repeat(ctx, spec, params);
  for (auto key : {"hconcat", "vconcat", "concat"}) {
    if (!has(spec, key)) continue;
    Value out = spec;
    Array views;
    for (auto const& child : spec[key].items()) views.push_back(normalize_core(ctx, child, params));
    out.set(key, views);
    return out;
  }
  return normalize_layer_or_unit(ctx, spec, params);
}

}  // namespace cml::vega::lite
