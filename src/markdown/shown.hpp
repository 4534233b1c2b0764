// What a document shows, as the parser says, without places: to check that a document that was changed shows nothing
// else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cml::markdown {

struct Shown {
  bool too_costly = false;          // Beyond the limits of reading (kTooCostly in html.hpp): nothing is known.
  std::vector<std::string> images;  // Addresses of Markdown's own images.
  std::vector<std::string> html;    // Each inline tag or comment, and each block of raw HTML, as written.
  // Runs of text as readers see them, in which a forge looks for mentions: outside code, links and tags.
  std::vector<std::string> texts;
};
Shown shown(std::string_view document);

}  // namespace cml::markdown
