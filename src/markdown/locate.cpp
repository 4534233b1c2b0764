#include "markdown/locate.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "markdown/cmark_document.hpp"
#include "markdown/content.hpp"
#include "markdown/inline_scan.hpp"

namespace cml::markdown {
namespace {

constexpr std::size_t kMinTexts = 1 << 20;
constexpr int kMaxDepth = 500;  // Deeper containers are left alone; forges flatten them anyway.

std::string_view type_of(cmark_node* node) { return cmark_node_get_type_string(node); }

// A link or image as cmark sees it.
struct Wanted {
  bool image = false;
  std::string url, text;
};

// One block that holds inlines: where its lines are and what cmark found in it.
struct Block {
  int first_line = 0, last_line = 0;
  int first_column = 1;     // 0: unknown, strip what containers put before it.
  int quotes = 0;           // Block quotes around it.
  bool can_define = false;  // Paragraphs may start with reference definitions.
  int row = -1, cell = -1;  // Table cells: the row's number in the document and their index in it.
  std::vector<Wanted> wanted;
};

struct PlainRange {  // HTML blocks and code blocks.
  int first_line, last_line, first_column, quotes;
  cmark_node* code;  // Null: HTML.
};

class Locator {
 public:
  explicit Locator(std::string_view document) : document_(document), text_left_(document.size() + kMinTexts) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < document.size(); ++i) {
      if (document[i] == '\n' || (document[i] == '\r' && (i + 1 == document.size() || document[i + 1] != '\n')))
        line_starts_.push_back(i + 1);
    }
    covered_.assign(line_starts_.size() + 2, false);
  }

  Located run();

 private:
  void walk(cmark_node* node, int quotes, int depth = 0);
  void add_table(cmark_node* table, int quotes);
  void add_block(cmark_node* node, int quotes);
  int header_line(cmark_node* table) const;
  int heading_end(int first_line, int first_column, int end_line) const;
  void collect(cmark_node* node, std::vector<Wanted>& wanted);
  void cover(int first, int last);
  std::size_t line_begin(int line) const { return line_starts_[static_cast<std::size_t>(line - 1)]; }
  std::string_view line_text(int line) const;
  int line_count() const { return static_cast<int>(line_starts_.size()); }
  int line_of(std::size_t offset) const;
  Content content_of(Block const&) const;
  Content cell_content(Block const&);
  void take_definition(Content const&, std::size_t at, Definition const&);
  std::size_t take_definitions(Content const&);
  void find_definitions_between_blocks();
  int definition_at(Block);
  void scan_block(Block const&, Content const&, std::size_t skip);
  void scan_html(PlainRange const&);
  void add_html(Content const&, std::size_t begin, std::size_t end);
  void add_fence(PlainRange const&);
  Range lines(PlainRange const&) const;

  std::string_view document_;
  std::vector<std::size_t> line_starts_;
  std::vector<bool> covered_;  // By line number: belongs to a leaf block.
  std::vector<Block> blocks_;
  std::vector<PlainRange> ranges_;
  struct Use {
    Destination::Kind kind = Destination::Kind::Link;
    std::string text;
  };
  std::map<std::string, Destination> definitions_;  // By label.
  std::unordered_map<std::string, Use> uses_;       // By address: of all definitions that name it.
  std::set<std::string> labels_;
  int rows_ = 0, split_row_ = -1;
  std::vector<Content> split_cells_;  // Of the row `split_row_`.
  std::size_t text_left_;             // Of the texts of links and images; those within others are said many times.
  Located located_;
};

std::string_view Locator::line_text(int line) const {
  std::size_t const begin = line_begin(line);
  std::size_t const end = line < line_count() ? line_begin(line + 1) : document_.size();
  return document_.substr(begin, end - begin);
}

int Locator::line_of(std::size_t offset) const {
  return static_cast<int>(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin());
}

void Locator::cover(int first, int last) {
  for (int line = std::max(1, first); line <= std::min(last, line_count()); ++line)
    covered_[static_cast<std::size_t>(line)] = true;
}

