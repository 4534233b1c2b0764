// From words to filled flags: CLI11 reads the line, the environment fills what the line left open.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/flags.hpp"
#include "ports/environment.hpp"

namespace cml {

struct ParseTask {
  std::string title;  // "cml comment create", for messages and help.
  std::string summary;
  Flags const* flags = nullptr;            // The command's own.
  Flags const* global = nullptr;           // Those of every command.
  std::vector<std::string_view> prefixes;  // Environment prefixes of the command.
};

// The names under which an option is looked up in the environment, in order.
std::vector<std::string> environment_names(ParseTask const&, Flag const&, bool is_global);

struct Parsed {
  std::optional<std::string> help;  // Set: print this and do nothing else.
};
Result<Parsed> parse_words(ParseTask const&, std::vector<std::string> words, Environment const&);

}  // namespace cml
