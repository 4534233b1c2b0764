// Text from files, made safe for Markdown: it cannot break a table, mention people, refer to issues, link or inject
// HTML.
#pragma once

#include <string>
#include <string_view>

namespace cml::report {

std::string escape_markdown(std::string_view text, std::size_t max_bytes = 300);  // Inline text and table cells.
std::string escape_summary(std::string_view text);                                // Inside HTML (<summary>).
// A code block whose fence is longer than any run of backticks inside.
std::string fenced(std::string_view text, std::string_view info = "");
// A file's path as the destination of a link or an image.
std::string link_destination(std::string_view path);
// Without terminal colours, cursor movements and what a progress bar overwrote.
std::string without_ansi(std::string_view text);

}  // namespace cml::report
