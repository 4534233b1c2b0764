#include "markdown/inline_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include "base/text.hpp"

namespace cml::markdown {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// What may be looked at in vain for the ends of tags: so many times the text. Attributes can be written so that every
// "<a" is looked for to the text's end.
constexpr std::size_t kTagWork = 8, kMinTagWork = 1 << 16;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_punctuation(char c) {
  auto const u = static_cast<unsigned char>(c);
  return u > 32 && u < 127 && !is_alpha(c) && !is_digit(c);
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 63)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  }
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// In what follows `cut` becomes true where only the text's end decided: more text could change the answer.

// A destination at text[at]; `target` is filled and the position after it returned, or kNone.
std::size_t parse_destination(std::string_view text, std::size_t at, Target& target, bool& cut) {
  target.begin = at;
  if (at < text.size() && text[at] == '<') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '\n') {
        ++i;
      } else if (text[i] == '\n' || text[i] == '\r' || text[i] == '<') {
        return kNone;
      } else if (text[i] == '>') {
        target.end = i + 1;
        target.angle = true;
        target.url = unescape(text.substr(at + 1, i - at - 1));
        return i + 1;
      }
    }
    cut = true;
    return kNone;
  }
  int depth = 0;
  std::size_t i = at;
  for (; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '\\' && i + 1 < text.size() && is_punctuation(text[i + 1])) {
      ++i;
    } else if (c == '(') {
      if (++depth > 32) return kNone;
    } else if (c == ')') {
      if (depth == 0) break;
      --depth;
    } else if (is_space(c) || static_cast<unsigned char>(c) < 32) {
      break;
    }
  }
  if (i == text.size()) cut = true;
  if (depth != 0) return kNone;
  target.end = i;
  target.angle = false;
  target.url = unescape(text.substr(at, i - at));
  return i;
}

// A title at text[at]: the position after its closing quote, or kNone.
std::size_t parse_title(std::string_view text, std::size_t at, std::string& title, bool& cut) {
  if (at >= text.size()) return cut = true, kNone;
  char const open = text[at], close = open == '(' ? ')' : open;
  if (open != '"' && open != '\'' && open != '(') return kNone;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == close) {
      title = unescape(text.substr(at + 1, i - at - 1));
      return i + 1;
    } else if (open == '(' && text[i] == '(') {
      return kNone;
    }
  }
  cut = true;
  return kNone;
}

// "(destination "title")" at text[at] ('('): the position after ")", or kNone.
std::size_t parse_inline_target(std::string_view text, std::size_t at, Target& target) {
  bool cut = false;
  std::size_t i = parse_destination(text, skip_space(text, at + 1), target, cut);
  if (i == kNone) return kNone;
  std::size_t const after = i;
  i = skip_space(text, i);
  if (i > after) {
    std::size_t const title_end = parse_title(text, i, target.title, cut);
    if (title_end != kNone) i = skip_space(text, title_end);
  }
  return i < text.size() && text[i] == ')' ? i + 1 : kNone;
}

// A label in brackets at text[at] ('['): the position after "]", or kNone.
std::size_t parse_label(std::string_view text, std::size_t at, std::string_view& label, bool& cut) {
  for (std::size_t i = at + 1; i - at <= 1001; ++i) {
    if (i >= text.size()) return cut = true, kNone;
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      return kNone;
    } else if (text[i] == ']') {
      label = text.substr(at + 1, i - at - 1);
      return i + 1;
    }
  }
  return kNone;
}

// "<scheme:...>" or "<mail@host>".
std::size_t autolink_length(std::string_view text, std::size_t at) {
  auto const close = text.substr(at, 2048).find_first_of("> \n\t<", 1);
  if (close == kNone || text[at + close] != '>') return 0;
  std::string_view const inner = text.substr(at + 1, close - 1);
  auto const colon = inner.find(':');
  if (colon != kNone && colon >= 2 && colon <= 32 && is_alpha(inner[0])) {
    bool scheme = true;
    for (char c : inner.substr(0, colon))
      scheme = scheme && (is_alpha(c) || is_digit(c) || c == '+' || c == '.' || c == '-');
    if (scheme) return close + 1;
  }
  auto const mail = inner.find('@');
  return mail != kNone && mail > 0 && mail + 1 < inner.size() && inner.find('\\') == kNone ? close + 1 : 0;
}

