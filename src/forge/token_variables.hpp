// The variables in which tokens are looked for, apart from the forges: cml-agent, which hides them from jobs, has none.
#pragma once

#include <string_view>
#include <vector>

namespace cml {

// A forge's own, in the order in which they count.
std::vector<std::string_view> tokens_of(std::string_view forge);

}  // namespace cml
