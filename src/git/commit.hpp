// A commit made beside the working tree: branch, index and files of the clone stay as they are.
#pragma once

#include <string>
#include <vector>

#include "git/git.hpp"
#include "ports/file_system.hpp"

namespace cml {

struct CommitRequest {
  std::string base;                // The parent.
  std::vector<std::string> files;  // From the top level: changed, new or deleted.
  std::string message;
  std::string name, email;  // Author and committer.
};
// The commit, or `base` when the files do not differ from it. `git` must stand in the top level.
Result<std::string> commit_files(Git const& git, FileSystem&, CommitRequest const&);

}  // namespace cml
