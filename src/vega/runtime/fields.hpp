// Reading fields of tables by Vega's access paths ("a.b", "a[0]", "a\\.b").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vega/value/table.hpp"

namespace cml::vega {

// The parts of an access path (vega-util's splitAccessPath). Fails (EngineError) on unbalanced brackets or quotes.
std::vector<std::string> split_path(std::string_view path);
Value read_path(Value const& object, std::vector<std::string> const& path, std::size_t from = 0);
// One cell a row, in row order; a plain field of an unselected table is shared, not copied.
ColumnRef field_column(Table const& table, std::string_view path);

}  // namespace cml::vega
