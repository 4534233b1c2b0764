// The values that metrics had in the last commits, for sparklines.
#pragma once

#include "git/git.hpp"
#include "report/compose/baseline.hpp"
#include "report/compose/model.hpp"
#include "report/compose/sources.hpp"

namespace cml::report {

// Fills `history` of the metrics' rows from the last `count` commits of HEAD. `workspace` tells files from folders.
// What an old commit lacks, or cannot be read there, is NaN.
Status add_history(Model& model, Git const& git, Door const& door, DiskSource& workspace, int count);
// The same from the last `count` commits that were recorded of a branch, with the present value behind them.
void add_recorded_history(Model& model, RecordedHistory const&, std::string const& branch, int count);

}  // namespace cml::report
