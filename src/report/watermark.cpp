#include "report/watermark.hpp"

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "markdown/open_blocks.hpp"

namespace cml {
namespace {

constexpr std::string_view kOpening = "![](https://cml.dev/watermark.png";
constexpr std::string_view kPart = "?part=";
constexpr std::string_view kTitle = "CML watermark";
constexpr std::string_view kNotesStart = "[cml-notes]: #";
static_assert(kNotesStart.size() < kNotesStartLength);
constexpr std::size_t kLongestTitle = 500, kHashOfTitle = 16;  // Bytes.

std::string whole_title(std::string_view title) {
  return std::string(trim(std::string(kTitle) + " " + std::string(title)));
}

// What was escaped in a title; a backslash before anything else is one.
std::string unescaped(std::string_view text) {
  constexpr std::string_view kEscaped = "_*[<\\";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && contains(kEscaped, text.substr(i + 1, 1))) ++i;
    result.push_back(text[i]);
  }
  return replace_all(replace_all(std::move(result), "&quot;", "\""), "&amp;", "&");
}

// "![](https://cml.dev/watermark.png?part=2#0a1b "CML watermark TITLE")" and nothing else.
std::optional<Watermark> parse_mark(std::string_view line) {
  if (!line.starts_with(kOpening) || !line.ends_with("\")")) return std::nullopt;
  line.remove_prefix(kOpening.size());
  line.remove_suffix(2);
  Watermark mark;
  if (line.starts_with(kPart)) {
    auto const [end, error] = std::from_chars(line.data() + kPart.size(), line.data() + line.size(), mark.part);
    if (error != std::errc{} || mark.part < 2) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  }
  if (line.starts_with("#")) {
    auto const end = std::min(line.find_first_not_of("0123456789abcdefABCDEF", 1), line.size());
    mark.sha = line.substr(1, end - 1);
    line.remove_prefix(end);
  }
  if (!line.starts_with(" \"")) return std::nullopt;
  std::string const title = unescaped(line.substr(2));
  if (!title.starts_with(kTitle)) return std::nullopt;
  std::string_view const own = std::string_view(title).substr(kTitle.size());
  if (!own.empty() && own[0] != ' ') return std::nullopt;
  mark.title = trim(own);
  return mark;
}

bool is_note(std::string_view line) { return line.starts_with("[cml-") && contains(line, "]: "); }

// Whether read_marked would take the end of a report for notes.
bool ends_like_notes(std::string_view content) {
  std::string_view const text = content.substr(0, content.find_last_not_of("\r\n") + 1);
  return is_note(text.substr(text.rfind('\n') + 1));
}

// Takes the last line off `text`, without its line break.
std::string_view take_last_line(std::string_view& text) {
  auto const at = text.rfind('\n');
  std::string_view line = at == std::string_view::npos ? text : text.substr(at + 1);
  text = at == std::string_view::npos ? std::string_view() : text.substr(0, at);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void drop_line_break(std::string_view& text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
}

}  // namespace

std::string fill_title(std::string title, std::string_view workflow, std::string_view run) {
  if (!workflow.empty()) title = replace_all(std::move(title), "{workflow}", workflow);
  if (!run.empty()) title = replace_all(std::move(title), "{run}", run);
  return title;
}

std::string watermark_text(Watermark const& mark) {
  std::string escaped;
  std::string const title = whole_title(normal_title(mark.title));
  for (char c : replace_all(replace_all(title, "&amp;", "&amp;amp;"), "&quot;", "&amp;quot;")) {
    // CML's own escapes, and those without which the image would not end where it should.
    if (contains("_*[<\\", std::string_view(&c, 1))) escaped.push_back('\\');
    if (c == '"')
      escaped += "&quot;";
    else
      escaped.push_back(c);
  }
  return std::string(kOpening) + (mark.part > 1 ? std::string(kPart) + std::to_string(mark.part) : "") +
         (mark.sha.empty() ? "" : "#" + mark.sha) + " \"" + escaped + "\")";
}

std::string normal_title(std::string_view title) {
  std::string const line(trim(one_line(valid_utf8(title), std::string::npos)));
  if (line.size() <= kLongestTitle) return line;
  return std::string(utf8_prefix(line, kLongestTitle - kHashOfTitle - 1)) + "~" +
         sha256_hex(line).substr(0, kHashOfTitle);
}

bool same_title(std::string_view one, std::string_view other) { return normal_title(one) == normal_title(other); }

std::string text_of(MarkedBody const& body) {
  std::string text = body.content;
  auto const open = markdown::open_blocks(text);
  if (open.swallows) text += open.closing;
  bool const looks_noted = ends_like_notes(text);
  if (!body.notes.empty() || looks_noted) text += "\n\n";
  if (looks_noted) text += std::string(kNotesStart) + "\n";
  for (std::string const& note : body.notes) text += note + "\n";
  return text + "\n\n" + watermark_text(body.mark);
}

bool may_be_marked(std::string_view body) {
  std::string_view rest = body.substr(0, body.find_last_not_of(" \t\r\n") + 1);
  return take_last_line(rest).starts_with(kOpening);
}

std::optional<MarkedBody> read_marked(std::string_view body) {
  std::string_view rest = body.substr(0, body.find_last_not_of(" \t\r\n") + 1);
  auto const mark = parse_mark(take_last_line(rest));
  if (!mark || !(rest.empty() || trim(rest.substr(rest.rfind('\n') + 1)).empty())) return std::nullopt;
  MarkedBody marked;
  marked.mark = *mark;
  drop_line_break(rest);
  std::string_view before = rest.substr(0, rest.find_last_not_of("\r\n") + 1);
  bool has_notes = false;
  while (!before.empty()) {
    std::string_view above = before;
    std::string_view const line = take_last_line(above);
    if (!is_note(line)) break;
    has_notes = true;
    before = above;
    if (line == kNotesStart) break;
    marked.notes.emplace_back(line);
  }
  std::reverse(marked.notes.begin(), marked.notes.end());
  if (has_notes) {
    rest = before;
    drop_line_break(rest);
  }
  marked.content = rest;
  if (markdown::open_blocks(marked.content).swallows) return std::nullopt;
  return marked;
}

}  // namespace cml
