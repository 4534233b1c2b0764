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

struct HtmlTag {
  std::size_t begin = 0, end = 0;  // "<" to after ">".
};

struct InlineScan {
  std::vector<InlineLink> links;  // In the order of their closing brackets, as cmark leaves them.
  std::vector<HtmlTag> tags;
};

InlineScan scan_inlines(std::string_view text, std::set<std::string> const& labels);

// A reference definition at the start of `text`: length consumed, or 0.
struct Definition {
  std::size_t length = 0;
  std::string label;  // Normalised.
  Target target;
};
Definition parse_definition(std::string_view text);

std::string normalize_label(std::string_view label);
std::string unescape(std::string_view text);  // Backslash escapes and character references.

// The src value of an <img>, <video> or <source> tag at tag[0]; end == 0 when there is none.
struct Attribute {
  std::size_t begin = 0, end = 0;
  bool quoted = false;
  std::string value, alt;
};
Attribute image_source(std::string_view tag);
// Length of the HTML tag, comment or instruction at text[at] by CommonMark's rules; 0 when it is none.
std::size_t html_length(std::string_view text, std::size_t at);

}  // namespace cml::markdown
