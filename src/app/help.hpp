// What --help prints.
#pragma once

#include <string>

#include "app/parser.hpp"

namespace cml {

// How many columns the terminal has, as far as the environment says it.
std::size_t help_width(Environment const&);

// What stands behind an option's name: " VALUE", " a|b", "[=VALUE]" or nothing.
std::string value_of_option(Flag const&);

std::string command_help(ParseTask const&, std::size_t width);
// All commands, by what they are for.
std::string commands_help(std::size_t width);

// `text` in lines that end before `width`, each but the first indented by `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace cml
