// What a report compares with.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "git/git.hpp"
#include "metrics/source.hpp"
#include "workspace/door.hpp"

namespace cml::report {

struct Baseline {
  std::string name;                         // "main", "results/old.json"
  std::unique_ptr<metrics::Source> source;  // Null: nothing to compare with.
  std::string file;                         // Not empty: this one file stands for every file asked for.
};

// `compare`: "auto" (the merge base with the target branch, nothing when there is no such branch), "none", a revision,
// a file or a folder. NotFound says which fetch is missing.
struct BaselineRequest {
  std::string compare, target_branch;
  Door const* door = nullptr;
  Git const* git = nullptr;
  std::filesystem::path here;
  Origin origin = Origin::CommandLine;  // Who named a file or folder.
};
Result<Baseline> find_baseline(BaselineRequest const&);
// The path of `file` in the baseline: the same, or only its name for folders that are laid out flat.
std::string path_in(Baseline const&, std::string const& file);

}  // namespace cml::report
