// Formats that write a tree. BadInput names the line where the format's parser tells it.
#pragma once

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::metrics {

// What is said of a file beyond the limits.
std::string too_deep(Limits const&);
std::string too_many_values(Limits const&);

// Also takes NaN and Infinity, as Python writes them; numbers too large for a double are infinite, as in Python.
Result<Node> parse_json(std::string_view text, Limits const& = {});
// YAML 1.2's core schema and YAML 1.1's merge keys ("<<"); one document.
Result<Node> parse_yaml(std::string_view text, Limits const& = {});
Result<Node> parse_toml(std::string_view text, Limits const& = {});

}  // namespace cml::metrics
