#include "markdown/shown.hpp"

#include <memory>

#include "markdown/cmark_document.hpp"
#include "markdown/inline_scan.hpp"

namespace cml::markdown {
namespace {

// The text between the tags of a block.
void add_texts(std::string_view html, std::vector<std::string>& texts) {
  HtmlScan scan(html);
  std::size_t since = 0;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
    std::size_t const length = scan.length(at);
    if (length == 0) {
      ++at;
      continue;
    }
    texts.push_back(unescape_references(html.substr(since, at - since)));
    since = at += length;
  }
  texts.push_back(unescape_references(html.substr(since)));
}

}  // namespace

Shown shown(std::string_view document) {
  Shown result;
  Parser parser(affordable_autolinks(document), CMARK_OPT_VALIDATE_UTF8);
  cmark_node* const root = parser.parse(document);
  if (root == nullptr) return result.too_costly = true, result;
  std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> const iter(cmark_iter_new(root), cmark_iter_free);
  std::string run;
  int links = 0;  // Around what is looked at.
  auto const end_run = [&] {
    if (!run.empty()) result.texts.push_back(std::move(run));
    run.clear();
  };
  for (cmark_event_type event; (event = cmark_iter_next(iter.get())) != CMARK_EVENT_DONE;) {
    cmark_node* const node = cmark_iter_get_node(iter.get());
    std::string_view const type = cmark_node_get_type_string(node);
    if (type == "text") {
      if (links == 0) run += cmark_node_get_literal(node);
      continue;
    }
    end_run();
    if (type == "link") links += event == CMARK_EVENT_ENTER ? 1 : -1;
    if (event != CMARK_EVENT_ENTER) continue;
    if (type == "image") result.images.emplace_back(cmark_node_get_url(node));
    if (type == "html_inline") result.html.emplace_back(cmark_node_get_literal(node));
    if (type == "html_block") {
      result.html.emplace_back(cmark_node_get_literal(node));
      add_texts(result.html.back(), result.texts);
    }
  }
  end_run();
  return result;
}

}  // namespace cml::markdown
