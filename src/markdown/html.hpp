// Markdown as a forge would show it, for previews.
#pragma once

#include <string>
#include <string_view>

namespace cml::markdown {

// A fragment (no <html>): tables, strikethrough, task lists, autolinks; raw HTML passes but for tags forges refuse.
std::string to_html(std::string_view document);
std::string escape_html(std::string_view text);

}  // namespace cml::markdown
