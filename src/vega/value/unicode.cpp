#include "vega/value/unicode.hpp"

#include "vega/value/budget.hpp"

namespace cml::vega {

char32_t decode_utf8(std::string_view text, std::size_t& at) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char const first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  int const more = first >= 0xF0 && first < 0xF5   ? 3
                   : first >= 0xE0 && first < 0xF0 ? 2
                   : first >= 0xC2 && first < 0xE0 ? 1
                                                   : 0;
  if (!more || at + static_cast<std::size_t>(more) >= text.size()) {
    ++at;
    return 0xFFFD;
  }
  char32_t code = first & (0x3F >> more);
  for (int i = 1; i <= more; ++i) {
    unsigned char const next = byte(at + static_cast<std::size_t>(i));
    if ((next & 0xC0) != 0x80) {
      ++at;
      return 0xFFFD;
    }
    code = code << 6 | (next & 0x3F);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    ++at;
    return 0xFFFD;
  }
  at += static_cast<std::size_t>(more) + 1;
  return code;
}

void append_utf8(std::string& out, char32_t code) {
  auto const put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

std::u16string to_utf16(std::string_view utf8) {
  std::u16string out;
  budget::steps(2 * utf8.size());
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    char32_t const code = decode_utf8(utf8, at);
    if (code < 0x10000) {
      out += static_cast<char16_t>(code);
    } else {
      out += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string to_utf8(std::u16string_view units) {
  std::string out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    char32_t code = units[i];
    if (code >= 0xD800 && code < 0xE000) {
      bool const pair = code < 0xDC00 && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000;
      code = pair ? 0x10000 + ((code - 0xD800) << 10) + (units[++i] - 0xDC00u) : 0xFFFD;
    }
    append_utf8(out, code);
  }
  return out;
}

char32_t lower_code(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) || (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c == 0x130) return 'i';
  if (c == 0x178) return 0xFF;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1DE && c <= 0x1EF) ||
      (c >= 0x1F8 && c <= 0x21F) || (c >= 0x222 && c <= 0x233) || (c >= 0x460 && c <= 0x481) ||
      (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95) ||
      (c >= 0x1EA0 && c <= 0x1EFF))
    return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x1CD && c <= 0x1DC)) return c & 1 ? c + 1 : c;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x386) return 0x3AC;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x531 && c <= 0x556) return c + 48;
  if (c >= 0xFF21 && c <= 0xFF3A) return c + 32;
  return c;
}

char32_t upper_code(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  if (c == 0xB5) return 0x39C;
  if (c == 0xFF) return 0x178;
  if (c == 0x3C2) return 0x3A3;
  if (c == 0x131) return 'I';
  // The inverse of lower_code: the candidates are few.
  for (char32_t candidate : {c - 32, c - 1, c - 80, c - 48, c - 37, c - 38, c - 63, c - 64})
    if (candidate < c && candidate >= 0xC0 && lower_code(candidate) == c) return candidate;
  return c;
}

std::string to_lower(std::string_view text) {
  std::string out;
  budget::steps(4 * text.size());
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(out, lower_code(decode_utf8(text, at)));
  return out;
}
std::string to_upper(std::string_view text) {
  std::string out;
  budget::steps(4 * text.size());
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    char32_t const code = decode_utf8(text, at);
    if (code == 0xDF)
      out += "SS";
    else
      append_utf8(out, upper_code(code));
  }
  return out;
}

}  // namespace cml::vega
