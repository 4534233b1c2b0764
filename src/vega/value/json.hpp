// JSON text to Value and back. Arrays of records that are data (`data.values`, `datasets.*`) arrive as Tables.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

struct JsonLimits {
  std::size_t max_bytes = 2ull << 30;
  int max_depth = 512;
};

// A specification: data arrays become Tables, NaN and Infinity are read as null (people's metrics files have them).
// BadInput with line and column when malformed, too deep or too large.
Result<Value> parse_spec(std::string_view text, JsonLimits const& limits = {});
// Any JSON, no Tables inside.
Result<Value> parse_json(std::string_view text, JsonLimits const& limits = {});
// A dataset: an array becomes a Table, anything else a plain value (TopoJSON, an object to take a property from).
Result<Value> parse_json_data(std::string_view text, JsonLimits const& limits = {});

// Compact when indent is 0. Tables print as arrays of objects, undefined members are left out, NaN prints as null,
// dates as ISO strings (JSON.stringify).
std::string to_json(Value const& value, int indent = 0);

}  // namespace cml::vega
