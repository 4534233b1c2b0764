// What to do with a report that is longer than the forge takes. Lengths are in characters (code points).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cml {

// At most `limit` characters: cut at a line end, open fences and <details> closed, and a note that says what is
// missing; with `full_url` it links to the whole report.
std::string truncated(std::string_view body, std::size_t limit, std::string_view full_url = "");
// Parts of at most `limit` characters, cut between paragraphs where possible; an open fence is closed and opened again.
std::vector<std::string> split_body(std::string_view body, std::size_t limit);
// The same, with every part but the first folded away under a line that names it.
std::vector<std::string> folded_parts(std::string_view body, std::size_t limit);

}  // namespace cml
