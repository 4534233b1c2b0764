#include "report/harmless.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/text.hpp"
#include "base/url.hpp"
#include "markdown/inline_scan.hpp"
#include "markdown/locate.hpp"
#include "markdown/safe_html.hpp"
#include "markdown/shown.hpp"
#include "report/compose/escape.hpp"

namespace cml {
namespace {

using markdown::Destination;
using markdown::Located;
using markdown::Range;
using markdown::Replacement;
using report::kJoiner;

constexpr int kNarrowings = 12;  // What takes more ("!!!!...![a](b)") is shown as code.

// Table: fences that a forge draws instead of showing them; what they draw may load pictures.
constexpr std::string_view kDrawn[] = {
    "actdiag", "blockdiag", "bpmn",        "bytefield",  "c4plantuml", "d2",         "dbml",       "diagramsnet",
    "ditaa",   "dot",       "erd",         "excalidraw", "geojson",    "graphviz",   "json:table", "kroki",
    "math",    "mermaid",   "nomnoml",     "nwdiag",     "packetdiag", "pikchr",     "plantuml",   "rackdiag",
    "seqdiag", "stl",       "structurizr", "suggestion", "svgbob",     "symbolator", "tikz",       "topojson",
    "umlet",   "vega",      "vega-lite",   "vegalite",   "wavedrom",   "wireviz"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether `i` is in one of the ranges, asked for rising positions.
class Inside {
 public:
  explicit Inside(std::vector<Range> const& ranges) : ranges_(ranges) {}
  Range const* at(std::size_t i) {
    while (next_ < ranges_.size() && ranges_[next_].offset + ranges_[next_].length <= i) ++next_;
    return next_ < ranges_.size() && ranges_[next_].offset <= i ? &ranges_[next_] : nullptr;
  }

 private:
  std::vector<Range> const& ranges_;
  std::size_t next_ = 0;
};

// Where the links are that have other things inside: "[![alt](a)](b)".
std::vector<Range> link_ranges(Located const& located) {
  std::vector<Range> links;
  for (Destination const& one : located.destinations)
    if (one.kind == Destination::Kind::Link && one.outer_length > 0)
      links.push_back({one.outer_offset, one.outer_length});
  std::sort(links.begin(), links.end(), [](Range const& a, Range const& b) { return a.offset < b.offset; });
  return links;  // No link is in another.
}

class Changer {
 public:
  Changer(HarmlessRules const& rules, std::string& text) : rules_(rules), text_(text) {}

  // False when it cannot be read, or does not come to an end.
  bool narrow() {
    for (int round = 0; round < kNarrowings; ++round) {
      Located const located = markdown::locate(text_);
      if (located.too_costly) return false;
      std::vector<Replacement> changes;
      change_html(located, changes);
      change_pictures(located, changes);
      change_fences(located, changes);
      change_notes(located, changes);
      if (changes.empty()) return true;
      text_ = markdown::with_replacements(text_, std::move(changes));
    }
    return false;
  }

  // Joiners, behind the signs that begin something that nobody asked for. `addresses`: those of bare web addresses
  // stay.
  std::size_t join(bool addresses);

  bool is_harmless() const;
  void tell(Diagnostics& diagnostics) const {
    if (pictures_ > 0)
      diagnostics.missed("", std::to_string(pictures_) + (pictures_ == 1 ? " picture is" : " pictures are") +
                                 " not shown: only the bundle's own files are (" + clean_line(first_picture_, 100) +
                                 ")");
    if (!first_tag_.empty())
      diagnostics.missed(
          "", "HTML that a delivered report may not hold is shown as text (" + clean_line(first_tag_, 40) + ")");
  }

 private:
  bool may_show(std::string_view url) const { return rules_.pictures.contains(std::string(url)); }
  std::string_view piece(Range const& range) const {
    return std::string_view(text_).substr(range.offset, range.length);
  }
  void count_picture(std::string_view url) {
    if (pictures_++ == 0) first_picture_ = url;
  }

  void change_html(Located const& located, std::vector<Replacement>& changes) {
    auto const allowed = [this](std::string_view url) {
      bool const may = may_show(url);
      if (!may) count_picture(url);
      return may;
    };
    auto const change = [&](Range const& range, std::string safe) {
      if (safe == piece(range)) return;
      if (auto const at = safe.find("&lt;"); at != std::string::npos && first_tag_.empty())
        first_tag_ = "<" + safe.substr(at + 4, safe.find_first_of("> ", at) - at - 4) + ">";
      changes.push_back({range.offset, range.length, std::move(safe)});
    };
    for (Range const& block : located.html_blocks) change(block, markdown::safe_html(piece(block), allowed));
    Inside blocks(located.html_blocks);
    for (Range const& tag : located.tags)
      if (blocks.at(tag.offset) == nullptr) change(tag, markdown::safe_tag(piece(tag), allowed));
  }

  void change_pictures(Located const& located, std::vector<Replacement>& changes) {
    std::vector<Range> const links = link_ranges(located);
    std::vector<Destination const*> images;
    for (Destination const& one : located.destinations)
      if (one.kind == Destination::Kind::Image) images.push_back(&one);
    for (Destination const* image : images) {
      bool const definition = image->outer_length == 0;
      if (may_show(image->url) && !(definition && rules_.also_in_code)) continue;
      count_picture(image->url);
      if (definition) {  // It becomes text, and so does what refers to it.
        changes.push_back({image->outer_offset, 0, "\\"});
        continue;
      }
      auto const behind = std::upper_bound(links.begin(), links.end(), image->outer_offset,
                                           [](std::size_t at, Range const& link) { return at < link.offset; });
      bool const in_link = behind != links.begin() && (behind - 1)->offset + (behind - 1)->length > image->outer_offset;
      std::string const alt = report::escape_markdown(trim(image->text).empty() ? "picture" : image->text);
      changes.push_back(
          {image->outer_offset, image->outer_length,
           in_link || !is_web_url(image->url) ? alt : "[" + alt + "](" + markdown::written(*image, image->url) + ")"});
    }
  }

  void change_fences(Located const& located, std::vector<Replacement>& changes) const {
    for (markdown::Fence const& fence : located.fences) {
      std::string const info = to_lower(fence.info.substr(0, fence.info.find_first_of("{=,")));
      if (std::find(std::begin(kDrawn), std::end(kDrawn), info) == std::end(kDrawn) && !fence.info.starts_with("{"))
        continue;
      std::size_t const marks = text_.find_first_not_of(text_[fence.offset], fence.offset);
      std::size_t const end = std::min(text_.find_first_of("\r\n", marks), fence.offset + fence.length);
      changes.push_back({marks, end - marks, "text"});
    }
  }

  // Lines that a comment of ours leaves for its successor (report/watermark.hpp).
  void change_notes(Located const& located, std::vector<Replacement>& changes) const {
    Inside code(located.verbatim);
    for (std::size_t at = 0; at < text_.size(); at = std::min(text_.find('\n', at), text_.size() - 1) + 1)
      if (std::string_view(text_).substr(at).starts_with("[cml-") && code.at(at) == nullptr)
        changes.push_back({at, 0, "\\"});
  }

  HarmlessRules const& rules_;
  std::string& text_;
  std::size_t pictures_ = 0;
  std::string first_picture_, first_tag_;
};

// Text as readers see it, and where in the source each byte's spelling ends. What is no text is one byte.
struct Seen {
  std::string text;
  std::vector<std::size_t> ends;
  void add(char c, std::size_t end) { text += c, ends.push_back(end); }
};
constexpr char kNoText = '\xFF';

Seen seen_of(std::string_view text, std::vector<Range> const& skipped) {
  Seen seen;
  Inside skip(skipped);
  for (std::size_t i = 0; i < text.size();) {
    if (Range const* const range = skip.at(i)) {
      i = range->offset + range->length;
      seen.add(kNoText, i);
      continue;
    }
    std::string one;
    std::size_t length = text[i] == '&' ? markdown::character_reference(text, i, one) : 0;
    if (length == 0 && text[i] == '\\' && i + 1 < text.size() && std::ispunct(static_cast<unsigned char>(text[i + 1])))
      length = 2, one = text[i + 1];
    if (length == 0) length = 1, one = text[i];
    i += length;
    for (char const c : one) seen.add(c, i);
  }
  return seen;
}

// "https://HOST.NAME..." at text[i]: its length, where every forge makes it a link; 0 when it is none.
std::size_t bare_address(std::string_view text, std::size_t i) {
  if (i > 0 && is_letter(text[i - 1])) return 0;
  std::string_view const rest = text.substr(i);
  std::size_t const scheme = equals_ignoring_case(rest.substr(0, 8), "https://")  ? 8
                             : equals_ignoring_case(rest.substr(0, 7), "http://") ? 7
                                                                                  : 0;
  if (scheme == 0) return 0;
  std::size_t host = scheme;
  while (host < rest.size() && (is_letter(rest[host]) || is_digit(rest[host]) || contains(".-", rest.substr(host, 1))))
    ++host;
  std::string_view const name = rest.substr(scheme, host - scheme);
  if (!contains(name, ".") || name.starts_with(".")) return 0;
  std::size_t end = host;
  if (end < rest.size() && contains("/?#:", rest.substr(end, 1)))
    while (end < rest.size() && static_cast<unsigned char>(rest[end]) > ' ' && rest[end] != '<' && rest[end] != kNoText)
      ++end;
  return end;
}

// A sign at text[i] that calls somebody or something, and is not joined yet. Gitea shows "[[a.png]]" as a picture.
bool calls(std::string_view text, std::size_t i, bool mentions) {
  char const c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
  if (text.substr(i + 1).starts_with(kJoiner)) return false;
  if (c == '[' && next == '[') return true;
  if (mentions || c == ':' || c == '^') return false;           // Emoji, and rows of dashes in tables.
  if (c == '!' || c == '$' || c == '&') return is_digit(next);  // No "[!WARNING]", "$x$" or "&copy;".
  if (c == '~' && i > 0 && text[i - 1] == '~') return false;    // "~~struck~~"
  if (c == '[') {                                               // "[issue:1]", but no "[see: this](there)".
    auto const colon = report::starts_reference(text, i) ? text.find(':', i) + 1 : text.size();
    return colon < text.size() && is_digit(text[colon]);
  }
  if (c == '@') return next != '\0' && next != '\n' && next != '\r' && report::starts_reference(text, i);
  return report::starts_reference(text, i);
}

std::size_t Changer::join(bool addresses) {
  Located const located = markdown::locate(text_);
  std::vector<Range> skipped = located.tags;
  skipped.insert(skipped.end(), located.verbatim.begin(), located.verbatim.end());
  std::vector<Range> images;
  for (Destination const& one : located.destinations) {
    if (one.form == Destination::Form::Bare || one.form == Destination::Form::Angle)
      skipped.push_back({one.offset, one.length});
    if (one.kind == Destination::Kind::Image && one.outer_length > 0)
      images.push_back({one.outer_offset, one.outer_length});
  }
  auto const in_order = [](Range const& a, Range const& b) { return a.offset < b.offset; };
  std::sort(skipped.begin(), skipped.end(), in_order);
  std::vector<Replacement> joiners;
  auto const put = [&](std::size_t at) { joiners.push_back({at, 0, std::string(kJoiner)}); };
  Seen const seen = seen_of(text_, skipped);
  for (std::size_t i = 0; i < seen.text.size(); ++i) {
    std::size_t const address = addresses && !rules_.also_in_code ? bare_address(seen.text, i) : 0;
    if (address > 0)
      i += address - 1;
    else if (calls(seen.text, i, rules_.mentions))
      put(seen.ends[i]);
  }
  std::size_t const in_text = joiners.size();
  if (rules_.also_in_code) {
    std::sort(images.begin(), images.end(), in_order);
    std::vector<Range> starts;  // Of pictures that are meant.
    for (Range const& image : images) starts.push_back({image.offset, 1});
    Inside meant(starts), tags(located.tags), code(skipped);
    for (std::size_t i = 0; i < text_.size(); ++i) {
      Range const* const tag = tags.at(i);
      Range const* const in_code = code.at(i);
      std::string_view const rest = std::string_view(text_).substr(i + 1);
      if (rest.starts_with(kJoiner) || (tag != nullptr && tag->offset < i)) continue;
      bool const picture = text_[i] == '!' && rest.starts_with("[") && meant.at(i) == nullptr;
      bool const opens = text_[i] == '<' && tag == nullptr && !rest.empty() && rest[0] != ' ';
      bool const note = text_[i] == '[' && rest.starts_with("cml-") && in_code != nullptr;
      bool const sign = in_code != nullptr && tag == nullptr && calls(text_, i, rules_.mentions);
      bool const reference =
          in_code != nullptr && text_[i] == '&' && !rest.empty() && (rest[0] == '#' || is_letter(rest[0]));
      bool const definition = in_code != nullptr && text_[i] == ']' && rest.starts_with(":");
      if (picture || opens || note || sign || reference || definition) put(i + 1);
    }
  }
  text_ = markdown::with_replacements(text_, std::move(joiners));
  return in_text;
}

bool Changer::is_harmless() const {
  auto const may = [this](std::string_view url) { return may_show(url); };
  markdown::Shown const shown = markdown::shown(text_);
  if (shown.too_costly) return false;
  for (std::string const& url : shown.images)
    if (!may_show(url)) return false;
  for (std::string const& html : shown.html) {
    bool const inline_tag = html.starts_with("<") && html.find('<', 1) == std::string::npos && html.ends_with(">");
    if ((inline_tag ? markdown::safe_tag(html, may) : markdown::safe_html(html, may)) != html) return false;
  }
  for (std::string const& run : shown.texts)
    for (std::size_t i = 0; i < run.size(); ++i)
      if (calls(run, i, rules_.mentions)) return false;
  return true;
}

}  // namespace

std::string made_harmless(std::string text, HarmlessRules const& rules, Diagnostics& diagnostics) {
  std::string const given = text;
  Changer changer(rules, text);
  if (changer.narrow()) {
    std::string const narrowed = text;
    for (bool const addresses : {true, false}) {
      text = narrowed;
      std::size_t const signs = changer.join(addresses);
      if (!changer.is_harmless()) continue;
      changer.tell(diagnostics);
      if (signs > 0 && !rules.mentions)
        diagnostics.warn("", "mentions and references are shown as text (--allow-mentions lets them through)");
      return text;
    }
  }
  diagnostics.missed("", "the report is shown as code: its Markdown could not be made harmless");
  text = report::fenced(given, "text");
  if (rules.also_in_code) changer.join(false);
  return text;
}

}  // namespace cml
