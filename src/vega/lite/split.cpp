#include "vega/lite/split.hpp"

#include "vega/lite/channel_def.hpp"
#include "vega/lite/messages.hpp"

namespace cml::vega::lite {

Explicit default_tie_breaker(Context& ctx, Explicit const& a, Explicit const& b, std::string_view property,
                             std::string_view of) {
  if (a.is_explicit && b.is_explicit) ctx.warn(message::conflicting_property(property, of));
  return a;
}
Explicit merge_explicit(Context& ctx, Explicit const& a, Explicit const& b, std::string_view property,
                        std::string_view of, TieBreaker const& tie_breaker) {
  if (!a.value.defined()) return b;
  if (a.is_explicit != b.is_explicit) return a.is_explicit ? a : b;
  if (a.value == b.value) return a;
  return tie_breaker ? tie_breaker(a, b) : default_tie_breaker(ctx, a, b, property, of);
}

Value merge_title_field_defs(Value const& a, Value const& b) {
  Array merged = a.items();
  for (auto const& def : b.items()) {
    bool known = false;
    for (auto const& have : merged) known = known || have == def;
    if (!known) merged.push_back(def);
  }
  return merged;
}
Value merge_titles(Value const& a, Value const& b) {
  if (a == b || !b.truthy()) return a;
  if (!a.truthy()) return b;
  Strings parts;
  for (auto const* list : {&a, &b})
    for (auto const& item : as_array(*list)) parts.push_back(item.to_string());
  return Value(join(parts, ", "));
}
Explicit merge_title_component(Explicit const& a, Explicit const& b) {
  bool const text_a = is_text(a.value) || is_signal_ref(a.value), text_b = is_text(b.value) || is_signal_ref(b.value);
  if (a.value.is_nullish() || b.value.is_null()) return {a.is_explicit, nullptr};
  if (text_a && text_b) return {a.is_explicit, merge_titles(a.value, b.value)};
  if (text_a) return a;
  if (text_b) return {a.is_explicit, b.value};
  return {a.is_explicit, merge_title_field_defs(a.value, b.value)};
}

}  // namespace cml::vega::lite
