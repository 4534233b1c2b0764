#include "markdown/cmark_document.hpp"

#include <cmark-gfm-core-extensions.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace cml::markdown {
namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The wall's clock as of the last tick, some milliseconds ago at most: costs no call of the kernel.
long tick() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_nsec;
}

constexpr std::size_t kChunk = std::size_t{256} << 10, kAlign = 16;
// Asking for the time costs as much as some allocations. Lines count more: they may cost much and allocate nothing.
constexpr unsigned kStepsBetweenLooks = 32, kStepsOfLine = 8;

// Bytes that cmark-gfm looks at for bare addresses ("www.a.b", "http://a.b", "me@a.b"): from each beginning to the
// word's end, and for each ")" again, without a step that its limits could count.
constexpr std::size_t kMaxAutolinkWork = 100'000'000;

}  // namespace

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

// cmark allocates for every node, cell and piece of text, also where it is slow, so that its allocator is the place to
// stop it. It is C, owns nothing but this memory, and can be left by a jump.
struct Parser::Arena {
  explicit Arena(ParseLimits const& given) : limits(given), deadline(processor_seconds() + given.seconds) {}
  ~Arena() {
    for (void* chunk : chunks) std::free(chunk);
  }
  Arena(Arena const&) = delete;
  Arena& operator=(Arena const&) = delete;

  void step(unsigned count = 1) {
    if (!inside || (steps += count) < kStepsBetweenLooks) return;
    steps = 0;
    // Between two ticks no processor time can have passed that matters, and asking for it costs as much as ten lines.
    long const now = tick();
    if (now == last_tick) return;
    last_tick = now;
    if (processor_seconds() > deadline) stop();
  }
  // Back to the call that set `out`. Outside of one (cmark copies a node's text when it is first asked for) there is
  // nowhere to go: such copies are no longer than the document, and pass.
  [[noreturn]] void stop() {
    if (!inside) std::abort();
    std::longjmp(out, 1);
  }

  // Zeroed. The size stands before it, for resize().
  void* take(std::size_t size) {
    step();
    std::size_t const whole = ((size + kAlign - 1) & ~(kAlign - 1)) + kAlign;
    if (inside && (size > limits.bytes || used + whole > limits.bytes)) stop();
    if (whole > left) {
      std::size_t const chunk = whole > kChunk / 4 ? whole : kChunk;
      auto* const fresh = static_cast<char*>(std::calloc(1, chunk));
      if (fresh == nullptr) stop();
      chunks.push_back(fresh);
      if (chunk == whole) return used += whole, begin_of(fresh, size);  // A large one has a chunk of its own.
      next = fresh, left = chunk;
    }
    char* const at = next;
    next += whole, left -= whole, used += whole;
    return begin_of(at, size);
  }
  void* resize(void* old, std::size_t size) {
    if (old == nullptr) return take(size);
    std::size_t const before = size_of(old);
    if (size <= before) return old;
    void* const fresh = take(size);
    std::memcpy(fresh, old, before);
    return fresh;
  }
  static void* begin_of(char* at, std::size_t size) {
    std::memcpy(at, &size, sizeof size);
    return at + kAlign;
  }
  static std::size_t size_of(void* data) {
    std::size_t size = 0;
    std::memcpy(&size, static_cast<char*>(data) - kAlign, sizeof size);
    return size;
  }

  ParseLimits limits;
  double deadline;
  std::jmp_buf out{};
  bool inside = false;  // A call that set `out` has not returned.
  unsigned steps = 0;
  long last_tick = -1;
  std::vector<void*> chunks;
  char* next = nullptr;
  std::size_t left = 0, used = 0;

  static thread_local Arena* current;
};

thread_local Parser::Arena* Parser::Arena::current = nullptr;

// cmark's functions take no argument that could name the arena.
struct ArenaAccess {
  static void* calloc(std::size_t count, std::size_t size) { return Parser::Arena::current->take(count * size); }
  static void* realloc(void* old, std::size_t size) { return Parser::Arena::current->resize(old, size); }
  static void free(void*) {}
};

namespace {
cmark_mem arena_memory{ArenaAccess::calloc, ArenaAccess::realloc, ArenaAccess::free};
}  // namespace

Parser::Parser(Autolinks autolinks, int options, ParseLimits const& limits)
    : arena_(std::make_unique<Arena>(limits)), options_(options | CMARK_OPT_FOOTNOTES) {
  cmark_gfm_core_extensions_ensure_registered();
  Arena::current = arena_.get();
  arena_->inside = true;
  if (setjmp(arena_->out) == 0) attach_extensions(autolinks);
  arena_->inside = false;
}

void Parser::attach_extensions(Autolinks autolinks) {
  parser_ = cmark_parser_new_with_mem(options_, &arena_memory);
  for (char const* name : {"table", "strikethrough", "tasklist", "autolink", "tagfilter"}) {
    bool const link_maker = std::strcmp(name, "autolink") == 0;
    if (link_maker && autolinks == Autolinks::Off) continue;
    if (cmark_syntax_extension* extension = cmark_find_syntax_extension(name))
      cmark_parser_attach_syntax_extension(parser_, extension);
  }
}

Parser::~Parser() { Arena::current = nullptr; }

cmark_node* Parser::parse(std::string_view text) {
  arena_->inside = true;
  cmark_node* document = nullptr;
  if (parser_ != nullptr && setjmp(arena_->out) == 0) document = parse_within_limits(text);
  arena_->inside = false;
  return document;
}

cmark_node* Parser::parse_within_limits(std::string_view text) {
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    end = std::min(text.find_first_of("\r\n", begin), text.size() - 1) + 1;
    cmark_parser_feed(parser_, text.data() + begin, end - begin);
    arena_->step(kStepsOfLine);
  }
  return cmark_parser_finish(parser_);
}

char const* Parser::render(cmark_node* document) {
  arena_->inside = true;
  char* html = nullptr;
  if (document != nullptr && setjmp(arena_->out) == 0)
    html = cmark_render_html_with_mem(document, options_, cmark_parser_get_syntax_extensions(parser_), &arena_memory);
  arena_->inside = false;
  return html;
}

}  // namespace cml::markdown
