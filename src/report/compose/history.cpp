#include "report/compose/history.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "metrics/reader.hpp"

namespace cml::report {
namespace {

std::vector<DiffBlock*> metric_blocks(Model& model) {
  std::vector<DiffBlock*> blocks;
  for (Block& block : model.blocks)
    if (auto* diff = std::get_if<DiffBlock>(&block); diff != nullptr && !diff->params) blocks.push_back(diff);
  return blocks;
}

using Series = std::map<std::string, std::vector<double>>;  // By the metric's name; one point a commit, oldest first.

Series series_of(std::vector<CommitSource>& commits, std::string const& file, bool is_folder) {
  Series series;
  for (std::size_t c = 0; c < commits.size(); ++c) {
    if (!is_folder && !commits[c].has(file)) continue;  // Asking further would be a process for each commit.
    auto const document = metrics::read_document(commits[c], file);
    if (!document) continue;
    for (metrics::Metric const& metric : document->metrics) {
      auto const number = metrics::number_of(metric.value);
      if (!number) continue;
      auto& points = series[metric.name];
      points.resize(commits.size(), std::numeric_limits<double>::quiet_NaN());
      points[c] = *number;
    }
  }
  return series;
}

}  // namespace

Status add_history(Model& model, Git const& git, Door const& door, DiskSource& workspace, int count) {
  std::vector<std::string> files, plain;
  for (DiffBlock const* block : metric_blocks(model))
    for (Row const& row : block->rows)
      if (std::find(files.begin(), files.end(), row.file) == files.end()) files.push_back(row.file);
  if (files.empty()) return ok();
  CML_TRY(shas, git.history("HEAD", count));
  std::reverse(shas.begin(), shas.end());
  std::vector<CommitSource> commits;
  for (std::string const& sha : shas) commits.emplace_back(git, door, sha, sha.substr(0, 7));
  auto const is_folder = [&](std::string const& file) {
    return workspace.kind(file) == FileKind::Directory || metrics::run_choice(workspace, file);
  };
  for (std::string const& file : files)
    if (!is_folder(file)) plain.push_back(file);
  CML_CHECK_OK(CommitSource::prefetch_all(commits, plain, metrics::Limits{}.max_bytes));
  for (std::string const& file : files) {
    Series const series = series_of(commits, file, is_folder(file));
    for (DiffBlock* block : metric_blocks(model)) {
      for (Row& row : block->rows) {
        if (row.file != file) continue;
        if (auto const found = series.find(row.name); found != series.end()) row.history = found->second;
        auto const now = row.new_value ? metrics::number_of(*row.new_value) : std::nullopt;
        if (now && !row.history.empty() && row.history.back() != *now)
          row.history.push_back(*now);  // Not committed yet.
      }
    }
  }
  return ok();
}

void add_recorded_history(Model& model, RecordedHistory const& history, std::string const& branch, int count) {
  auto const commits = commits_of(history.recorded, branch, static_cast<std::size_t>(count), history.present);
  std::map<std::pair<std::string_view, std::string_view>, Recorded::Series const*> known;
  for (Recorded::Series const& series : history.recorded.series) known[{series.file, series.name}] = &series;
  for (DiffBlock* block : metric_blocks(model)) {
    for (Row& row : block->rows) {
      std::string const file = recorded_name(history.below, row.file);
      auto const found = known.find({file, row.name});
      auto const points = found != known.end() ? points_at(*found->second, commits) : std::vector<Recorded::Point>();
      if (points.empty()) continue;
      row.history.assign(commits.size(), std::numeric_limits<double>::quiet_NaN());
      std::size_t at = 0;
      for (auto const& point : points) {
        while (commits[at] != point.commit) ++at;
        row.history[at] = point.value;
      }
      if (auto const now = row.new_value ? metrics::number_of(*row.new_value) : std::nullopt)
        row.history.push_back(*now);
    }
  }
}

}  // namespace cml::report
