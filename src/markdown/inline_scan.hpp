// The inline grammar of CommonMark 0.29 as far as it decides where links and images are: escapes, code spans,
// autolinks, HTML tags and brackets. Emphasis does not matter here.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cml::markdown {

// A destination as parsed: `begin`..`end` are the bytes to replace.
struct Target {
  std::size_t begin = 0, end = 0;
  bool angle = false;
  std::string url, title;
};

struct InlineLink {
  bool image = false;
  Target target;
  std::size_t outer_begin = 0, outer_end = 0;
};

struct Span {
  std::size_t begin = 0, end = 0;
};

struct InlineScan {
  std::vector<InlineLink> links;  // In the order of their closing brackets, as cmark leaves them.
  std::vector<Span> tags;         // "<" to after ">".
  std::vector<Span> verbatim;     // Code spans with their backticks, autolinks with their angle brackets.
};

InlineScan scan_inlines(std::string_view text, std::set<std::string> const& labels);

// A reference definition at the start of `text`: length consumed, or 0.
struct Definition {
  std::size_t length = 0;
  bool cut = false;   // Only the text's end decided: with more text it may be another one.
  std::string label;  // Normalised.
  Target target;
};
Definition parse_definition(std::string_view text);

std::string normalize_label(std::string_view label);
std::string unescape(std::string_view text);  // Backslash escapes and character references.

// Of "<img src=...>" and "</a>": lower case.
std::string tag_name(std::string_view tag);
// `begin`..`end` are the value's bytes in the tag, without quotes; nothing for an attribute without a value.
struct TagAttribute {
  std::string name;  // Lower case.
  std::size_t begin = 0, end = 0;
  bool quoted = false;
  std::string value;  // Character references read.
};
std::vector<TagAttribute> attributes_of(std::string_view tag);
std::string unescape_references(std::string_view raw);
// The character reference at text[at] ('&'): its length, and what it stands for added to `out`; 0 when it is none that
// we know. Named ones: those that occur in file names and URLs, and the signs of mentions and references.
std::size_t character_reference(std::string_view text, std::size_t at, std::string& out);

// HTML tags, comments and instructions of one text, asked for from its beginning to its end: in time linear to it.
class HtmlScan {
 public:
  explicit HtmlScan(std::string_view text);
  // Of what stands at text[at] by CommonMark's rules; 0 when it is none.
  std::size_t length(std::size_t at);

 private:
  std::size_t until(std::string_view close, std::size_t from, std::size_t& none_from);
  bool tag_end(std::size_t at, std::size_t& end) const;

  std::string_view text_;
  std::size_t left_;  // Of work in vain.
  std::size_t no_dashes_from_ = std::string_view::npos, no_cdata_end_from_ = std::string_view::npos;
  std::size_t no_instruction_end_from_ = std::string_view::npos, no_greater_from_ = std::string_view::npos;
};

}  // namespace cml::markdown
