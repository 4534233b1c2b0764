// The course of recorded metrics as a report: a table of where each one stands, what changed for good or drifts, and a
// plot for each.
#pragma once

#include <string>
#include <vector>

#include "report/compose/model.hpp"
#include "report/trend/recorded.hpp"

namespace cml::report {

struct TrendSettings {
  std::string title;  // Empty: "Metrics of BRANCH".
  std::string branch;
  std::size_t last = 200;   // Commits; 0: all.
  std::size_t window = 20;  // Commits before the last, whose median it is compared with.
  std::size_t most_plots = 12;
  std::vector<std::string> select, exclude;
  std::vector<BetterRule> better;
  std::vector<ToleranceRule> tolerances;
};

// NotFound when the branch has no records, or none of the chosen metrics.
Result<Model> trend_of(Recorded const&, TrendSettings const&);

// "median:main:20": what a report compares with.
struct RecordedBaseline {
  enum class Way { Median, Last, Best };
  Way way = Way::Median;
  std::string branch;
  std::size_t count = 20;  // Of commits; 0: all.
};
// Nothing when `text` is not of this form: it may be a revision.
std::optional<RecordedBaseline> parse_recorded_baseline(std::string_view text);
// The values of each file, and what the baseline is called: "median of 20 on main". Medians have their scatter as
// noise. `except`: the present commit. NotFound when the branch has no records.
struct BaselineValues {
  std::string name;
  std::map<std::string, std::vector<metrics::Metric>> files;
  std::vector<std::uint32_t> commits;
};
Result<BaselineValues> baseline_values(Recorded const&, RecordedBaseline const&, std::vector<BetterRule> const&,
                                       std::string_view except);

// An SVG of two fields, "acc | 0.93"; green when it is better than the median before it, red when worse.
Result<std::string> badge_of(Model const& trend, std::string const& metric);

}  // namespace cml::report
