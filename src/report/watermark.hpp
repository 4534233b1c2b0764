// The mark by which a comment is found again: an image without text, CML's own form, which DVC Studio reads, too.
#pragma once

#include <string>
#include <string_view>

namespace cml {

struct Watermark {
  std::string sha;    // Of the commit; may be empty.
  std::string title;  // Tells several comments of one thread apart; may be empty.
};

// Replaces {workflow} and {run} in a title.
std::string fill_title(std::string title, std::string_view workflow, std::string_view run);
std::string watermark_text(Watermark const&);
// `body` with the watermark at its end; `body` itself stays byte for byte.
std::string with_watermark(std::string_view body, Watermark const&);
// True when `body` carries a watermark with this title, whatever its commit. Backslashes do not count: older CML
// versions wrote and lost them.
bool has_watermark(std::string_view body, std::string_view title);
bool has_any_watermark(std::string_view body);
// `body` up to its watermark, without the blank lines before it; all of it when there is none.
std::string_view without_watermark(std::string_view body);

}  // namespace cml
