// What of a file's records a report shows, and in which order; two tables side by side, row by row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "metrics/value.hpp"

namespace cml::report {

// "results.csv:column=model,column=acc,sort=-acc,top=10,key=model"
struct TableRequest {
  std::string file;
  std::vector<std::string> columns;  // Of those that there are, in this order; empty: all.
  std::vector<std::string> keys;     // Columns by which a row is found in the table of the baseline.
  std::string sort;                  // Empty: as the file has them.
  bool descending = false;           // "sort=-acc"
  std::size_t top = 0;               // Rows at most; 0: all.
};
Result<TableRequest> parse_table(std::string const& text);

// The rows of `now`, each beside the one of `before` that has the same keys: cells that differ read "old → new", and a
// column says what became of the row ("new", "gone", "began to fail", "passes again", "changed"). News come first.
// `notes` gets a sentence of how many there are. Both tables have the keys.
metrics::Records paired_by_key(metrics::Records const& now, metrics::Records const& before,
                               std::vector<std::string> const& keys, std::string const& old_name,
                               std::vector<std::string>& notes);

// Columns, order and number of rows as asked for. `missing` gets the columns that there are not.
metrics::Records arranged(metrics::Records, TableRequest const&, std::vector<std::string>& notes,
                          std::vector<std::string>& missing);

// Single values as a table of names and values.
metrics::Records table_of_values(std::vector<metrics::Metric> const&);

}  // namespace cml::report
