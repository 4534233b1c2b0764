#include "app/declared.hpp"

#include <algorithm>

#include "app/program.hpp"

namespace cml {

std::vector<DeclaredCommand> declared_commands() {
  std::vector<DeclaredCommand> declared;
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    declared.emplace_back().command = &command;
    (void)command.declare(declared.back().flags);
  }
  return declared;
}

Flags declared_global_flags() {
  static GlobalOptions unused;  // What the flags would fill.
  return global_flags(unused);
}

bool takes_word(Flag const& flag) { return flag.kind != Flag::Kind::Boolean && flag.kind != Flag::Kind::OptionalText; }

std::string const& long_name(Flag const& flag) {
  auto const found = std::find_if(flag.names.begin(), flag.names.end(), [](auto const& n) { return n.size() > 2; });
  return found == flag.names.end() ? flag.names.front() : *found;
}

}  // namespace cml
