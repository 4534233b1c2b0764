// The locales that have a name, as d3-format and d3-time-format publish them (templates/locales).
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "vega/value/value.hpp"

namespace cml {

enum class LocaleKind { Number, Time };

// A definition in Vega's form by its name ("de-DE"). NotFound names the nearest ones.
Result<vega::Value> named_locale(LocaleKind kind, std::string_view name);

}  // namespace cml
