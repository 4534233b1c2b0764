// Recorded metrics (report/trend), reached with the forge's login.
#pragma once

#include <string>

#include "app/context.hpp"
#include "git/git.hpp"
#include "report/compose/baseline.hpp"
#include "report/compose/model.hpp"
#include "report/trend/record_store.hpp"
#include "workspace/door.hpp"

namespace cml {

struct OpenRecords {
  report::RecordPlace place;
  Git git;  // At the top of the clone.
  Door door;
  std::string below;  // The current folder, from the top.
  report::RecordAccess access;
};
// `place` as --records says it; `remote` is left out where the clone has none of that name, and the ref is then this
// clone's alone. Usage when there is no clone and the place is no folder. The result must not be moved from its holder:
// its access points into it.
Result<std::unique_ptr<OpenRecords>> open_records(Context&, std::string const& place, std::string const& remote,
                                                  Origin);

bool compares_with_records(report::Settings const&);
// All that is recorded, for those who compare with it.
report::RecordedHistory recorded_history(Context&, std::string const& place, Origin);

}  // namespace cml
