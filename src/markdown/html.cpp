#include "markdown/html.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"

namespace cml::markdown {

namespace {

// Bytes that cmark-gfm looks at for bare addresses ("www.a.b", "http://a.b", "me@a.b"): from each beginning to the
// word's end, and for each ")" again, without a step that its limits could count.
constexpr std::size_t kMaxAutolinkWork = 100'000'000;

Autolinks affordable_autolinks(std::string_view document) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  std::size_t work = 0;
  for (std::size_t begin = 0, end = 0; begin < document.size(); begin = end + 1) {
    end = std::min(document.find_first_of(kSpace, begin), document.size());
    std::size_t beginnings = 0, brackets = 0;
    for (std::size_t i = begin; i < end; ++i) {
      char const c = document[i];
      brackets += c == ')' ? 1 : 0;
      beginnings += c == '@' || (c == ':' && document.compare(i, 3, "://") == 0) ||
                            ((c == 'w' || c == 'W') && document.compare(i + 1, 3, "ww.") == 0)
                        ? 1
                        : 0;
    }
    if (beginnings > 0) work += (beginnings + brackets) * (end - begin);
    if (work > kMaxAutolinkWork) return Autolinks::Off;
  }
  return Autolinks::On;
}

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

std::string escape_html(std::string_view text) {
  std::string result = replace_all(std::string(text), "&", "&amp;");
  return replace_all(replace_all(replace_all(result, "<", "&lt;"), ">", "&gt;"), "\"", "&quot;");
}

}  // namespace cml::markdown
