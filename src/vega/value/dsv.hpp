// Delimiter-separated text to a table of strings (RFC 4180 as d3-dsv reads it).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {

constexpr std::size_t kMaxCells = 200'000'000;

// The first row names the columns unless `header` is an array of names. Missing cells are empty, surplus ones dropped.
// Fails (EngineError at `path`) on bytes that are not text and on more columns or cells than memory should hold.
TableRef parse_dsv(std::string_view text, char delimiter, Value const& header, std::string const& path,
                   std::size_t max_cells = kMaxCells);
// The same for rooms outside of the engine.
Result<TableRef> read_dsv(std::string_view text, char delimiter, std::size_t max_cells = kMaxCells);

}  // namespace cml::vega
