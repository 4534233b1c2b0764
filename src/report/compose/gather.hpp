// Reads what the settings ask for. What cannot be read is a warning and a line in the report, or an error under
// --strict.
#pragma once

#include <filesystem>

#include "base/diagnostics.hpp"
#include "git/git.hpp"
#include "ports/file_system.hpp"
#include "report/compose/model.hpp"

namespace cml::report {

struct GatherRequest {
  FileSystem* files = nullptr;
  Git const* git = nullptr;
  std::filesystem::path here;       // Paths count from here.
  std::filesystem::path workspace;  // Files of the repository lead to nothing outside of it.
  std::string target_branch;        // Of the pull request; empty: not known.
};
Result<Model> gather(Settings const&, GatherRequest const&, Diagnostics&);

}  // namespace cml::report
