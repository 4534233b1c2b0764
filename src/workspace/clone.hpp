// The clone around a folder, found without asking git.
//
// git takes the first folder on the way up that looks like a repository, and what such a folder's configuration says is
// believed and run. A pull request may bring such a folder: ordinary files named HEAD, config, objects/x and refs/x. So
// cml looks for itself, for ".git" alone (which git refuses to track), not above the CI's workspace, and names what it
// found to git. git then checks no owners, so that is done here, too.
//
// Example: in /ci/repo/model, with the CI's workspace /ci/repo and model/{HEAD,config,objects,refs} of the pull
// request, git says that the repository is /ci/repo/model; cml refuses to run there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/file_system.hpp"

namespace cml {

struct Clone {
  std::filesystem::path top;         // The working tree's, real.
  std::filesystem::path git_folder;  // Real: top/.git, or what the file top/.git names (worktrees, submodules).
  std::filesystem::path common;      // Where objects and branches lie: another folder only in a worktree.
};

struct CloneRequest {
  std::filesystem::path here;
  std::filesystem::path ci_workspace;  // As the CI names it; empty: none, or outside of a CI.
  // The folders that the user declared safe though others own them (git's safe.directory). Asked only when it matters.
  std::function<std::vector<std::string>()> safe_folders;
};

// NotFound: there is no clone. Unauthorized: there is one that is not believed, and why.
Result<Clone> find_clone(FileSystem&, CloneRequest const&);

}  // namespace cml
