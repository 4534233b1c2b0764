#include "git/glob.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "git/glob_text.hpp"

namespace cml {

std::size_t glob_closing(std::string_view text, std::size_t open, char left, char right) {
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

std::vector<std::string_view> glob_alternatives(std::string_view text, char separator) {
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

namespace {

constexpr std::size_t kMaxExpansions = 1000, kMaxLength = 4096, kMaxExpandedBytes = 1 << 18;

// "{a,b}" and "{1..3}" written out.
void expand_braces(std::string const& pattern, std::vector<std::string>& out) {
  if (out.size() > kMaxExpansions) return;
  for (std::size_t open = 0; open < pattern.size(); ++open) {
    if (pattern[open] == '\\') {
      ++open;
      continue;
    }
    if (pattern[open] != '{') continue;
    std::size_t const close = glob_closing(pattern, open, '{', '}');
    if (close == std::string::npos) break;
    std::string_view const inner = std::string_view(pattern).substr(open + 1, close - open - 1);
    std::vector<std::string> choices;
    for (std::string_view part : glob_alternatives(inner, ',')) choices.emplace_back(part);
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
  if (pattern.size() > kMaxLength) return false;
  std::vector<std::string> expanded;
  expand_braces(std::string(pattern), expanded);
  return std::any_of(expanded.begin(), expanded.end(),
                     [&](std::string const& one) { return GlobProgram(one).matches(path); });
}

namespace {

// A glob with git's own signs in front, "!" or ":!", ":^", ":/", ":(exclude,top,literal,glob)": what they mean, and the
// rest.
struct SignedGlob {
  bool excludes = false, from_top = false, literal = false, is_pathspec = false;
  std::string glob;
};
Result<SignedGlob> read_signs(std::string const& text) {
  SignedGlob result;
  std::string_view rest = text;
  if (text.size() > 1 && text[0] == '!' && text[1] != '(') return SignedGlob{true, false, false, false, text.substr(1)};
  if (!rest.starts_with(':')) return SignedGlob{false, false, false, false, text};
  result.is_pathspec = true;
  rest.remove_prefix(1);
  Error const unknown{ErrorKind::Usage, "\"" + one_line(text, 60) +
                                            "\" is not understood; of git's signs there are :!, :^, :/ and "
                                            ":(exclude), :(top), :(glob), :(literal)"};
  if (rest.starts_with('(')) {
    auto const close = rest.find(')');
    if (close == std::string_view::npos) return unknown;
    for (std::string const& word : split(rest.substr(1, close - 1), ',')) {
      if (word == "exclude")
        result.excludes = true;
      else if (word == "top")
        result.from_top = true;
      else if (word == "literal")
        result.literal = true;
      else if (word != "glob" && !word.empty())
        return unknown;
    }
    rest.remove_prefix(close + 1);
  } else {
    for (; !rest.empty() && contains("!^/", rest.substr(0, 1)); rest.remove_prefix(1))
      (rest[0] == '/' ? result.from_top : result.excludes) = true;
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (!result.excludes && !result.from_top) return unknown;
  }
  result.glob = rest.empty() ? "." : std::string(rest);
  return result;
}

std::string escaped_glob(std::string const& text) {
  std::string result;
  for (char c : text) {
    if (contains("*?[]{}()!+@\\", std::string_view(&c, 1))) result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

}  // namespace

Result<PathFilter> PathFilter::make(std::vector<std::string> const& globs, std::string const& prefix) {
  PathFilter filter;
  bool const only_exclusions = !globs.empty() && std::all_of(globs.begin(), globs.end(), [](std::string const& text) {
    auto const read = read_signs(text);
    return read && read->is_pathspec && read->excludes;
  });
  if (only_exclusions) filter.wanted_.all = true;  // As git: everything else.
  for (std::string const& text : globs) {
    CML_TRY(read, read_signs(text));
    std::string const& glob = read.glob;
    bool const negative = read.excludes;
    if (prefix.size() + glob.size() > kMaxLength)
      return Error{ErrorKind::BadInput, "\"" + one_line(glob, 60) + "\" is longer than " + std::to_string(kMaxLength) +
                                            " bytes; write shorter globs"};
    auto const pattern = normal((read.from_top ? "" : prefix) + (read.literal ? escaped_glob(glob) : glob));
    if (glob.empty() || glob[0] == '/' || !pattern)
      return Error{ErrorKind::BadInput,
                   "\"" + one_line(glob, 60) + "\" is outside the repository; give paths from the current folder"};
    std::vector<std::string> expanded;
    expand_braces(*pattern, expanded);
    std::size_t bytes = 0;
    for (std::string const& one : expanded) bytes += one.size();
    if (expanded.size() > kMaxExpansions || bytes > kMaxExpandedBytes)
      return Error{ErrorKind::BadInput, "\"" + one_line(glob, 60) + "\" stands for too many names"};
    auto& list = negative ? filter.unwanted_ : filter.wanted_;
    for (std::string const& one : expanded) {
      list.all |= one.empty();
      list.programs.emplace_back(one);
      list.programs.emplace_back(one + "/**");
    }
  }
  return filter;
}

bool PathFilter::matches(std::string_view path) const {
  auto const any = [&](Globs const& globs) {
    return globs.all || std::any_of(globs.programs.begin(), globs.programs.end(),
                                    [&](GlobProgram const& program) { return program.matches(path); });
  };
  return any(wanted_) && !any(unwanted_);
}

}  // namespace cml
