#include "base/escape.hpp"

#include "base/text.hpp"

namespace cml {

std::string escape_html(std::string_view text) {
  std::string result = replace_all(std::string(text), "&", "&amp;");
  return replace_all(replace_all(replace_all(result, "<", "&lt;"), ">", "&gt;"), "\"", "&quot;");
}

}  // namespace cml
