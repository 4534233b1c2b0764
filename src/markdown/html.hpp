// Markdown as a forge would show it, for previews.
#pragma once

#include <string>
#include <string_view>

#include "base/escape.hpp"

namespace cml::markdown {

// What is said of a document whose shape would take too long to read (see cmark_document.hpp for the limits).
inline constexpr std::string_view kTooCostly = "This Markdown takes too long to read";

// A fragment (no <html>): tables, strikethrough, task lists, autolinks; raw HTML passes but for tags forges refuse. A
// document beyond the limits of reading is shown as text.
std::string to_html(std::string_view document);
using cml::escape_html;

}  // namespace cml::markdown
