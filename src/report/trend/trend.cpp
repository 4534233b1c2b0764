#include "report/trend/trend.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/measures.hpp"
#include "report/compose/number.hpp"
#include "report/trend/statistics.hpp"
#include "report/trend/trend_plot.hpp"

namespace cml::report {
namespace {

constexpr std::size_t kMostChanges = 5;  // Of one metric; older ones stand in its plot.
constexpr std::size_t kMostChangeLines = 100;

std::string short_sha(std::string const& sha) { return sha.substr(0, 7); }

std::optional<double> best_of(std::vector<double> const& values, Direction better) {
  if (values.empty() || better == Direction::Unknown) return std::nullopt;
  return better == Direction::Higher ? *std::max_element(values.begin(), values.end())
                                     : *std::min_element(values.begin(), values.end());
}

// The finite values of a series at these commits.
struct Course {
  std::vector<double> values;
  std::vector<std::uint32_t> commits;
};
Course course_of(std::vector<Recorded::Point> const& points) {
  Course course;
  for (auto const& point : points) {
    if (!std::isfinite(point.value)) continue;
    course.values.push_back(point.value);
    course.commits.push_back(point.commit);
  }
  return course;
}

class TrendWriter {
 public:
  TrendWriter(Recorded const& recorded, TrendSettings const& settings)
      : recorded_(recorded), settings_(settings), commits_(commits_of(recorded, settings.branch, settings.last)) {}

  Result<Model> run() {
    MatchWork const work;
    if (commits_.empty()) return nothing_recorded(recorded_, settings_.branch);
    for (std::string const& note : recorded_.notes) model_.blocks.emplace_back(MissingBlock{note});
    model_.title = settings_.title.empty() ? "Metrics of " + settings_.branch : settings_.title;
    model_.old_name = "median before";
    model_.new_name = short_sha(recorded_.commits[commits_.back()].sha);
    model_.other_names = {"best"};
    DiffBlock table{false, {}, true};
    std::vector<PlotBlock> plots;
    std::size_t left_out = 0;
    for (Recorded::Series const& series : recorded_.series) {
      if (!is_selected(series.name, settings_.select, settings_.exclude)) continue;
      auto const points = points_at(series, commits_);
      if (points.empty()) continue;
      Course const course = course_of(points);
      table.rows.push_back(row_of(series, points));
      auto const changes = change_points(course.values);
      tell(table.rows.back(), course, changes);
      if (plots.size() < settings_.most_plots && course.values.size() > 1) {
        CML_TRY(plot, plot_of(series, points, course, changes, plots.size()));
        plots.push_back(std::move(plot));
      } else {
        ++left_out;
      }
      CML_CHECK_OK(within_limits(1, table.rows.size()));
    }
    CML_CHECK_OK(within_limits(1, table.rows.size()));
    if (table.rows.empty())
      return Error{ErrorKind::NotFound,
                   "none of the metrics that are recorded for " + one_line(settings_.branch, 80) + " is selected"};
    // Where nobody knows which way is good, there is no best.
    if (std::none_of(table.rows.begin(), table.rows.end(), [](Row const& row) { return row.others[0].value; })) {
      model_.other_names.clear();
      for (Row& row : table.rows) row.others.clear();
    }
    model_.verdict = verdict_of(table.rows, "the median of up to " + std::to_string(settings_.window) + " before");
    model_.blocks.emplace_back(TextBlock{"*" + escape_markdown(span_of_time()) + "*"});
    model_.blocks.emplace_back(std::move(table));
    if (!lines_.empty()) {
      model_.blocks.emplace_back(SectionBlock{"Changes", 2});
      std::string text;
      for (std::size_t i = 0; i < std::min(lines_.size(), kMostChangeLines); ++i) text += "- " + lines_[i] + "\n";
      if (lines_.size() > kMostChangeLines) text += "- " + std::to_string(lines_.size() - kMostChangeLines) + " more\n";
      model_.blocks.emplace_back(TextBlock{std::move(text)});
    }
    if (!plots.empty()) model_.blocks.emplace_back(SectionBlock{"Course", 2});
    for (PlotBlock& plot : plots) model_.blocks.emplace_back(std::move(plot));
    if (left_out > 0 && settings_.most_plots > 0)
      model_.blocks.emplace_back(TextBlock{"*" + std::to_string(left_out) +
                                           " more metrics have no plot here; --select and --plots choose others.*"});
    return std::move(model_);
  }

