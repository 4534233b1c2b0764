#pragma once

#include <string>
#include <string_view>

#include "vega/value/value.hpp"

namespace cml {

// One page that shows `svg` at once and, where a browser can fetch Vega from its public network, the live view of
// `spec` (Vega) in its place. `title` is plain text, `renderer` one that Vega knows.
std::string html_page(std::string_view svg, vega::Value const& spec, std::string_view title, std::string_view renderer);

}  // namespace cml
