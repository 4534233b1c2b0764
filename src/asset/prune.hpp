// Takes old files off an asset branch, by git, and rewrites the branch so that the space is freed.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "git/git.hpp"
#include "ports/file_system.hpp"

namespace cml {

struct PruneRequest {
  std::string remote = "origin", branch;
  std::chrono::system_clock::time_point before;  // Files stored before this go.
  bool dry_run = false;
};
struct PruneResult {
  std::size_t removed = 0, kept = 0;  // Files.
};
// Only files named by their content count; others on the branch stay. Those that stay keep the dates on which they were
// stored. Conflict when somebody stores files meanwhile. NotFound when there is no such branch. `git` must stand in the
// top level of a clone.
Result<PruneResult> prune_branch(Git const& git, FileSystem&, PruneRequest const&);

// "90d", "12h", "4w"; nothing for anything else.
std::optional<std::chrono::hours> parse_age(std::string_view text);

}  // namespace cml