void Locator::collect(cmark_node* node, std::vector<Wanted>& wanted) {
  std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> const iter(cmark_iter_new(node), cmark_iter_free);
  std::string text;                 // Of all that is in `node`, without markup.
  std::vector<std::size_t> starts;  // In `text`, of the links and images that are open.
  for (cmark_event_type event; (event = cmark_iter_next(iter.get())) != CMARK_EVENT_DONE;) {
    cmark_node* inner = cmark_iter_get_node(iter.get());
    std::string_view const type = type_of(inner);
    bool const target = type == "link" || type == "image";
    if (event == CMARK_EVENT_EXIT) {
      if (!target) continue;
      std::string_view own = std::string_view(text).substr(starts.back());
      if (own.size() > text_left_) own = {};
      text_left_ -= own.size();
      wanted.push_back({type == "image", cmark_node_get_url(inner), std::string(own)});
      starts.pop_back();
      if (starts.empty()) text.clear();
    } else if (target) {
      starts.push_back(text.size());
    } else if (!starts.empty()) {
      if (type == "text" || type == "code") text += cmark_node_get_literal(inner);
      if (type == "softbreak" || type == "linebreak") text += ' ';
    }
  }
}

std::string_view without_quotes(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t>"), line.size()));
  return line;
}

// A pipe with a backslash before it is text, whatever stands before the backslash.
bool is_cell_border(std::string_view row, std::size_t at) { return row[at] == '|' && (at == 0 || row[at - 1] != '\\'); }

// Cells of a table's row: parts between pipes that no backslash escapes, without the empty ones at the ends.
int count_cells(std::string_view row) {
  row = trim(row);
  if (!row.empty() && row.front() == '|') row.remove_prefix(1);
  int cells = 0;
  std::size_t since = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (is_cell_border(row, i)) ++cells, since = i + 1;
  return cells + (since < row.size() ? 1 : 0);
}

// cmark gives a paragraph that a table cut off no position, and gives its place to the table and the header row. The
// paragraph ends above the header, which stands above the first line of dashes with as many cells.
int Locator::header_line(cmark_node* table) const {
  int const first = cmark_node_get_start_line(table);
  int const last = std::min(std::max(cmark_node_get_end_line(table), first) + 1, line_count());
  for (int line = first + 1; line <= last; ++line) {
    std::string_view const text = line_text(line);
    std::size_t const begin = text.find_first_not_of(" \t>");
    if (begin != std::string_view::npos && text.find_first_not_of(" \t|:-\r\n", begin) == std::string_view::npos &&
        contains(text, "-") && count_cells(text.substr(begin)) == count_cells(without_quotes(line_text(line - 1))))
      return line - 1;
  }
  return first;
}

// cmark puts a heading's end on the line after it. One of "#" has one line; the others end above their underline.
int Locator::heading_end(int first_line, int first_column, int end_line) const {
  std::string_view first = line_text(first_line);
  first.remove_prefix(std::min(static_cast<std::size_t>(std::max(first_column, 1) - 1), first.size()));
  std::size_t const marks = std::min(first.find_first_not_of('#'), first.size());
  if (marks >= 1 && marks <= 6 && (marks == first.size() || contains(" \t\r\n", first.substr(marks, 1))))
    return first_line;
  for (int line = std::min(end_line, line_count()); line > first_line; --line) {
    std::string_view text = trim(line_text(line));
    text.remove_prefix(std::min(text.find_first_not_of(" \t>"), text.size()));
    bool const underline = !text.empty() && (text[0] == '=' || text[0] == '-') &&
                           text.find_first_not_of(text[0]) == std::string_view::npos;
    if (underline) return line - 1;
  }
  return first_line;
}

void Locator::add_block(cmark_node* node, int quotes) {
  std::string_view const type = type_of(node);
  Block block;
  block.first_line = cmark_node_get_start_line(node);
  block.last_line = cmark_node_get_end_line(node);
  block.first_column = cmark_node_get_start_column(node);
  if (type == "heading") block.last_line = heading_end(block.first_line, block.first_column, block.last_line);
  block.quotes = quotes;
  block.can_define = type == "paragraph" || type == "heading";
  cmark_node* const next = cmark_node_next(node);
  if (block.first_line == 0 && next != nullptr && type_of(next) == "table") {
    block.first_line = cmark_node_get_start_line(next);
    block.first_column = cmark_node_get_start_column(next);
    block.last_line = header_line(next) - 1;
    block.can_define = false;
  }
  collect(node, block.wanted);
  if (block.first_line == 0) return;
  cover(block.first_line, block.last_line + (type == "heading" && block.last_line > block.first_line ? 1 : 0));
  blocks_.push_back(std::move(block));
}

