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
inline constexpr std::size_t kRoomForFold = 100;  // Characters that folding adds at most.
std::string folded(std::string_view text, std::size_t part);
bool is_folded(std::string_view text);        // By folded().
std::string unfolded(std::string_view text);  // Of a folded one.
// At most `limit` characters of a text that grows at its end: the beginning goes, and a note says so.
std::string without_oldest(std::string_view body, std::size_t limit, std::string_view full_url = "");

}  // namespace cml