// Closing runs of backticks by length, so that unmatched openers do not rescan the text.
class BacktickRuns {
 public:
  explicit BacktickRuns(std::string_view text) {
    for (std::size_t i = text.find('`'); i != kNone; i = text.find('`', i)) {
      std::size_t const begin = i;
      while (i < text.size() && text[i] == '`') ++i;
      starts_[i - begin].push_back(begin);
    }
  }
  // Where the code span that an opening run of `length` starts at `after` ends; kNone without a closing run.
  std::size_t end_of_span(std::size_t length, std::size_t after) {
    auto const found = starts_.find(length);
    if (found == starts_.end()) return kNone;
    std::size_t& next = cursor_[length];
    while (next < found->second.size() && found->second[next] < after) ++next;
    return next < found->second.size() ? found->second[next] + length : kNone;
  }

 private:
  std::map<std::size_t, std::vector<std::size_t>> starts_;
  std::map<std::size_t, std::size_t> cursor_;
};

}  // namespace

std::size_t character_reference(std::string_view text, std::size_t at, std::string& out) {
  auto const semicolon = text.substr(at, 12).find(';');
  if (semicolon == kNone || semicolon < 2) return 0;
  std::string_view const name = text.substr(at + 1, semicolon - 1);
  if (name[0] == '#') {
    bool const hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    std::string_view const digits = name.substr(hex ? 2 : 1);
    if (digits.empty() || digits.size() > (hex ? 6u : 7u)) return 0;
    std::uint32_t code = 0;
    for (char c : digits) {
      char const l = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
      if (!is_digit(c) && !(hex && l >= 'a' && l <= 'f')) return 0;
      code = code * (hex ? 16u : 10u) + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : l - 'a' + 10);
    }
    append_utf8(out, code);
    return semicolon + 1;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kNamed{{{"amp", "&"},
                                                                                  {"lt", "<"},
                                                                                  {"gt", ">"},
                                                                                  {"quot", "\""},
                                                                                  {"apos", "'"},
                                                                                  {"nbsp", "\xC2\xA0"},
                                                                                  {"num", "#"},
                                                                                  {"percnt", "%"},
                                                                                  {"lpar", "("},
                                                                                  {"rpar", ")"},
                                                                                  {"lbrack", "["},
                                                                                  {"rsqb", "]"},
                                                                                  {"lowbar", "_"},
                                                                                  {"ast", "*"},
                                                                                  {"commat", "@"},
                                                                                  {"excl", "!"},
                                                                                  {"dollar", "$"},
                                                                                  {"lsqb", "["},
                                                                                  {"bsol", "\\"}}};
  for (auto const& [known, character] : kNamed) {
    if (known == name) {
      out += character;
      return semicolon + 1;
    }
  }
  return 0;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size() && is_punctuation(text[i + 1])) {
      out.push_back(text[i + 1]);
      i += 2;
    } else if (std::size_t const length = text[i] == '&' ? character_reference(text, i, out) : 0; length > 0) {
      i += length;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

std::string normalize_label(std::string_view label) {
  std::string result;
  for (char c : to_lower(trim(label))) {
    if (!is_space(c))
      result.push_back(c);
    else if (!result.empty() && result.back() != ' ')
      result.push_back(' ');
  }
  return result;
}

Definition parse_definition(std::string_view text) {
  Definition definition;
  if (text.empty() || text[0] != '[' || text.substr(0, 2) == "[^") return definition;
  std::string_view label;
  std::size_t at = parse_label(text, 0, label, definition.cut);
  if (at == kNone) return definition;
  if (at >= text.size()) definition.cut = true;
  if (at >= text.size() || text[at] != ':' || trim(label).empty()) return definition;
  // At most one line break may stand before the destination; a blank line would have ended the paragraph.
  at = parse_destination(text, skip_space(text, at + 1), definition.target, definition.cut);
  if (at == kNone || definition.target.end == definition.target.begin) return definition;
  auto const end_of_line = [&](std::size_t i) -> std::size_t {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i == text.size()) return definition.cut = true, i;
    if (text[i] == '\r') ++i;
    if (i < text.size() && text[i] == '\n')
      ++i;
    else if (i == 0 || text[i - 1] != '\r')
      return kNone;
    return i;
  };
  std::size_t const without_title = end_of_line(at);
  std::size_t const title_at = skip_space(text, at);
  std::size_t end = kNone;
  if (title_at > at) {
    std::string title;
    std::size_t const title_end = parse_title(text, title_at, title, definition.cut);
    if (title_end != kNone && (end = end_of_line(title_end)) != kNone) definition.target.title = title;
  }
  if (end == kNone) end = without_title;
  if (end == kNone) return definition;
  definition.length = end;
  definition.label = normalize_label(label);
  return definition;
}