  static Error nothing_recorded(Recorded const& recorded, std::string const& branch) {
    std::string known;
    for (std::size_t i = 0; i < std::min<std::size_t>(recorded.branches.size(), 5); ++i)
      known += (known.empty() ? "" : ", ") + one_line(recorded.branches[i], 60);
    return {ErrorKind::NotFound,
            "no metrics are recorded for " + one_line(branch, 80) +
                (known.empty() ? "; cml report record in its pipeline does so" : "; there are some for " + known)};
  }

 private:
  Row row_of(Recorded::Series const& series, std::vector<Recorded::Point> const& points) const {
    Row row{series.file, series.name};
    row.better = direction_of(series.name, settings_.better);
    // A metric that the newest commit has not is gone.
    bool const present = points.back().commit == commits_.back();
    if (present) row.new_value = points.back().value;
    std::vector<double> before;
    for (std::size_t i = points.size() - (present ? 1 : 0); i-- > 0 && before.size() < settings_.window;)
      if (std::isfinite(points[i].value)) before.push_back(points[i].value);
    if (!before.empty()) row.old_value = median_of(before);
    if (before.size() > 2) row.old_noise = scatter_of(before);
    row.tolerance = tolerance_of(row, settings_.tolerances);
    row.others.push_back({});
    if (auto const best = best_of(course_of(points).values, row.better)) row.others[0].value = *best;
    row.history.assign(commits_.size(), std::numeric_limits<double>::quiet_NaN());
    std::size_t at = 0;
    for (auto const& point : points) {
      while (commits_[at] != point.commit) ++at;
      row.history[at] = point.value;
    }
    return row;
  }

  std::string date_of(std::uint32_t commit) const {
    return iso_time(std::chrono::system_clock::time_point(seconds_of(recorded_.commits[commit]))).substr(0, 10);
  }

  std::string span_of_time() const {
    return std::to_string(commits_.size()) + (commits_.size() == 1 ? " commit" : " commits") + " of " +
           one_line(settings_.branch, 80) + ", " + date_of(commits_.front()) + " to " + date_of(commits_.back());
  }

  // A line for each change, the newest first, and one for a drift since the last of them.
  void tell(Row const& row, Course const& course, std::vector<std::size_t> const& changes) {
    std::string const name = "**" + escape_markdown(row.name) + "**";
    auto const sign = [&](double change) -> std::string {
      if (row.better == Direction::Unknown) return "";
      return (change > 0) == (row.better == Direction::Higher) ? " ✅" : " ❌";
    };
    auto const begin = course.values.begin();
    auto const level = [&](std::size_t from, std::size_t to) {
      return median_of({begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to)});
    };
    for (std::size_t i = changes.size(); i-- > 0 && changes.size() - i <= kMostChanges;) {
      std::size_t const at = changes[i];
      double const before = level(i == 0 ? 0 : changes[i - 1], at),
                   after = level(at, i + 1 < changes.size() ? changes[i + 1] : course.values.size());
      if (before == after) continue;
      lines_.push_back(name + (after > before ? " rose from " : " fell from ") + plain_number(before) + " to " +
                       plain_number(after) + " at " + short_sha(recorded_.commits[course.commits[at]].sha) + " (" +
                       date_of(course.commits[at]) + ")" + sign(after - before));
    }
    std::size_t const since = changes.empty() ? 0 : changes.back();
    auto const drift = drift_of({begin + static_cast<std::ptrdiff_t>(since), course.values.end()});
    if (!drift) return;
    lines_.push_back(name + " drifts " + (drift->slope > 0 ? "up" : "down") + " by " +
                     plain_number(std::fabs(drift->slope)) + " a commit over the last " + std::to_string(drift->over) +
                     sign(drift->slope));
  }

