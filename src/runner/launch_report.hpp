// What a launch in a cloud tells: of its plan, and of the machines that it made.
#pragma once

#include <string>
#include <vector>

#include "runner/machine_plan.hpp"

namespace cml::runner {

// For people: the steps of a plan with what undoes them, its price and its limit.
std::string plan_text(PlanTask const&, Launched const&);
// {"dry_run": true, "plans": [...]}
std::string plans_json(std::vector<Launched> const&);
// CML's attributes of a machine, under its names: one line of JSON each.
std::vector<std::string> attributes(PlanTask const&, std::vector<Launched> const&);

}  // namespace cml::runner
