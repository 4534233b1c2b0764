// The values that metrics had in the last commits, for sparklines.
#pragma once

#include "git/git.hpp"
#include "report/compose/model.hpp"
#include "report/compose/sources.hpp"

namespace cml::report {

// Fills `history` of the metrics' rows from the last `count` commits of HEAD. `workspace` tells files from folders.
// What an old commit lacks, or cannot be read there, is NaN.
Status add_history(Model& model, Git const& git, Door const& door, DiskSource& workspace, int count);

}  // namespace cml::report
