// What the CI's environment says about this run: which commit, which pull request, under which names.
#pragma once

#include <optional>
#include <string>

#include "ports/environment.hpp"
#include "ports/file_system.hpp"

namespace cml {

struct CiRun {
  std::string system;      // "GitHub Actions"; empty: no CI that we know.
  std::string forge;       // "github" when the system belongs to a forge.
  bool in_ci = false;      // Also for systems that we do not know by name (CI=true).
  std::string repository;  // URL or owner/name.
  std::string server_url;  // "https://github.com"
  std::string api_url;
  std::string sha;  // Head of the pull request, not the merge commit.
  // `sha` may be a merge that the CI made of the pull request and its target.
  enum class Merge {
    None,
    HeadIsSecond,  // GitHub's refs/pull/N/merge: always such a merge.
    JenkinsMerged  // The head is its first parent, when Jenkins had to merge at all.
  } merge = Merge::None;
  std::optional<long long> pull_request;
  std::string pull_request_repository;  // Where that number counts, when it is not `repository`: a fork's own pipeline.
  std::string fork;  // "ada/r", where the commits are, when that is not the repository that the run belongs to.
  std::string branch;
  std::string head_owner;     // Of the fork that the run's commit and `branch` are in; empty: this repository.
  std::string target_branch;  // Of the pull request; empty outside of one.
  std::string workflow, run;  // For watermark labels.
  std::string run_url;        // Where people see this run; may be empty.
  std::string workspace;      // Folder.
};

CiRun read_ci(Environment const&, FileSystem&);

}  // namespace cml
