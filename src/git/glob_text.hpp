// Brackets of globs.
#pragma once

#include <string_view>
#include <vector>

namespace cml {

// The index of the bracket that closes the one at `open`; npos when there is none.
std::size_t glob_closing(std::string_view text, std::size_t open, char left, char right);
// The alternatives between `separator`s that are not inside brackets.
std::vector<std::string_view> glob_alternatives(std::string_view text, char separator);

}  // namespace cml
