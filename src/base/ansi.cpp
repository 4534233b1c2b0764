#include "base/ansi.hpp"

namespace cml {

std::string without_ansi(std::string_view text) {
  std::string result;
  std::size_t line = 0;  // Where the current line of `result` begins.
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '\x1b' && i + 1 < text.size()) {
      char const kind = text[++i];
      if (kind == '[') {
        while (++i < text.size() && !(text[i] >= '@' && text[i] <= '~')) continue;
      } else if (kind == ']') {  // A title or a link, up to BEL or ESC "\".
        while (++i < text.size() && text[i] != '\x07' && text[i] != '\x1b') continue;
        if (i < text.size() && text[i] == '\x1b') ++i;
      }
    } else if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] != '\n') result.resize(line);
    } else if (c == '\b') {
      if (result.size() > line) result.pop_back();
    } else if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20) {
      result += c;
      if (c == '\n') line = result.size();
    }
  }
  return result;
}

}  // namespace cml
