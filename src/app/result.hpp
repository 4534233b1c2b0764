// How a command ends: what it has to say, and what --strict makes of it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/context.hpp"
#include "base/diagnostics.hpp"

namespace cml {

void say(Context&, Diagnostics const&);  // Each warning, a line.
// Under --strict: BadInput when something that was asked for is not done. To be returned once the result is out.
Status complete(bool strict, Diagnostics const&);

// The result under --json: one line.
Status print_json(Context&, nlohmann::json const&);
nlohmann::json in_json(Diagnostics const&);  // The lines, as a list.
// What --json prints instead of a result: {"error", "exit_code"} and a line break.
std::string error_in_json(Error const&, int exit_code);

}  // namespace cml
