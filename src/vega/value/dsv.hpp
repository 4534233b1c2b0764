// Delimiter-separated text to a table of strings (RFC 4180 as d3-dsv reads it).
#pragma once

#include <string_view>

#include "vega/value/table.hpp"

namespace cml::vega {

// The first row names the columns unless `header` is an array of names. Missing cells are empty, surplus ones dropped.
TableRef parse_dsv(std::string_view text, char delimiter, Value const& header = {});

}  // namespace cml::vega
