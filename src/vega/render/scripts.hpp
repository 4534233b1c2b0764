// What is known of scripts: their names, the language that stands for each when fonts are asked for, and Debian's
// package of a font.
#pragma once

#include <string_view>

#include "vega/render/shaper.hpp"

namespace cml::vega {

// As fontconfig spells it ("hi"); empty: none in particular.
std::string_view language_of(ScriptTag script);

struct FontAdvice {
  std::string_view script;   // "Devanagari"; empty: no script is known for the character.
  std::string_view package;  // "fonts-noto-core"; empty: Debian's Noto fonts are not known to hold it.
};
FontAdvice font_for(char32_t code);

}  // namespace cml::vega