HtmlScan::HtmlScan(std::string_view text) : text_(text), left_(kTagWork * text.size() + kMinTagWork) {}

// What ends at the next `close`. Where none follows, none follows any later opening either.
std::size_t HtmlScan::until(std::string_view close, std::size_t from, std::size_t& none_from) {
  if (from >= none_from) return kNone;
  std::size_t const end = text_.find(close, from);
  if (end == kNone) none_from = from;
  return end;
}

std::size_t HtmlScan::length(std::size_t at) {
  std::string_view const rest = text_.substr(at);
  auto const closed = [&](std::size_t end, std::size_t close) { return end == kNone ? 0 : end + close - at; };
  if (rest.substr(0, 4) == "<!--") {  // CommonMark 0.29: no "--" inside, and not "<!-->" or "<!--->".
    std::size_t const dashes = until("--", at + 4, no_dashes_from_);
    bool const ended = dashes != kNone && text_.substr(dashes + 2, 1) == ">";
    return ended && rest.substr(4, 1) != ">" && rest.substr(4, 2) != "->" ? dashes + 3 - at : 0;
  }
  if (rest.substr(0, 9) == "<![CDATA[") return closed(until("]]>", at + 9, no_cdata_end_from_), 3);
  if (rest.substr(0, 2) == "<?") return closed(until("?>", at + 2, no_instruction_end_from_), 2);
  if (rest.size() > 2 && rest[1] == '!' && is_alpha(rest[2])) return closed(until(">", at + 2, no_greater_from_), 1);
  std::size_t end = at;
  bool const is_tag = left_ > 0 && tag_end(at, end);
  std::size_t const work = end - at;
  if (is_tag) return work;
  left_ -= std::min(left_, work);
  return 0;
}

// `end`: behind the tag, or how far one was looked for.
bool HtmlScan::tag_end(std::size_t at, std::size_t& end) const {
  std::string_view const text = text_;
  std::size_t& i = end;
  i = at + 1;
  bool const closing = i < text.size() && text[i] == '/';
  if (closing) ++i;
  if (i >= text.size() || !is_alpha(text[i])) return false;
  while (i < text.size() && (is_alpha(text[i]) || is_digit(text[i]) || text[i] == '-')) ++i;
  while (true) {
    std::size_t const before = i;
    i = skip_space(text, i);
    if (i >= text.size()) return false;
    if (text[i] == '>') return ++i, true;
    if (closing) return false;
    if (text[i] == '/') return text.substr(i, 2) == "/>" ? (i += 2, true) : false;
    if (i == before || !(is_alpha(text[i]) || text[i] == '_' || text[i] == ':')) return false;
    while (i < text.size() && (is_alpha(text[i]) || is_digit(text[i]) || contains("_.:-", text.substr(i, 1)))) ++i;
    std::size_t const value = skip_space(text, i);
    if (value >= text.size() || text[value] != '=') continue;
    i = skip_space(text, value + 1);
    if (i >= text.size()) return false;
    if (text[i] == '"' || text[i] == '\'') {
      i = std::min(text.find(text[i], i + 1), text.size());
      if (i == text.size()) return false;
      ++i;
    } else {
      std::size_t const start = i;
      while (i < text.size() && !is_space(text[i]) && !contains("\"'=<>`", text.substr(i, 1))) ++i;
      if (i == start) return false;
    }
  }
}