// cmark's end of a block that ends within a line ("-->", "</script>") is the line before.
int line_breaks_within(std::string_view literal) {
  if (literal.ends_with('\n')) literal.remove_suffix(1);
  return static_cast<int>(std::count(literal.begin(), literal.end(), '\n'));
}

void Locator::walk(cmark_node* node, int quotes, int depth) {
  if (depth > kMaxDepth) return;
  for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child)) {
    std::string_view const type = type_of(child);
    int const first = cmark_node_get_start_line(child), last = cmark_node_get_end_line(child);
    if (type == "paragraph" || type == "heading") {
      add_block(child, quotes);
    } else if (type == "table") {
      add_table(child, quotes);
    } else if (type == "html_block" || type == "code_block") {
      int end = last;
      if (cmark_node_get_end_column(child) == 0 && end > first) --end;
      if (type == "html_block") end = first + line_breaks_within(cmark_node_get_literal(child));
      cover(first, end);
      ranges_.push_back(
          {first, end, cmark_node_get_start_column(child), quotes, type == "html_block" ? nullptr : child});
    } else if (type == "thematic_break") {
      cover(first, last);
    } else {
      walk(child, quotes + (type == "block_quote" ? 1 : 0), depth + 1);
    }
  }
}

void Locator::add_table(cmark_node* table, int quotes) {
  int const first = cmark_node_get_start_line(table), header = header_line(table);
  cover(first, cmark_node_get_end_line(table));
  for (cmark_node* row = cmark_node_first_child(table); row != nullptr; row = cmark_node_next(row), ++rows_) {
    bool const moved = row == cmark_node_first_child(table) && header != first;
    int index = 0;
    for (cmark_node* cell = cmark_node_first_child(row); cell != nullptr; cell = cmark_node_next(cell), ++index) {
      Block block;
      block.first_line = block.last_line = moved ? header : cmark_node_get_start_line(row);
      block.first_column = moved ? 0 : cmark_node_get_start_column(row);
      block.quotes = quotes;
      block.row = rows_;
      block.cell = index;
      collect(cell, block.wanted);
      if (block.first_line > 0) blocks_.push_back(std::move(block));
    }
  }
}

Content Locator::content_of(Block const& block) const {
  Content content;
  for (int line = block.first_line; line <= std::min(block.last_line, line_count()); ++line) {
    std::string_view const text = line_text(line);
    std::size_t at = 0;
    if (line == block.first_line && block.first_column > 0) {
      at = static_cast<std::size_t>(block.first_column - 1);
    } else {
      for (int quote = 0; quote < block.quotes; ++quote) {
        std::size_t const mark = text.find_first_not_of(" \t", at);
        if (mark == std::string_view::npos || text[mark] != '>') break;  // A lazy line.
        at = mark + 1;
      }
      at = std::min(text.find_first_not_of(" \t", at), text.size());
    }
    if (at <= text.size()) content.append(text.substr(at), line_begin(line) + at);
  }
  return content;
}

// The cell's part of the row, split as the table extension does: at every pipe that no backslash escapes. Cells of a
// row come one after another.
Content Locator::cell_content(Block const& block) {
  if (block.row != split_row_) {
    split_row_ = block.row;
    split_cells_.clear();
    Content const row = content_of(block);
    std::string_view const text = row.text();
    std::size_t at = text.find_first_not_of(" \t");
    if (at != std::string_view::npos && text[at] == '|') ++at;
    while (at < text.size()) {
      std::size_t end = at;
      while (end < text.size() && !is_cell_border(text, end) && text[end] != '\n' && text[end] != '\r') ++end;
      split_cells_.emplace_back().append(text.substr(at, end - at), row.source(at));
      if (end >= text.size() || text[end] != '|') break;
      at = end + 1;
    }
  }
  auto const index = static_cast<std::size_t>(block.cell);
  return index < split_cells_.size() ? std::move(split_cells_[index]) : Content();
}

void Locator::take_definition(Content const& content, std::size_t at, Definition const& definition) {
  labels_.insert(definition.label);
  std::size_t const begin = at + definition.target.begin, end = at + definition.target.end;
  if (!content.contiguous(begin, end)) return;
  // The first one of a label counts; they are not found in order.
  auto const [known, fresh] = definitions_.try_emplace(definition.label);
  if (!fresh && known->second.offset <= content.source(begin)) return;
  Destination& destination = known->second;
  destination.definition = true;
  destination.form = definition.target.angle ? Destination::Form::Angle : Destination::Form::Bare;
  destination.outer_offset = content.source(at);
  destination.offset = content.source(begin);
  destination.length = end - begin;
  destination.url = definition.target.url;
  destination.title = definition.target.title;
  destination.line = line_of(destination.offset);
}

