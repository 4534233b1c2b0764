// What a report compares with.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "git/git.hpp"
#include "metrics/source.hpp"
#include "metrics/value.hpp"
#include "report/compose/rows.hpp"
#include "report/trend/recorded.hpp"
#include "workspace/door.hpp"

namespace cml::report {

struct Baseline {
  std::string name;                         // "main", "results/old.json"
  std::unique_ptr<metrics::Source> source;  // Null: nothing to compare with.
  std::string file;                         // Not empty: this one file stands for every file asked for.
  // Of recorded metrics: the values of each file, counted from the repository's top. `source` is empty then.
  std::optional<std::map<std::string, std::vector<metrics::Metric>>> recorded = {};
  std::string below = {};                   // Where paths count from, from the top.
  std::vector<std::uint32_t> commits = {};  // That were recorded, the oldest first.
};

// What `cml report record` has kept (report/trend), loaded once for all that compare with it.
struct RecordedHistory {
  Recorded recorded;
  std::string below;             // The current folder, from the repository's top.
  std::string present;           // The commit of this run, which does not count.
  std::optional<Error> failure;  // It could not be read.
};

// `compare`: "auto" (the merge base with the target branch, nothing when there is no such branch), "none", a revision,
// a file, a folder, or recorded metrics ("median:main:20"). NotFound says which fetch is missing.
struct BaselineRequest {
  std::string compare, target_branch;
  Door const* door = nullptr;
  Git const* git = nullptr;
  std::filesystem::path here;
  Origin origin = Origin::CommandLine;  // Who named a file or folder.
  RecordedHistory const* history = nullptr;
  std::vector<BetterRule> const* better = nullptr;  // Which of the recorded values is the best.
};
Result<Baseline> find_baseline(BaselineRequest const&);
// The path of `file` in the baseline: the same, or only its name for folders that are laid out flat.
std::string path_in(Baseline const&, std::string const& file);
// What the baseline says of a file of metrics; NotFound when it has none.
Result<metrics::Document> document_in(Baseline const&, std::string const& file);
// A file as it is called among recorded metrics.
std::string recorded_name(std::string const& below, std::string const& file);

}  // namespace cml::report