  Result<PlotBlock> plot_of(Recorded::Series const& series, std::vector<Recorded::Point> const& points,
                            Course const& course, std::vector<std::size_t> const& changes, std::size_t number) const {
    std::vector<std::uint32_t> marked;
    for (std::size_t const at : changes) marked.push_back(course.commits[at]);
    CML_TRY(spec, trend_plot(recorded_, series, points, marked));
    PlotBlock plot{"trend-" + std::to_string(number + 1), series.name, std::move(spec), {}};
    if (!changes.empty()) plot.notes.push_back("a diamond marks the first commit of a new level");
    if (std::size_t const gaps = commits_.size() - course.values.size(); gaps > 0)
      plot.notes.push_back(std::to_string(gaps) + " of " + std::to_string(commits_.size()) + " commits have no value");
    return plot;
  }

  Recorded const& recorded_;
  TrendSettings const& settings_;
  std::vector<std::uint32_t> commits_;
  Model model_;
  std::vector<std::string> lines_;
};

// Table: words of --baseline, and how many commits they mean where none are named.
struct WayRow {
  std::string_view word;
  RecordedBaseline::Way way;
  std::size_t count;
};
constexpr WayRow kWays[] = {{"median", RecordedBaseline::Way::Median, 20},
                            {"last", RecordedBaseline::Way::Last, 1},
                            {"best", RecordedBaseline::Way::Best, 0}};

}  // namespace

Result<Model> trend_of(Recorded const& recorded, TrendSettings const& settings) {
  return TrendWriter(recorded, settings).run();
}

std::optional<RecordedBaseline> parse_recorded_baseline(std::string_view text) {
  auto const colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  for (WayRow const& row : kWays) {
    if (text.substr(0, colon) != row.word) continue;
    std::string_view branch = text.substr(colon + 1);
    RecordedBaseline baseline{row.way, "", row.count};
    if (auto const last = branch.rfind(':'); last != std::string_view::npos) {
      auto const count = parse_integer(branch.substr(last + 1));
      if (!count || *count < 1 || *count > 1'000'000) return std::nullopt;
      baseline.count = static_cast<std::size_t>(*count);
      branch = branch.substr(0, last);
    }
    if (branch.empty() || contains(branch, ":")) return std::nullopt;
    baseline.branch = branch;
    return baseline;
  }
  return std::nullopt;
}

Result<BaselineValues> baseline_values(Recorded const& recorded, RecordedBaseline const& wanted,
                                       std::vector<BetterRule> const& rules, std::string_view except) {
  using Way = RecordedBaseline::Way;
  BaselineValues baseline;
  baseline.commits = commits_of(recorded, wanted.branch, wanted.count, except);
  if (baseline.commits.empty()) return TrendWriter::nothing_recorded(recorded, wanted.branch);
  std::string const count = std::to_string(baseline.commits.size()), on = " on " + wanted.branch;
  if (wanted.way == Way::Last) baseline.name = short_sha(recorded.commits[baseline.commits.back()].sha) + on;
  if (wanted.way != Way::Last) baseline.name = (wanted.way == Way::Best ? "best of " : "median of ") + count + on;
  for (Recorded::Series const& series : recorded.series) {
    auto const points = points_at(series, baseline.commits);
    if (points.empty()) continue;
    Course const course = course_of(points);
    metrics::Metric metric{series.name, points.back().value};
    if (wanted.way != Way::Last && course.values.empty()) continue;
    if (wanted.way == Way::Median) {
      metric.value = median_of(course.values);
      if (course.values.size() > 2) metric.noise = scatter_of(course.values);
    }
    if (wanted.way == Way::Best) {
      auto const best = best_of(course.values, direction_of(series.name, rules));
      if (!best) continue;  // Nobody knows which way is good.
      metric.value = *best;
    }
    baseline.files[series.file].push_back(std::move(metric));
  }
  return baseline;
}

}  // namespace cml::report
