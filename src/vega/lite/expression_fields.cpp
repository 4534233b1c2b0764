#include "vega/lite/expression_fields.hpp"

namespace cml::vega::lite {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         (c & 0x80);
}

struct Scanner {
  std::string_view text;
  std::size_t at = 0;

  void blanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) ++at;
  }
  std::string word() {
    auto const start = at;
    while (at < text.size() && is_word(text[at])) ++at;
    return std::string(text.substr(start, at - start));
  }
  std::string quoted() {
    char const quote = text[at++];
    std::string out;
    while (at < text.size() && text[at] != quote) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
        out += text[at] == 'n' ? '\n' : text[at] == 't' ? '\t' : text[at];
      } else {
        out += text[at];
      }
      ++at;
    }
    if (at < text.size()) ++at;
    return out;
  }
};

}  // namespace

Strings dependent_fields(std::string_view expression) {
  Strings fields;
  Scanner s{expression};
  char last = 0;  // The character before the current token, blanks aside.
  while (s.at < s.text.size()) {
    char const c = s.text[s.at];
    if (c == '"' || c == '\'') {
      s.quoted();
      last = '"';
      continue;
    }
    if (!is_word(c)) {
      if (c != ' ') last = c;
      ++s.at;
      continue;
    }
    bool const member = last == '.';
    last = 'a';
    if (s.word() != "datum" || member) continue;
    std::string path;
    for (bool first = true;; first = false) {
      auto const before = s.at;
      s.blanks();
      std::string name;
      if (s.at < s.text.size() && s.text[s.at] == '.') {
        ++s.at;
        s.blanks();
        name = s.word();
      } else if (s.at < s.text.size() && s.text[s.at] == '[') {
        ++s.at;
        s.blanks();
        if (s.at < s.text.size() && (s.text[s.at] == '"' || s.text[s.at] == '\''))
          name = s.quoted();
        else
          name = s.word();
        s.blanks();
        if (s.at >= s.text.size() || s.text[s.at] != ']') {  // A computed key: which field is not known.
          add_unique(fields, path);
          s.at = before + 1;
          last = '[';
          break;
        }
        ++s.at;
      } else {
        s.at = before;
        break;
      }
      path += (first ? "" : ".") + name;
      add_unique(fields, path);
    }
  }
  return fields;
}

}  // namespace cml::vega::lite