// Those at the beginning of a paragraph: how long they are.
std::size_t Locator::take_definitions(Content const& content) {
  std::string_view const text = content.text();
  std::size_t consumed = 0;
  while (consumed < text.size()) {
    Definition const definition = parse_definition(text.substr(consumed));
    if (definition.length == 0) break;
    take_definition(content, consumed, definition);
    consumed += definition.length;
  }
  return consumed;
}

// A paragraph of nothing but definitions leaves no node: its lines are those that no leaf covers.
void Locator::find_definitions_between_blocks() {
  for (int line = 1; line <= line_count(); ++line) {
    if (covered_[static_cast<std::size_t>(line)]) continue;
    std::string_view const text = line_text(line);
    std::size_t bracket = text.find('[');
    if (bracket == std::string_view::npos ||
        text.substr(0, bracket).find_first_not_of(" \t>-+*0123456789.)") != std::string_view::npos)
      continue;
    if (bracket + 4 <= text.size() && text.substr(bracket + 2, 2) == "] ")
      bracket = text.find('[', bracket + 4);  // Behind a task's box.
    if (bracket == std::string_view::npos) continue;
    Block block;
    block.first_line = block.last_line = line;
    block.first_column = static_cast<int>(bracket) + 1;
    block.quotes = static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bracket), '>'));
    line = std::max(line, definition_at(block));
  }
}

// A definition at the block's first line that may go on in those below: the last line it takes, 0 when there is none.
// Lines are taken twice as many again and again, for most need one.
int Locator::definition_at(Block block) {
  auto const goes_on = [&](int line) {
    return line <= line_count() && !covered_[static_cast<std::size_t>(line)] &&
           line_text(line).find_first_not_of(" \t>\r\n") != std::string_view::npos;
  };
  while (true) {
    Content const content = content_of(block);
    Definition const definition = parse_definition(content.text());
    int const wanted = block.last_line + (block.last_line - block.first_line + 1);
    int const before = block.last_line;
    while (definition.cut && block.last_line < wanted && goes_on(block.last_line + 1)) ++block.last_line;
    if (block.last_line > before) continue;
    if (definition.length == 0) return 0;
    take_definition(content, 0, definition);
    return line_of(content.source(definition.length - 1));
  }
}

// The files that a tag names: src of pictures, href of links, each address of a srcset ("a.png 1x, b.png 2x").
void Locator::add_html(Content const& content, std::size_t begin, std::size_t end) {
  std::string_view const tag = std::string_view(content.text()).substr(begin, end - begin);
  located_.tags.push_back({content.source(begin), content.source(end - 1) + 1 - content.source(begin)});
  std::string const name = tag_name(tag);
  bool const picture = name == "img" || name == "video" || name == "source", link = name == "a";
  if ((!picture && !link) || tag.starts_with("</")) return;
  std::vector<TagAttribute> const attributes = attributes_of(tag);
  std::size_t const before = located_.destinations.size();
  std::string alt;
  for (TagAttribute const& attribute : attributes)
    if (attribute.name == "alt") alt = attribute.value;
  auto const add = [&](std::size_t from, std::size_t to, bool quoted) {
    if (from >= to || !content.contiguous(begin + from, begin + to)) return;
    Destination destination;
    destination.kind = link ? Destination::Kind::HtmlLink : Destination::Kind::HtmlImage;
    destination.form = quoted ? Destination::Form::Quoted : Destination::Form::Unquoted;
    destination.offset = content.source(begin + from);
    destination.length = to - from;
    destination.url = unescape_references(tag.substr(from, to - from));
    destination.text = alt;
    if (picture && located_.destinations.size() == before) {  // The tag makes way once.
      destination.outer_offset = content.source(begin);
      destination.outer_length = content.source(end - 1) + 1 - destination.outer_offset;
    }
    destination.line = line_of(destination.offset);
    located_.destinations.push_back(std::move(destination));
  };
  for (TagAttribute const& attribute : attributes) {
    if ((picture && attribute.name == "src") || (link && attribute.name == "href"))
      add(attribute.begin, attribute.end, attribute.quoted);
    if (!picture || attribute.name != "srcset") continue;
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    for (std::size_t at = attribute.begin; at < attribute.end;) {
      at = std::min(tag.find_first_not_of(", \t\r\n\f\v", at), attribute.end);
      std::size_t to = std::min(tag.find_first_of(kSpace, at), attribute.end);
      bool const last_word = to > at && tag[to - 1] == ',';  // "a.png, b.png": no width behind it.
      std::size_t const after = last_word ? to : std::min(tag.find(',', to), attribute.end);
      while (to > at && tag[to - 1] == ',') --to;
      add(at, to, attribute.quoted);
      at = after;
    }
  }
}

