// Delimiter-separated text to a table (RFC 4180 as d3-dsv reads it).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {

constexpr std::size_t kMaxCells = 200'000'000;

// What the cells of a column are to become as they are read. Numbers without ever being text cost a third of the time.
enum class CellKind {
  Text,
  Number,  // JavaScript's Number(cell), null where it is blank.
  Auto     // The same, if no cell is NaN; else text.
};
using CellKinds = std::function<CellKind(std::string_view column)>;

// The first row names the columns unless `header` is an array of names. Missing cells are empty, surplus ones dropped.
// Fails (EngineError at `path`) on bytes that are not text and on more columns or cells than memory should hold.
TableRef parse_dsv(std::string_view text, char delimiter, Value const& header, std::string const& path,
                   std::size_t max_cells = kMaxCells, CellKinds const& kinds = {});
// The same for rooms outside of the engine.
Result<TableRef> read_dsv(std::string_view text, char delimiter, std::size_t max_cells = kMaxCells);

}  // namespace cml::vega
