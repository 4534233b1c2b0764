// References like {"repeat": "row"} become the field they stand for.
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {
namespace {

// Undefined when the repeater is unknown.
Value replace_in(Context& ctx, std::string_view property, Value const& def, Value const& repeater) {
  auto const& ref = def[property];
  if (!has(ref, "repeat")) return def;
  auto const name = ref["repeat"].to_string();
  if (!repeater.has(name)) {
    ctx.warn(message::unknown_repeated_value(name));
    return {};
  }
  Value out = def;
  out.set(property, repeater[name]);
  return out;
}

Value replace_in_field_def(Context& ctx, Value const& given, Value const& repeater) {
  Value def = replace_in(ctx, "field", given, repeater);
  if (def.is_nullish()) return def;
  if (is_sort_field(def["sort"])) {
    auto const sort = replace_in(ctx, "field", def["sort"], repeater);
    if (sort.truthy()) def.set("sort", sort);
  }
  return def;
}
Value replace_in_def(Context& ctx, Value const& def, Value const& repeater) {
  if (is_field_def(def)) return replace_in_field_def(ctx, def, repeater);
  Value out = replace_in(ctx, "datum", def, repeater);
  if (out.is_object() && has(def["datum"], "repeat") && !out["type"].truthy()) out.set("type", "nominal");
  return out;
}

Value replace_in_channel(Context& ctx, Value const& def, Value const& repeater) {
  if (is_field_or_datum_def(def)) {
    auto const out = replace_in_def(ctx, def, repeater);
    if (out.truthy()) return out;
    if (is_conditional_def(def)) return Value::object({{"condition", def["condition"]}});
    return {};
  }
  if (has_conditional_field_or_datum_def(def)) {
    auto const condition = replace_in_def(ctx, def["condition"], repeater);
    Value out = omit(def, {"condition"});
    if (condition.truthy()) out.set("condition", condition);
    return out;
  }
  return def;
}

Value replace_in_mapping(Context& ctx, Value const& mapping, Value const& repeater) {
  Value out{Object()};
  for (auto const& [channel, def] : mapping.properties()) {
    if (!def.defined()) continue;
    if (def.is_array()) {
      Array items;
      for (auto const& d : def.items())
        if (auto next = replace_in_channel(ctx, d, repeater); next.truthy()) items.push_back(next);
      out.set(channel, items);
    } else if (auto next = replace_in_channel(ctx, def, repeater); next.defined()) {
      out.set(channel, next);
    }
  }
  return out;
}

}  // namespace

Value replace_repeater_in_facet(Context& ctx, Value const& facet, Value const& repeater) {
  if (!repeater.truthy()) return facet;
  return is_facet_mapping(facet) ? replace_in_mapping(ctx, facet, repeater)
                                 : replace_in_field_def(ctx, facet, repeater);
}
Value replace_repeater_in_encoding(Context& ctx, Value const& encoding, Value const& repeater) {
  return repeater.truthy() ? replace_in_mapping(ctx, encoding, repeater) : encoding;
}

}  // namespace cml::vega::lite
