// Where a Markdown document (GitHub flavour) names files: byte positions of destinations, so that they can be replaced
// and nothing else changes. cmark-gfm decides what is a link, an image, code or HTML; this room finds the bytes it came
// from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cml::markdown {

struct Destination {
  enum class Kind { Link, Image, HtmlImage, HtmlLink };
  enum class Form { Bare, Angle, Quoted, Unquoted };  // How the bytes are written; HTML attributes are the last two.
  Kind kind = Kind::Link;
  Form form = Form::Bare;
  bool definition = false;  // A reference definition ("[label]: destination") that is used as `kind`.
  std::size_t offset = 0;   // Of the bytes to replace, angle brackets included, quotes of attributes not.
  std::size_t length = 0;
  std::string url;    // Unescaped; percent escapes are left as written.
  std::string title;  // Inline links and images only.
  std::string text;   // The image's alternative text or the link's text, without markup.
  // The whole construct, "![alt](url)" or "<img ...>"; of definitions where they begin, and length 0.
  std::size_t outer_offset = 0, outer_length = 0;
  int line = 0;  // 1-based, of the destination.
};

struct Fence {
  std::string info;        // First word of the info string.
  std::string attributes;  // The rest of it: "table" of "csv table".
  std::string content;
  std::size_t offset = 0;  // From the opening fence to the end of the closing one, without the last line break.
  std::size_t length = 0;
  int line = 0;
};

struct Range {
  std::size_t offset = 0, length = 0;
};

struct Located {
  std::vector<Destination> destinations;  // In document order, not overlapping.
  std::vector<Fence> fences;
  std::vector<Range> tags;         // HTML tags outside code, from "<" to ">", in document order.
  std::vector<Range> html_blocks;  // Whole lines of raw HTML, in document order.
  std::vector<Range> verbatim;     // Code of all kinds and "<https://...>": no markup inside. In document order.
  bool too_costly =
      false;  // The document is beyond the limits of reading (kTooCostly in html.hpp): nothing is located.
};

Located locate(std::string_view document);

// How `url` is written in the place of `destination`.
std::string written(Destination const& destination, std::string_view url);

struct Replacement {
  std::size_t offset = 0, length = 0;
  std::string text;
};
// Replaces non-overlapping pieces; every other byte stays.
std::string with_replacements(std::string_view document, std::vector<Replacement> replacements);

}  // namespace cml::markdown
