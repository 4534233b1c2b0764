#include "markdown/open_blocks.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"

namespace cml::markdown {
namespace {

constexpr std::string_view kProbe = "cml:probe";

// The last block of the page; cmark puts footnotes behind it.
cmark_node* last_block(cmark_node* document) {
  cmark_node* node = document == nullptr ? nullptr : cmark_node_last_child(document);
  while (node != nullptr && cmark_node_get_type(node) == CMARK_NODE_FOOTNOTE_DEFINITION)
    node = cmark_node_previous(node);
  return node;
}

bool is_container(cmark_node* node) {
  auto const type = cmark_node_get_type(node);
  return type == CMARK_NODE_LIST || type == CMARK_NODE_ITEM || type == CMARK_NODE_BLOCK_QUOTE;
}

cmark_node* last_leaf(cmark_node* document) {
  cmark_node* node = last_block(document);
  while (node != nullptr && is_container(node) && cmark_node_last_child(node) != nullptr)
    node = cmark_node_last_child(node);
  return node;
}

bool is_probe(cmark_node* block) {
  if (block == nullptr || cmark_node_get_type(block) != CMARK_NODE_PARAGRAPH) return false;
  cmark_node* const image = cmark_node_first_child(block);
  return image != nullptr && cmark_node_get_type(image) == CMARK_NODE_IMAGE &&
         std::string_view(cmark_node_get_url(image)) == kProbe;
}

std::string literal_of(cmark_node* node) {
  char const* const text = cmark_node_get_literal(node);
  return text == nullptr ? "" : text;
}

struct Pair {
  std::string_view open, close;
};
// CommonMark's HTML blocks that do not end at a blank line.
constexpr Pair kHtmlBlocks[] = {
    {"<!--", "-->"},    {"<?", "?>"},           {"<![CDATA[", "]]>"},         {"<script", "</script>"},
    {"<pre", "</pre>"}, {"<style", "</style>"}, {"<textarea", "</textarea>"}, {"<!", ">"}};
Pair html_pair(std::string const& literal) {
  std::string const start = to_lower(trim(literal).substr(0, 16));
  for (Pair const& pair : kHtmlBlocks)
    if (start.starts_with(to_lower(pair.open))) return pair;
  return {};
}
// Its own end is not in it.
bool is_open_html(std::string const& literal) {
  Pair const pair = html_pair(literal);
  if (pair.open.empty()) return false;
  std::string const lower = to_lower(literal);
  auto const begin = lower.find(to_lower(pair.open));
  return lower.find(to_lower(pair.close), begin + pair.open.size()) == std::string::npos;
}

struct FenceMark {
  int length = 0, offset = 0;
  char character = 0;
  std::string text() const { return std::string(static_cast<std::size_t>(length), character); }
};
bool read_fence(cmark_node* node, FenceMark& mark) {
  return cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK &&
         cmark_node_get_fenced(node, &mark.length, &mark.offset, &mark.character) != 0;
}
// The closing fence would be the piece's last line that is not blank; it holds nothing else but the prefixes of lists
// and quotes.
bool is_open_fence(cmark_node* node, FenceMark const& mark, std::string_view piece) {
  std::string_view const rest = trim(piece);
  std::string_view line = rest.substr(rest.rfind('\n') + 1);
  line.remove_prefix(std::min(line.find_first_not_of(" \t>"), line.size()));
  bool const closes = line.size() >= static_cast<std::size_t>(mark.length) &&
                      line.find_first_not_of(mark.character) == std::string_view::npos;
  auto const lines = static_cast<int>(std::count(rest.begin(), rest.end(), '\n')) + 1;
  return !closes || cmark_node_get_start_line(node) >= lines;
}

// The prefix that puts a line into the same lists and quotes: bullets of two to five columns, "> " for a quote.
std::string containers_of(cmark_node* leaf) {
  std::string prefix;
  for (cmark_node *node = cmark_node_parent(leaf), *child = leaf; node != nullptr;
       child = node, node = cmark_node_parent(node)) {
    if (cmark_node_get_type(node) == CMARK_NODE_BLOCK_QUOTE) prefix = "> " + prefix;
    if (cmark_node_get_type(node) != CMARK_NODE_ITEM) continue;
    int columns = cmark_node_get_start_column(child) - cmark_node_get_start_column(node);
    std::string bullets;
    for (; columns > 5; columns -= 2) bullets += "- ";
    if (columns >= 2) bullets += "-" + std::string(static_cast<std::size_t>(columns - 1), ' ');
    prefix = bullets + prefix;
  }
  return prefix;
}

int count_of(std::string const& text, std::string_view what) {
  int count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// How many <details> are open; those in code and comments are none.
int open_details(cmark_node* document) {
  int open = 0;
  for (cmark_node* node = document; node != nullptr;) {
    auto const type = cmark_node_get_type(node);
    std::string const text =
        type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE ? to_lower(literal_of(node)) : "";
    if (!trim(text).starts_with("<!--"))
      open = std::max(0, open + count_of(text, "<details") - count_of(text, "</details"));
    cmark_node* next = cmark_node_first_child(node);
    for (; next == nullptr && node != nullptr; node = cmark_node_parent(node)) next = cmark_node_next(node);
    node = next;
  }
  return open;
}

// What swallows a paragraph behind the piece, ended.
std::string closing_of(std::string_view piece) {
  Parser parser(Autolinks::Off);
  cmark_node* const document = parser.parse(std::string(piece) + "\n\n![](" + std::string(kProbe) + ")\n");
  cmark_node* const block = last_block(document);
  if (block == nullptr || is_probe(block)) return "";
  FenceMark mark;
  if (read_fence(block, mark)) return "\n" + mark.text() + "\n";
  if (cmark_node_get_type(block) != CMARK_NODE_HTML_BLOCK) return "";
  return "\n" + std::string(html_pair(literal_of(block)).close) + "\n";
}

}  // namespace

OpenBlocks open_blocks(std::string_view piece) {
  OpenBlocks blocks;
  blocks.closing = closing_of(piece);
  blocks.swallows = !blocks.closing.empty();
  Parser parser(Autolinks::Off);
  cmark_node* const document = parser.parse(piece);
  if (document == nullptr) return blocks;
  int const details = open_details(document);
  for (int i = 0; i < details; ++i) {
    blocks.closing += "\n</details>\n";
    blocks.reopening += "<details open><summary>continued</summary>\n\n";
  }
  cmark_node* const leaf = last_leaf(document);
  FenceMark mark;
  if (leaf != nullptr && read_fence(leaf, mark) && is_open_fence(leaf, mark, piece))
    blocks.reopening += containers_of(leaf) + mark.text() + std::string(trim(cmark_node_get_fence_info(leaf))) + "\n";
  if (leaf != nullptr && cmark_node_get_type(leaf) == CMARK_NODE_HTML_BLOCK && is_open_html(literal_of(leaf)))
    blocks.reopening += containers_of(leaf) + std::string(html_pair(literal_of(leaf)).open) +
                        (html_pair(literal_of(leaf)).close.starts_with("</") ? ">\n" : "\n");
  return blocks;
}

}  // namespace cml::markdown
