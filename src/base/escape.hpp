#pragma once

#include <string>
#include <string_view>

namespace cml {

// Text between HTML's tags, or between the double quotes of an attribute.
std::string escape_html(std::string_view text);

}  // namespace cml
