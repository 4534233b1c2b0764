// Reads what the settings ask for. What cannot be read is a warning and a line in the report, or an error under
// --strict.
#pragma once

#include <filesystem>

#include "base/diagnostics.hpp"
#include "git/git.hpp"
#include "report/compose/baseline.hpp"
#include "report/compose/model.hpp"
#include "workspace/door.hpp"

namespace cml::report {

struct GatherRequest {
  Door const* door = nullptr;
  Git const* git = nullptr;
  std::filesystem::path here;                // Paths count from here.
  std::string target_branch;                 // Of the pull request; empty: not known.
  RecordedHistory const* history = nullptr;  // Where the settings name recorded metrics.
};
Result<Model> gather(Settings const&, GatherRequest const&, Diagnostics&);

}  // namespace cml::report