void Locator::scan_html(PlainRange const& range) {
  Block block;
  block.first_line = range.first_line;
  block.last_line = range.last_line;
  block.first_column = range.first_column;
  block.quotes = range.quotes;
  Content const content = content_of(block);
  std::string_view const text = content.text();
  std::string const lower = to_lower(text);
  HtmlScan html(text);
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    if (text.substr(at, 4) == "<!--") {
      auto const end = text.find("-->", at);
      if (end == std::string_view::npos) return;  // The rest is a comment.
      at = end + 3;
      continue;
    }
    for (std::string_view raw : {"script", "style", "textarea", "title"}) {
      if (lower.compare(at + 1, raw.size(), raw) == 0) {
        auto const end = lower.find("</" + std::string(raw), at);
        at = end == std::string::npos ? text.size() - 1 : end;
        break;
      }
    }
    std::size_t const length = html.length(at);
    if (length > 0) {
      add_html(content, at, at + length);
      at += length;
    } else {
      // Browsers are more lenient than CommonMark's tag grammar: take what stands up to the next ">".
      auto const close = text.find_first_of("<>", at + 1);
      if (close != std::string_view::npos && text[close] == '>') add_html(content, at, close + 1);
      ++at;
    }
  }
}

void Locator::add_fence(PlainRange const& range) {
  Block block;
  block.first_line = range.first_line;
  block.last_line = range.first_line;
  block.first_column = range.first_column;
  Content const content = content_of(block);
  if (content.text().substr(0, 3) != "```" && content.text().substr(0, 3) != "~~~") return;
  Fence fence;
  std::string_view const info = cmark_node_get_fence_info(range.code);
  std::size_t const word = std::min(info.find_first_of(" \t"), info.size());
  fence.info = info.substr(0, word);
  fence.attributes = trim(info.substr(word));
  fence.content = cmark_node_get_literal(range.code);
  fence.offset = content.source(0);
  std::size_t end = range.last_line < line_count() ? line_begin(range.last_line + 1) : document_.size();
  while (end > fence.offset && (document_[end - 1] == '\n' || document_[end - 1] == '\r')) --end;
  fence.length = end - fence.offset;
  fence.line = range.first_line;
  located_.fences.push_back(std::move(fence));
}

Range Locator::lines(PlainRange const& range) const {
  std::size_t const begin = line_begin(range.first_line);
  return {begin, (range.last_line < line_count() ? line_begin(range.last_line + 1) : document_.size()) - begin};
}

// Pairs what the scan found with what cmark says is there, in order; what does not pair is left alone.
void Locator::scan_block(Block const& block, Content const& content, std::size_t skip) {
  std::string_view const text = std::string_view(content.text()).substr(skip);
  InlineScan const scan = scan_inlines(text, labels_);
  for (Span const& tag : scan.tags) add_html(content, skip + tag.begin, skip + tag.end);
  for (Span const& span : scan.verbatim) {
    std::size_t const begin = content.source(skip + span.begin);
    located_.verbatim.push_back({begin, content.source(skip + span.end - 1) + 1 - begin});
  }
  struct Places {
    std::vector<std::size_t> links;  // In `scan.links`, rising.
    std::size_t next = 0;
  };
  std::unordered_map<std::string, Places> places[2];  // By address: of links, of images.
  for (std::size_t i = 0; i < scan.links.size(); ++i)
    places[scan.links[i].image ? 1 : 0][scan.links[i].target.url].links.push_back(i);
  std::size_t next = 0;
  for (Wanted const& wanted : block.wanted) {
    Places& same = places[wanted.image ? 1 : 0][wanted.url];
    while (same.next < same.links.size() && same.links[same.next] < next) ++same.next;
    if (same.next == same.links.size()) {
      auto const kind = wanted.image ? Destination::Kind::Image : Destination::Kind::Link;
      auto const [use, fresh] = uses_.try_emplace(wanted.url, Use{kind, wanted.text});
      if (!fresh && wanted.image) use->second = {kind, wanted.text};
      continue;
    }
    InlineLink const& link = scan.links[same.links[same.next]];
    next = same.links[same.next] + 1;
    std::size_t const begin = skip + link.target.begin, end = skip + link.target.end;
    if (!content.contiguous(begin, end)) continue;
    Destination destination;
    destination.kind = link.image ? Destination::Kind::Image : Destination::Kind::Link;
    destination.form = link.target.angle ? Destination::Form::Angle : Destination::Form::Bare;
    destination.offset = content.source(begin);
    destination.length = end - begin;
    destination.url = link.target.url;
    destination.title = link.target.title;
    destination.text = wanted.text;
    destination.outer_offset = content.source(skip + link.outer_begin);
    destination.outer_length = content.source(skip + link.outer_end - 1) + 1 - destination.outer_offset;
    destination.line = line_of(destination.offset);
    located_.destinations.push_back(std::move(destination));
  }
}