InlineScan scan_inlines(std::string_view text, std::set<std::string> const& labels) {
  struct Opener {
    std::size_t at;
    bool image, bracket_after = false;
  };
  InlineScan scan;
  std::vector<Opener> openers;
  std::size_t dead_below = 0;  // Link openers before this index cannot open a link any more (no links in links).
  BacktickRuns runs(text);
  HtmlScan html(text);
  for (std::size_t i = 0; i < text.size();) {
    char const c = text[i];
    if (c == '\\') {
      i += i + 1 < text.size() && is_punctuation(text[i + 1]) ? 2 : 1;
    } else if (c == '`') {
      std::size_t end = i;
      while (end < text.size() && text[end] == '`') ++end;
      std::size_t const close = runs.end_of_span(end - i, end);
      if (close != kNone) scan.verbatim.push_back({i, close});
      i = close == kNone ? end : close;
    } else if (c == '<') {
      std::size_t length = autolink_length(text, i);
      if (length > 0) {
        scan.verbatim.push_back({i, i + length});
      } else {
        length = html.length(i);
        if (length > 0) scan.tags.push_back({i, i + length});
      }
      i += length > 0 ? length : 1;
    } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '[') {
      if (!openers.empty()) openers.back().bracket_after = true;
      openers.push_back({i, true});
      i += 2;
    } else if (c == '[') {
      if (!openers.empty()) openers.back().bracket_after = true;
      openers.push_back({i, false});
      ++i;
    } else if (c == ']') {
      ++i;
      if (openers.empty()) continue;
      Opener const opener = openers.back();
      bool const dead = !opener.image && openers.size() - 1 < dead_below;
      openers.pop_back();
      dead_below = std::min(dead_below, openers.size());
      if (dead) continue;
      InlineLink link;
      link.image = opener.image;
      bool matched = false;
      if (i < text.size() && text[i] == '(') {
        std::size_t const end = parse_inline_target(text, i, link.target);
        if (end != kNone) {
          link.outer_begin = opener.at;
          link.outer_end = end;
          scan.links.push_back(link);
          i = end;
          matched = true;
        }
      }
      if (!matched) {  // A reference: full, collapsed or shortcut.
        std::size_t const inner = opener.at + (opener.image ? 2 : 1);
        std::string_view label;
        bool cut = false;
        std::size_t end = i < text.size() && text[i] == '[' ? parse_label(text, i, label, cut) : kNone;
        bool const named = end != kNone && !label.empty();
        if (!named && !opener.bracket_after) label = text.substr(inner, i - 1 - inner);
        if ((named || !opener.bracket_after) && labels.count(normalize_label(label)) > 0) {
          if (end != kNone) i = end;
          matched = true;
        }
      }
      if (matched && !opener.image) dead_below = openers.size();
    } else {
      ++i;
    }
  }
  return scan;
}

std::string tag_name(std::string_view tag) {
  std::size_t i = tag.starts_with("</") ? 2 : 1;
  std::size_t const begin = std::min(i, tag.size());
  while (i < tag.size() && (is_alpha(tag[i]) || is_digit(tag[i]))) ++i;
  return to_lower(tag.substr(begin, i - begin));
}

std::vector<TagAttribute> attributes_of(std::string_view tag) {
  std::vector<TagAttribute> attributes;
  std::size_t i = 1 + tag_name(tag).size();
  while (i < tag.size()) {
    while (i < tag.size() && (is_space(tag[i]) || tag[i] == '/')) ++i;
    std::size_t const begin = i;
    while (i < tag.size() && !is_space(tag[i]) && tag[i] != '=' && tag[i] != '>' && tag[i] != '/') ++i;
    if (i == begin) break;
    TagAttribute attribute;
    attribute.name = to_lower(tag.substr(begin, i - begin));
    std::size_t const equals = skip_space(tag, i);
    if (equals >= tag.size() || tag[equals] != '=') {
      attributes.push_back(std::move(attribute));
      continue;
    }
    i = skip_space(tag, equals + 1);
    if (i >= tag.size()) break;
    attribute.quoted = tag[i] == '"' || tag[i] == '\'';
    attribute.begin = attribute.quoted ? i + 1 : i;
    std::size_t end = attribute.quoted ? tag.find(tag[i], i + 1) : tag.find_first_of(" \t\r\n\f\v>", i);
    if (end == kNone) end = tag.size();
    i = attribute.quoted ? end + 1 : end;
    attribute.end = end;
    attribute.value = unescape_references(tag.substr(attribute.begin, end - attribute.begin));
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

std::string unescape_references(std::string_view raw) {
  std::string value;
  for (std::size_t k = 0; k < raw.size();) {
    std::size_t const length = raw[k] == '&' ? character_reference(raw, k, value) : 0;
    if (length == 0) value.push_back(raw[k]);
    k += length > 0 ? length : 1;
  }
  return value;
}

}  // namespace cml::markdown
