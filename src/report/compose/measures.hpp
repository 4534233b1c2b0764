// What is made of the values of files before they are compared: the best of a curve, the mean of several runs, the rows
// that were selected, the tests that began to fail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/value.hpp"
#include "report/compose/rows.hpp"

namespace cml::report {

// Whether a pattern is "best(...)".
inline bool is_best(std::string_view pattern) { return pattern.starts_with("best(") && pattern.ends_with(')'); }
// "best(val_acc)" for each column of the document's tables that a pattern "best(val_*)" means: its highest value, or
// its lowest where lower is better. `unknown` gets the columns of which nobody knows.
std::vector<metrics::Metric> best_values(metrics::Document const&, std::vector<std::string> const& patterns,
                                         std::vector<BetterRule> const&, std::vector<std::string>& unknown);
// One value for each metric of several files, as of several seeds: the mean, with its standard error as noise. `partly`
// gets the metrics that are no number in each of the files.
struct PartlyThere {
  std::string name;
  std::size_t files;  // That have it.
};
std::vector<metrics::Metric> mean_values(std::vector<metrics::Document> const&, std::vector<PartlyThere>& partly);
// Whether --select and --exclude leave the row; without --select every row is selected.
bool is_selected(std::string const& name, std::vector<std::string> const& select,
                 std::vector<std::string> const& exclude);
bool lists_failed_tests(metrics::Document const&);
// The tests that fail, beside what they did before, and then those that failed then and do so no more.
metrics::Records with_transitions(metrics::Records const* now, metrics::Records const* before,
                                  std::string const& old_name);

}  // namespace cml::report
