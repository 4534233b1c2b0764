// What a report compares with.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "git/git.hpp"
#include "metrics/source.hpp"

namespace cml::report {

struct Baseline {
  std::string name;                         // "main", "results/old.json"
  std::unique_ptr<metrics::Source> source;  // Null: nothing to compare with.
  std::string file;                         // Not empty: this one file stands for every file asked for.
};

// `compare`: "auto" (the merge base with the target branch, nothing when there is no such branch), "none", a revision, a file
// or a folder. NotFound says which fetch is missing.
Result<Baseline> find_baseline(std::string const& compare, std::string const& target_branch, FileSystem&, Git const&,
                               std::filesystem::path const& here);
// The path of `file` in the baseline: the same, or only its name for folders that are laid out flat.
std::string path_in(Baseline const&, std::string const& file);

}  // namespace cml::report
