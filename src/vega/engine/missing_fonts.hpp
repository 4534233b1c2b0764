// What is said of fonts that a chart asked for and this machine has not.
#pragma once

#include "base/diagnostics.hpp"
#include "base/result.hpp"
#include "vega/render/fonts.hpp"

namespace cml {

enum class MissingFontsRule { Fallback, Warn, Error };  // Others in silence, others with a warning, no picture.

Status tell_missing(vega::MissingFonts const& missing, MissingFontsRule rule, Diagnostics& diagnostics);

}  // namespace cml
