// Completion of command lines: a script for a shell, made from the table of commands.
//
//   cml completion bash > ~/.local/share/bash-completion/completions/cml
#pragma once

#include <string>

#include "base/choice.hpp"

namespace cml {

enum class Shell { Bash, Zsh, Fish };
inline constexpr Choice<Shell> kShells[] = {{"bash", Shell::Bash}, {"zsh", Shell::Zsh}, {"fish", Shell::Fish}};

std::string completion_script(Shell);

}  // namespace cml
