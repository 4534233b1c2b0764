#include "markdown/html.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"

namespace cml::markdown {

namespace {

// Raw HTML that forges refuse and cmark's filter lets pass: what would lead the page elsewhere. A "<" of text is
// escaped already.
std::string without_head_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    std::size_t const tag = std::min(html.find('<', at), html.size());
    result += html.substr(at, tag - at);
    if (tag == html.size()) break;
    bool refused = false;
    for (std::string_view name : {"meta", "base", "link"})
      refused = refused || equals_ignoring_case(html.substr(tag + 1, name.size()), name);
    result += refused ? "&lt;" : "<";
    at = tag + 1;
  }
  return result;
}

}  // namespace

std::string to_html(std::string_view document) {
  Parser parser(affordable_autolinks(document), CMARK_OPT_UNSAFE | CMARK_OPT_GITHUB_PRE_LANG | CMARK_OPT_VALIDATE_UTF8);
  if (char const* const html = parser.render(parser.parse(document))) return without_head_tags(html);
  return "<p>" + std::string(kTooCostly) + "; here it is as text.</p>\n<pre>" + escape_html(document) + "</pre>\n";
}

}  // namespace cml::markdown
