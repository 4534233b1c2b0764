// The whole tool as a function: words in, result on the console, errors as values. tools/cml/main.cpp wires it.
#pragma once

#include <string>
#include <vector>

#include <optional>

#include "app/commands.hpp"
#include "app/context.hpp"

namespace cml {

std::string_view version();
// What a command line means, before anything is done.
struct ChosenCommand {
  Command const* command = nullptr;   // Null: the overview, or the version.
  std::string_view notice;            // To be logged; empty: none.
  std::optional<std::string> answer;  // Help or version: print this and do nothing else.
  Action action;
};
// The options of every command; they fill `options`.
Flags global_flags(GlobalOptions& options);

Result<ChosenCommand> choose_command(std::vector<std::string> const& arguments, Environment const&, GlobalOptions&);

// `arguments` with the program's own path first, as in argv.
Status run_program(std::vector<std::string> const& arguments, Context&);

}  // namespace cml
