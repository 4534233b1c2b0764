// What the CI's environment says about this run: which commit, which pull request, under which names.
#pragma once

#include <optional>
#include <string>

#include "ports/environment.hpp"
#include "ports/file_system.hpp"

namespace cml {

struct CiRun {
  std::string system;    // "GitHub Actions"; empty: no CI that we know.
  std::string forge;     // "github" when the system belongs to a forge.
  bool in_ci = false;    // Also for systems that we do not know by name (CI=true).
  std::string repository;  // URL or owner/name.
  std::string server_url;  // "https://github.com"
  std::string api_url;
  std::string sha;       // Head of the pull request, not the merge commit.
  bool merge_checkout = false;  // `sha` may be a merge of the pull request into its target: its second parent is the head.
  std::optional<long long> pull_request;
  std::string branch;
  std::string workflow, run;  // For watermark labels.
  std::string run_url;        // Where people see this run; may be empty.
  std::string workspace;      // Folder.
};

CiRun read_ci(Environment const&, FileSystem&);

}  // namespace cml
