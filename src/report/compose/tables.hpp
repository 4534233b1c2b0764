// Tables in Markdown.
#pragma once

#include <functional>

#include "report/compose/rows.hpp"

namespace cml::report {

struct TableOptions {
  std::string old_name = "HEAD", new_name = "workspace";
  bool params = false;   // "Param" instead of "Metric", no judgement.
  bool compared = true;  // Else one column of values.
  // Markdown of a row's sparkline; empty function: no such column.
  std::function<std::string(Row const&)> sparkline;
  std::vector<std::string> other_names = {};  // Further revisions, beside the old one.
};
// Our own: old, new, change, percent and which way it went.
std::string diff_table(std::vector<Row> const&, TableOptions const&);
// What `dvc metrics diff --show-md` and `dvc params diff --show-md` print for the same values: changed rows, Python's
// numbers; the head alone when nothing changed.
std::string dvc_table(std::vector<Row> const&, TableOptions const&);
// A file's records; numbers to the right. At most `max_rows`, a line below says how many are left out.
std::string records_table(metrics::Records const&, std::size_t max_rows);

}  // namespace cml::report
