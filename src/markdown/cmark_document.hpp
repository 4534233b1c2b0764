// A document as cmark-gfm reads it, with the extensions that GitHub's flavour needs, and bounded: cmark-gfm takes
// quadratic time for some shapes (unclosed "<?", tables of thousands of columns, quotes within quotes), and some
// hundred bytes of memory for a byte of text. Only .cpp files of this room include this.
#pragma once

#include <cmark-gfm.h>

#include <memory>
#include <string_view>

namespace cml::markdown {

enum class Autolinks { Off, On };
// Off for a document in which bare addresses would take too long to find.
Autolinks affordable_autolinks(std::string_view document);

// What reading one document may cost. Ordinary reports need some hundredths of it: 10 MB of tables stay below.
struct ParseLimits {
  double seconds = 1.5;  // Of this thread's processor time.
  std::size_t bytes = std::size_t{1} << 30;
};

// Everything that cmark makes lies in an arena of this thread's, which goes with the Parser. One Parser a thread at a
// time.
class Parser {
 public:
  explicit Parser(Autolinks autolinks, int options = CMARK_OPT_DEFAULT, ParseLimits const& limits = {});
  ~Parser();
  Parser(Parser const&) = delete;
  Parser& operator=(Parser const&) = delete;

  // The document's node, which lives as long as the Parser; null when a limit was reached.
  cmark_node* parse(std::string_view text);
  // As HTML, which lives as long as the Parser; null when a limit was reached.
  char const* render(cmark_node* document);

 private:
  struct Arena;
  friend struct ArenaAccess;
  void attach_extensions(Autolinks autolinks);
  cmark_node* parse_within_limits(std::string_view text);
  std::unique_ptr<Arena> arena_;
  int options_;
  cmark_parser* parser_ = nullptr;
};

}  // namespace cml::markdown
