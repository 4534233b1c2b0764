#include "vega/runtime/guide.hpp"

#include "vega/value/json.hpp"

namespace cml::vega {

std::string literal(Value const& v) {
  if (v.is_undefined()) return "undefined";
  return to_json(v);
}
std::string to_expression(Value const& v) {
  if (is_signal(v)) return std::string(v["signal"].string());
  return v.is_nullish() ? "null" : literal(v);
}

Value resolve_members(Value const& v, GroupScope& scope, std::string const& path) {
  if (v.is_array()) {
    Array out;
    for (auto const& item : v.items()) out.push_back(scope.resolve(item, path));
    return out;
  }
  if (!v.is_object() || is_signal(v)) return scope.resolve(v, path);
  Value out{Object()};
  for (auto const& [key, value] : v.properties()) out.set(key, scope.resolve(value, path));
  return out;
}

void GuideEncode::add(std::string_view name, Value const& value, bool to_update) {
  if (value.is_nullish()) return;
  bool const is_encoder = value.is_object() || (value.is_array() && value.size() && value.at(0).is_object());
  if (is_encoder)
    update.set(name, value);
  else
    (to_update ? update : enter).set(name, constant(value));
}
Value GuideEncode::finish(Value const& user) const {
  return extend_encode(Value::object({{"enter", enter}, {"update", update}}), user);
}

Value extend_encode(Value encode, Value const& user) {
  for (auto const& [name, block] : user.properties()) {
    if (name == "name" || name == "style" || name == "interactive" || !block.is_object()) continue;
    Value merged = encode[name].is_object() ? encode[name] : Value(Object());
    for (auto const& [channel, entry] : block.properties()) merged.set(channel, entry);
    encode.set(name, std::move(merged));
  }
  return encode;
}

Value guide_mark(Value mark, Value const& user) {
  if (user.is_object()) {
    if (!user["name"].is_nullish()) mark.set("name", user["name"]);
    if (user["style"].truthy()) mark.set("style", user["style"]);
    mark.set("interactive", user["interactive"].truthy());
    mark.set("encode", extend_encode(mark["encode"], user));
  } else {
    mark.set("interactive", false);
  }
  return mark;
}

}  // namespace cml::vega
