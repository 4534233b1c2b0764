// Commands with their options, as completions and manual pages list them.
#pragma once

#include <string>
#include <vector>

#include "app/commands.hpp"

namespace cml {

struct DeclaredCommand {
  Command const* command = nullptr;
  Flags flags;
};
// Those of `cml --help`, in its order.
std::vector<DeclaredCommand> declared_commands();
// The options of every command.
Flags declared_global_flags();

// Whether the next word may be the option's value.
bool takes_word(Flag const&);
// "--title", of "--title" and "-t".
std::string const& long_name(Flag const&);

}  // namespace cml
