// The command table: one row per command; everything else about a command is in its own file.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "app/context.hpp"
#include "app/flags.hpp"

namespace cml {

using Action = std::function<Status(Context&)>;

struct CommandAlias {
  std::string_view name;    // "send-comment": as a word after cml, and as the name of the binary (cml-send-comment).
  std::string_view notice;  // One line logged when it is used; empty: silently accepted.
};

struct Command {
  std::string_view name;  // "comment create"
  std::string_view summary;
  Action (*declare)(Flags&);  // Declares flags; returns what to run once they are filled.
  std::vector<CommandAlias> aliases = {};
  std::vector<std::string_view> environment = {};  // Prefixes of its options in the environment, the preferred first.
  bool listed = true;                              // In `cml --help`.
};

std::vector<Command> const& commands();

// The words that the name of the binary stands for: "cml-publish" gives {"publish"}, "vl2png" gives {"vl2png"}, "cml"
// none.
std::vector<std::string> words_of_program_name(std::string_view program_path);

}  // namespace cml
