// Vega's event selectors ("[pointerdown, window:pointerup] > window:pointermove!") as stream definitions.
#pragma once

#include "vega/lite/js.hpp"

namespace cml::vega::lite {

// An array of streams; refuses malformed selectors.
Value parse_event_selector(std::string_view selector, std::string_view default_source);

}  // namespace cml::vega::lite
