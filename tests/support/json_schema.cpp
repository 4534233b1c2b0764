#include "support/json_schema.hpp"

#include <algorithm>
#include <set>

namespace cml::test {
namespace {

using nlohmann::json;

bool has_type(json const& value, json const& type) {
  if (type.is_array())
    return std::any_of(type.begin(), type.end(), [&](json const& one) { return has_type(value, one); });
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "null") return value.is_null();
  return type == "boolean" && value.is_boolean();
}

}  // namespace

std::vector<std::string> violations(json const& schema, json const& value, std::string const& place) {
  std::vector<std::string> wrong;
  auto const add = [&](json const& inner, json const& part, std::string const& where) {
    auto const more = violations(inner, part, where);
    wrong.insert(wrong.end(), more.begin(), more.end());
  };
  static std::set<std::string> const kKnown{
      "$schema",  "description",          "title", "type", "const", "enum", "properties",
      "required", "additionalProperties", "items", "oneOf"};
  for (auto const& [keyword, unused] : schema.items())
    if (!kKnown.contains(keyword)) wrong.push_back(place + ": the schema's " + keyword + " is not known");
  if (schema.contains("oneOf")) {
    auto const fits = std::count_if(schema["oneOf"].begin(), schema["oneOf"].end(),
                                    [&](json const& one) { return violations(one, value, place).empty(); });
    if (fits != 1) wrong.push_back(place + ": " + std::to_string(fits) + " alternatives fit " + value.dump());
  }
  if (schema.contains("type") && !has_type(value, schema["type"]))
    wrong.push_back(place + ": not of type " + schema["type"].dump());
  if (schema.contains("const") && value != schema["const"]) wrong.push_back(place + ": not " + schema["const"].dump());
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    wrong.push_back(place + ": " + value.dump() + " is not one of " + schema["enum"].dump());
  if (value.is_object()) {
    for (json const& name : schema.value("required", json::array()))
      if (!value.contains(name.get<std::string>())) wrong.push_back(place + ": lacks " + name.get<std::string>());
    for (auto const& [name, part] : value.items()) {
      if (schema.value("properties", json::object()).contains(name))
        add(schema["properties"][name], part, place + "." + name);
      else if (!schema.value("additionalProperties", true))
        wrong.push_back(place + ": " + name + " is not described");
    }
  }
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      add(schema["items"], value[i], place + "[" + std::to_string(i) + "]");
  return wrong;
}

}  // namespace cml::test
