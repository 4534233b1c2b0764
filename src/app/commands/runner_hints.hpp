// What the clone's workflows say about a launch: whether its spot machine's jobs would run again, and whether any job
// asks for what the runner has. Advice only: what cannot be read is left out.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/context.hpp"
#include "runner/launch.hpp"

namespace cml {

// The labels that the jobs of a workflow of GitHub ask for, one set a job; those of GitHub's own machines, and those
// that an expression decides, are left out.
std::vector<std::set<std::string>> labels_asked_for(std::string_view workflow);

void advise_on_launch(Context&, std::string_view forge, runner::LaunchOptions const&, bool spot);

}  // namespace cml
