// The part of JSON Schema that docs/schemas uses: type, const, enum, properties, required, additionalProperties, items,
// oneOf.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace cml::test {

// What is wrong with `value`, with its place; empty when nothing is. A keyword that is not known is wrong, too.
std::vector<std::string> violations(nlohmann::json const& schema, nlohmann::json const& value,
                                    std::string const& place = "$");

}  // namespace cml::test
