#pragma once

#include <string>
#include <string_view>

namespace cml {

// Without terminal colours, cursor movements and what a progress bar overwrote.
std::string without_ansi(std::string_view text);

}  // namespace cml
