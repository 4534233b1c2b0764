#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>

namespace cml {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Optimal string alignment: insertions, deletions, substitutions and swapped neighbours cost one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before = previous;
    previous = current;
  }
  return previous[b.size()];
}

// The character at the start of `text`, which is not empty, and its length; length 1 and U+FFFD for a byte that is not
// UTF-8.
struct Character {
  char32_t code = 0xFFFD;
  std::size_t length = 1;
};
Character first_character(std::string_view text) {
  auto const lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  std::size_t const length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead >= 0xF5 || text.size() < length) return {};
  char32_t code = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    auto const next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = code << 6 | (next & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, length};
}

struct Range {
  char32_t first, last;
};
// Table: soft hyphen, marks and overrides of direction, joiners and blanks of no width, tags.
constexpr Range kUnseen[] = {{0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E}, {0x200B, 0x200F},  {0x202A, 0x202E},
                             {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
// Control characters and separators of lines: a blank stands for them.
constexpr Range kBreaks[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}};
template <std::size_t count>
bool is_in(Range const (&ranges)[count], char32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](Range range) { return code >= range.first && code <= range.last; });
}

// The length of the terminal's escape sequence at the start of `text`, which starts with ESC.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return 1;
  if (text[1] == '[') {  // CSI: up to a letter.
    auto const end = std::find_if(text.begin() + 2, text.end(), [](char c) { return c >= '@' && c <= '~'; });
    return end == text.end() ? 2 : static_cast<std::size_t>(end - text.begin()) + 1;
  }
  if (text[1] != ']') return 2;
  auto const end = text.find_first_of("\a\x1b", 2);  // OSC: up to BEL, or to another sequence.
  return end == std::string_view::npos ? 2 : end + (text[end] == '\a' ? 1 : 0);
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  auto const first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    auto const at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  auto at = from.empty() ? std::string::npos : text.find(from);
  if (at == std::string::npos) return text;
  std::string result;  // Beside the text: within it each would move all that follows.
  result.reserve(text.size());
  std::size_t done = 0;
  for (; at != std::string::npos; at = text.find(from, done)) {
    result.append(text, done, at - done);
    result += to;
    done = at + from.size();
  }
  return result.append(text, done);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      int const high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        result.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    result.push_back(text[i]);
  }
  return result;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (char c : text) {
    bool const unreserved =
        (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || keep.find(c) != std::string_view::npos) {
      result.push_back(c);
    } else {
      auto const byte = static_cast<unsigned char>(c);
      result.push_back('%');
      result.push_back(kHex[byte >> 4]);
      result.push_back(kHex[byte & 15]);
    }
  }
  return result;
}

std::optional<long long> parse_integer(std::string_view text) {
  long long value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (std::string_view yes : {"true", "yes", "on", "1"})
    if (equals_ignoring_case(text, yes)) return true;
  for (std::string_view no : {"false", "no", "off", "0"})
    if (equals_ignoring_case(text, no)) return false;
  return std::nullopt;
}

std::string_view nearest(std::string_view word, std::vector<std::string_view> const& names) {
  if (word.size() > 64) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view name : names) {
    std::size_t distance = edit_distance(word, name);
    // A word cut short ("--water") is near, too.
    if (word.size() >= 4 && name.substr(0, word.size()) == word) distance = std::min<std::size_t>(distance, 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string one_line(std::string_view text, std::size_t bytes) {
  std::string result(utf8_prefix(trim(text), bytes));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  if (trim(text).size() > result.size()) result += "...";
  return result;
}

std::string clean_line(std::string_view text, std::size_t bytes) {
  std::string line;
  while (!text.empty()) {
    if (text[0] == '\x1b') {
      text.remove_prefix(escape_length(text));
      continue;
    }
    Character const one = first_character(text);
    if (is_in(kBreaks, one.code)) {
      line += ' ';
    } else if (one.code == 0xFFFD) {
      line += "\xEF\xBF\xBD";
    } else if (!is_in(kUnseen, one.code)) {
      line += text.substr(0, one.length);
    }
    text.remove_prefix(one.length);
  }
  // "::set-output" at the start of a line is a command to GitHub's log, "##[" and "##vso[" are anywhere in it.
  line = std::string(trim(line));
  if (line.substr(0, 2) == "::") line.insert(1, " ");
  for (std::string const command : {"#[", "#vso["}) line = replace_all(std::move(line), "#" + command, "# " + command);
  return one_line(line, bytes);
}

}  // namespace cml
