// What a piece of Markdown leaves open at its end: a report that is cut, or whose author forgot a closing fence, must
// not swallow what is written after it.
//
//   "- steps:\n  ```sh\n  ls\n"   A fence in a list ends with the list: nothing to close before a paragraph of the
//                                 page, but the rest of the code needs "- ```sh" in front to be read as code again.
//   "<!-- notes\n"                Everything up to "-->" would be hidden.
#pragma once

#include <string>
#include <string_view>

namespace cml::markdown {

struct OpenBlocks {
  bool swallows = false;  // A line at the margin behind the piece would be code, or part of an HTML block.
  std::string closing;  // Behind the piece: a line at the margin after it is an ordinary paragraph, outside <details>.
  std::string reopening;  // Before the rest of the text: it reads as it would have without the cut.
};

// A piece beyond the limits of reading (cmark_document.hpp) counts as one that leaves nothing open.
OpenBlocks open_blocks(std::string_view piece);

}  // namespace cml::markdown
