// Texts out of the clouds' answers, whatever shape these have.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace cml::cloud {

// The text at a JSON pointer ("/properties/state"); empty when nothing or something else is there.
inline std::string text_at(nlohmann::json const& value, std::string const& pointer) {
  nlohmann::json::json_pointer const where(pointer);
  return value.is_structured() && value.contains(where) && value.at(where).is_string()
             ? value.at(where).get<std::string>()
             : "";
}

// The same for one key, whatever characters it has.
inline std::string text_of(nlohmann::json const& value, std::string const& key) {
  return value.is_object() && value.contains(key) && value[key].is_string() ? value[key].get<std::string>() : "";
}

}  // namespace cml::cloud
