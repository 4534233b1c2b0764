// Text from files, made safe for Markdown: it cannot break a table, mention people, refer to issues, link or inject
// HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cml::report {

std::string escape_markdown(std::string_view text, std::size_t max_bytes = 300);  // Inline text and table cells.
std::string escape_summary(std::string_view text);                                // Inside HTML (<summary>).
// Forges look for mentions and references in the rendered text, where backslashes and entities are gone already; an
// invisible word joiner between the sign and the name is what stops them.
inline constexpr std::string_view kJoiner = "\xE2\x81\xA0";
// True when a reference could start at text[i]: "@name", Bitbucket's "@{id}", "#1", GitLab's "!1", "%1", "~label",
// "$1", "[issue:1]", "GH-1", and names of emoji (":100:").
bool starts_reference(std::string_view text, std::size_t i);
// A code block whose fence is longer than any run of backticks inside.
std::string fenced(std::string_view text, std::string_view info = "");
// A file's path as the destination of a link or an image.
std::string link_destination(std::string_view path);

}  // namespace cml::report
