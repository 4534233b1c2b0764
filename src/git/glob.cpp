#include "git/glob.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxExpansions = 1000;

// The index of the bracket that closes the one at `open`; npos when there is none.
std::size_t closing(std::string_view text, std::size_t open, char left, char right) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == left)
      ++depth;
    else if (text[i] == right && --depth == 0)
      return i;
  }
  return std::string_view::npos;
}

// The alternatives between `separator`s that are not inside brackets.
std::vector<std::string_view> alternatives(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '(' || text[i] == '{')
      ++depth;
    else if (text[i] == ')' || text[i] == '}')
      --depth;
    else if (text[i] == separator && depth == 0) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

// "{a,b}" and "{1..3}" written out.
void expand_braces(std::string const& pattern, std::vector<std::string>& out) {
  if (out.size() > kMaxExpansions) return;
  for (std::size_t open = 0; open < pattern.size(); ++open) {
    if (pattern[open] == '\\') {
      ++open;
      continue;
    }
    if (pattern[open] != '{') continue;
    std::size_t const close = closing(pattern, open, '{', '}');
    if (close == std::string::npos) break;
    std::string_view const inner = std::string_view(pattern).substr(open + 1, close - open - 1);
    std::vector<std::string> choices;
    for (std::string_view part : alternatives(inner, ',')) choices.emplace_back(part);
    if (auto const dots = inner.find(".."); choices.size() == 1 && dots != std::string_view::npos) {
      auto const from = parse_integer(inner.substr(0, dots)), to = parse_integer(inner.substr(dots + 2));
      if (from && to && *from <= *to && *to - *from < static_cast<long long>(kMaxExpansions)) {
        choices.clear();
        for (long long i = *from; i <= *to; ++i) choices.push_back(std::to_string(i));
      }
    }
    if (choices.size() == 1) continue;
    for (std::string const& choice : choices)
      expand_braces(pattern.substr(0, open) + choice + pattern.substr(close + 1), out);
    return;
  }
  out.push_back(pattern);
}

// "[a-z]" at `at`: whether it takes `c`, and where the pattern goes on; nothing when it is no class.
struct ClassMatch {
  bool taken = false;
  std::size_t next = 0;
};
std::optional<ClassMatch> match_class(std::string_view pattern, std::size_t at, char c) {
  std::size_t i = at + 1;
  bool const negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size() && (pattern[i] != ']' || first); first = false, ++i) {
    char const low = pattern[i];
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (low <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      found = found || low == c;
    }
  }
  if (i >= pattern.size()) return std::nullopt;
  return ClassMatch{found != negated && c != '/', i + 1};
}

bool match(std::string_view pattern, std::string_view path);

// "@(a|b)rest" and its kind: `body` between the brackets, `rest` behind.
bool match_group(char kind, std::string_view body, std::string_view rest, std::string_view path) {
  auto const choices = alternatives(body, '|');
  std::size_t const end = std::min(path.find('/'), path.size());
  auto const takes = [&](std::size_t length) {
    return std::any_of(choices.begin(), choices.end(),
                       [&](std::string_view choice) { return match(choice, path.substr(0, length)); });
  };
  if (kind == '!') {
    for (std::size_t length = 0; length <= end; ++length)
      if (!takes(length) && match(rest, path.substr(length))) return true;
    return false;
  }
  if ((kind == '?' || kind == '*') && match(rest, path)) return true;
  for (std::size_t length = kind == '*' || kind == '+' ? 1 : 0; length <= end; ++length) {
    if (!takes(length)) continue;
    if (match(rest, path.substr(length))) return true;
    if ((kind == '*' || kind == '+') && match_group('*', body, rest, path.substr(length))) return true;
  }
  return false;
}

bool match(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    char const p = pattern[0];
    if (contains("@?*+!", std::string_view(&p, 1)) && pattern.size() > 1 && pattern[1] == '(') {
      std::size_t const close = closing(pattern, 1, '(', ')');
      if (close != std::string_view::npos)
        return match_group(p, pattern.substr(2, close - 2), pattern.substr(close + 1), path);
    }
    if (pattern.substr(0, 2) == "**") {
      pattern.remove_prefix(std::min(pattern.find_first_not_of('*'), pattern.size()));
      bool const whole_parts = pattern.empty() || pattern[0] == '/';
      if (pattern.empty()) return true;
      if (whole_parts) pattern.remove_prefix(1);
      for (std::size_t i = 0; i <= path.size(); ++i) {
        if (whole_parts && i > 0 && path[i - 1] != '/') continue;
        if (match(pattern, path.substr(i))) return true;
      }
      return false;
    }
    if (p == '*') {
      pattern.remove_prefix(1);
      for (std::size_t i = 0;; ++i) {
        if (match(pattern, path.substr(i))) return true;
        if (i >= path.size() || path[i] == '/') return false;
      }
    }
    if (path.empty()) return false;
    if (p == '[') {
      if (auto const taken = match_class(pattern, 0, path[0])) {
        if (!taken->taken) return false;
        pattern.remove_prefix(taken->next);
        path.remove_prefix(1);
        continue;
      }
    }
    if (p == '\\' && pattern.size() > 1)
      pattern.remove_prefix(1);
    else if (p == '?') {
      if (path[0] == '/') return false;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      continue;
    }
    if (pattern[0] != path[0]) return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
  }
  return path.empty();
}

// "a/./b/../c" by its parts; nothing when it leads out.
std::optional<std::string> normal(std::string const& pattern) {
  std::vector<std::string> parts;
  for (std::string const& part : split(pattern, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (parts.empty())
      return std::nullopt;
    else
      parts.pop_back();
  }
  std::string text;
  for (std::string const& part : parts) text += (text.empty() ? "" : "/") + part;
  return text;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view path) {
  std::vector<std::string> expanded;
  expand_braces(std::string(pattern), expanded);
  return std::any_of(expanded.begin(), expanded.end(), [&](std::string const& one) { return match(one, path); });
}

Result<PathFilter> PathFilter::make(std::vector<std::string> const& globs, std::string const& prefix) {
  PathFilter filter;
  for (std::string const& glob : globs) {
    bool const negative = glob.size() > 1 && glob[0] == '!' && glob[1] != '(';
    auto const pattern = normal(prefix + glob.substr(negative ? 1 : 0));
    if (glob.empty() || glob[0] == '/' || !pattern)
      return Error{ErrorKind::BadInput,
                   "\"" + one_line(glob, 60) + "\" is outside the repository; give paths from the current folder"};
    std::vector<std::string> expanded;
    expand_braces(*pattern, expanded);
    if (expanded.size() > kMaxExpansions)
      return Error{ErrorKind::BadInput, "\"" + one_line(glob, 60) + "\" stands for too many names"};
    auto& list = negative ? filter.unwanted_ : filter.wanted_;
    list.insert(list.end(), expanded.begin(), expanded.end());
  }
  return filter;
}

bool PathFilter::matches(std::string_view path) const {
  auto const any = [&](std::vector<std::string> const& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](std::string const& pattern) {
      return pattern.empty() || match(pattern, path) || match(pattern + "/**", path);
    });
  };
  return any(wanted_) && !any(unwanted_);
}

}  // namespace cml
