// UTF-8 text read as code points or as JavaScript's UTF-16 units, and simple case mapping.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cml::vega {

// The code point at `at`, which moves past it. A malformed byte reads as U+FFFD and takes one byte.
char32_t decode_utf8(std::string_view text, std::size_t& at);
void append_utf8(std::string& out, char32_t code);

std::u16string to_utf16(std::string_view utf8);
std::string to_utf8(std::u16string_view units);  // Lone surrogates become U+FFFD.

// One code point to one, for the scripts that have case in common use (Latin, Greek, Cyrillic, Armenian, full-width).
char32_t lower_code(char32_t code);
char32_t upper_code(char32_t code);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);  // Sharp s becomes SS.

}  // namespace cml::vega
