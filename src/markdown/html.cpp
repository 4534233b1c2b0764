#include "markdown/html.hpp"

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"

#include <cstdlib>

namespace cml::markdown {

std::string to_html(std::string_view document) {
  Parser parser(Autolinks::On, CMARK_OPT_UNSAFE | CMARK_OPT_GITHUB_PRE_LANG | CMARK_OPT_VALIDATE_UTF8);
  Document const parsed = parser.parse(document);
  std::unique_ptr<char, decltype(&std::free)> const html(
      cmark_render_html(parsed.get(), parser.options(), parser.extensions()), std::free);
  return html ? std::string(html.get()) : std::string();
}

std::string escape_html(std::string_view text) {
  std::string result = replace_all(std::string(text), "&", "&amp;");
  return replace_all(replace_all(replace_all(result, "<", "&lt;"), ">", "&gt;"), "\"", "&quot;");
}

}  // namespace cml::markdown
