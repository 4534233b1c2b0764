// A parsed cmark-gfm document and the extensions that GitHub's flavour needs. Only .cpp files of this room include
// this.
#pragma once

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <memory>
#include <string_view>

namespace cml::markdown {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
using Document = std::unique_ptr<cmark_node, FreeNode>;

enum class Autolinks { Off, On };

class Parser {
 public:
  explicit Parser(Autolinks autolinks, int options = CMARK_OPT_DEFAULT) : options_(options | CMARK_OPT_FOOTNOTES) {
    cmark_gfm_core_extensions_ensure_registered();
    parser_ = cmark_parser_new(options_);
    for (char const* name : {"table", "strikethrough", "tasklist", "autolink", "tagfilter"}) {
      bool const link_maker = std::string_view(name) == "autolink";
      if (link_maker && autolinks == Autolinks::Off) continue;
      if (cmark_syntax_extension* extension = cmark_find_syntax_extension(name))
        cmark_parser_attach_syntax_extension(parser_, extension);
    }
  }
  ~Parser() { cmark_parser_free(parser_); }
  Parser(Parser const&) = delete;
  Parser& operator=(Parser const&) = delete;
  Document parse(std::string_view text) {
    cmark_parser_feed(parser_, text.data(), text.size());
    return Document(cmark_parser_finish(parser_));
  }
  cmark_llist* extensions() { return cmark_parser_get_syntax_extensions(parser_); }
  int options() const { return options_; }

 private:
  int options_;
  cmark_parser* parser_ = nullptr;
};

}  // namespace cml::markdown
