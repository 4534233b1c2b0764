#include "report/compose/escape.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace cml::report {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\0'; }

// Where a word of letters, digits, "_", "+" and "-" that begins at `at` ends.
std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_word(text[at]) || contains("_+-", text.substr(at, 1)))) ++at;
  return at;
}

// The end of what makes a bare address a link: "https:", "www".
bool starts_link(std::string_view text, std::size_t i) {
  return text.substr(i, 3) == "://" ||
         (i >= 2 && text.substr(i + 1, 1) == "." && equals_ignoring_case(text.substr(i - 2, 3), "www")) ||
         (text[i] == ':' && i >= 6 && equals_ignoring_case(text.substr(i - 6, 6), "mailto"));
}

// Marks that turn the direction of text round, also of what stands behind them.
bool turns_text(std::string_view at) {
  auto const third = at.size() >= 3 ? static_cast<unsigned char>(at[2]) : 0;
  return (at.starts_with("\xE2\x80") && third >= 0xAA && third <= 0xAE) ||
         (at.starts_with("\xE2\x81") && third >= 0xA6 && third <= 0xA9);
}

template <class Special>
std::string neutralised(std::string_view whole, Special special) {
  std::string text;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (turns_text(whole.substr(i)))
      i += 2;
    else
      text += whole[i];
  }
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    special(text, i, result);
    if (starts_reference(text, i) || starts_link(text, i)) result += kJoiner;
  }
  return result;
}

}  // namespace

bool starts_reference(std::string_view text, std::size_t i) {
  char const c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
  if (c == '@') return !is_blank(next);
  if (contains("#!%&~$^", std::string_view(&c, 1))) return is_word(next) || next == '_' || next == '"' || next == '-';
  if (c == '[' || c == ':') {
    auto const end = word_end(text, i + 1);
    std::string_view const name = text.substr(i + 1, end - i - 1);
    bool const number = name.find_first_not_of("0123456789") == std::string_view::npos && name != "100" &&
                        name != "1234";  // "07:32:00" is a time.
    return text.substr(end, 1) == ":" && !number;
  }
  return c == '-' && next >= '0' && next <= '9' && i >= 2 && equals_ignoring_case(text.substr(i - 2, 2), "gh");
}

std::string escape_markdown(std::string_view text, std::size_t max_bytes) {
  std::string const line = one_line(valid_utf8(text), max_bytes);
  return neutralised(line, [](std::string_view all, std::size_t i, std::string& out) {
    char const c = all[i];
    bool escape = contains("\\`*[]|<>$", std::string_view(&c, 1));
    // An underscore inside a word means nothing; names with it stay readable in the source. A tilde strikes through
    // even when it is single.
    if (c == '_') escape = i == 0 || i + 1 == all.size() || !is_word(all[i - 1]) || !is_word(all[i + 1]);
    if (c == '~') escape = true;
    if (c == '#') escape = i + 1 == all.size();  // A heading would lose it.
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      if (escape) out += '\\';
      out += c;
    }
  });
}

std::string escape_summary(std::string_view text) {
  return neutralised(one_line(valid_utf8(text)), [](std::string_view all, std::size_t i, std::string& out) {
    switch (all[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '`':
        out += "&#96;";
        break;
      case '*':
        out += "&#42;";
        break;
      case '[':
        out += "&#91;";
        break;
      case '|':
        out += "&#124;";
        break;  // Of a picture in a table's cell.
      default:
        out += all[i];
    }
  });
}

std::string fenced(std::string_view text, std::string_view info) {
  std::size_t longest = 2, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  std::string const fence(longest + 1, '`');
  std::string body(text);
  if (!body.empty() && body.back() != '\n') body += '\n';
  return fence + std::string(info) + "\n" + body + fence + "\n";
}

std::string link_destination(std::string_view path) { return percent_encode(path, "/"); }

}  // namespace cml::report
