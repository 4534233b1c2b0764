// The whole tool as a function: words in, result on the console, errors as values. tools/cml/main.cpp wires it.
#pragma once

#include <string>
#include <vector>

#include "app/context.hpp"

namespace cml {

std::string_view version();
// `arguments` with the program's own path first, as in argv.
Status run_program(std::vector<std::string> const& arguments, Context&);

}  // namespace cml