Located Locator::run() {
  Parser parser(Autolinks::Off, CMARK_OPT_VALIDATE_UTF8);  // As the forge does: bad bytes may end a table.
  cmark_node* const document = parser.parse(document_);
  if (document == nullptr) return located_.too_costly = true, std::move(located_);
  walk(document, 0);
  // Definitions first, everywhere: a reference may stand before its definition.
  std::stable_sort(blocks_.begin(), blocks_.end(),
                   [](Block const& a, Block const& b) { return a.first_line < b.first_line; });
  std::vector<std::size_t> skips;
  std::vector<Content> contents;
  for (Block const& block : blocks_) {
    contents.push_back(block.cell >= 0 ? cell_content(block) : content_of(block));
    skips.push_back(block.can_define ? take_definitions(contents.back()) : 0);
  }
  find_definitions_between_blocks();
  for (std::size_t i = 0; i < blocks_.size(); ++i) scan_block(blocks_[i], contents[i], skips[i]);
  for (PlainRange const& range : ranges_) {
    bool const html = range.code == nullptr;
    html ? scan_html(range) : add_fence(range);
    (html ? located_.html_blocks : located_.verbatim).push_back(lines(range));
  }
  for (auto& [label, definition] : definitions_) {
    auto const use = uses_.find(definition.url);
    if (use == uses_.end()) continue;
    definition.kind = use->second.kind;
    definition.text = use->second.text;
    located_.destinations.push_back(std::move(definition));
  }
  std::sort(located_.destinations.begin(), located_.destinations.end(),
            [](Destination const& a, Destination const& b) { return a.offset < b.offset; });
  for (auto* ranges : {&located_.tags, &located_.html_blocks, &located_.verbatim})
    std::sort(ranges->begin(), ranges->end(), [](Range const& a, Range const& b) { return a.offset < b.offset; });
  std::sort(located_.fences.begin(), located_.fences.end(),
            [](Fence const& a, Fence const& b) { return a.offset < b.offset; });
  return std::move(located_);
}

}  // namespace

Located locate(std::string_view document) { return Locator(document).run(); }

std::string written(Destination const& destination, std::string_view url) {
  bool const html = destination.kind == Destination::Kind::HtmlImage || destination.kind == Destination::Kind::HtmlLink;
  std::string text(url);
  if (html) {
    text = replace_all(replace_all(replace_all(text, "&", "&amp;"), "\"", "&quot;"), "'", "&#39;");
    return destination.form == Destination::Form::Unquoted ? "\"" + text + "\"" : text;
  }
  bool const plain = !text.empty() && text[0] != '<' && text.find_first_of(" \t\r\n()\\<>") == std::string::npos;
  if (plain) return text;
  return "<" + replace_all(replace_all(replace_all(text, "\\", "%5C"), "<", "%3C"), ">", "%3E") + ">";
}

std::string with_replacements(std::string_view document, std::vector<Replacement> replacements) {
  std::sort(replacements.begin(), replacements.end(),
            [](Replacement const& a, Replacement const& b) { return a.offset < b.offset; });
  std::string result;
  std::size_t at = 0;
  for (Replacement const& replacement : replacements) {
    if (replacement.offset < at || replacement.offset + replacement.length > document.size()) continue;
    result += document.substr(at, replacement.offset - at);
    result += replacement.text;
    at = replacement.offset + replacement.length;
  }
  return result += document.substr(at);
}

}  // namespace cml::markdown
