// A report in the Markdown that a forge shows: HTML where it shows HTML, no line that it would take for a command.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.hpp"
#include "forge/forge.hpp"

namespace cml {

std::string in_dialect(std::string content, Capabilities const&, std::string_view forge, Diagnostics&);

}  // namespace cml
