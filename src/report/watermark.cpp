#include "report/watermark.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::string_view kOpening = "![](https://cml.dev/watermark.png";
constexpr std::string_view kTitle = "CML watermark";

std::string whole_title(std::string_view title) {
  return std::string(trim(std::string(kTitle) + " " + std::string(title)));
}

std::string without_backslashes(std::string_view text) {
  return replace_all(replace_all(std::string(text), "\\", ""), "&quot;", "\"");
}

struct Found {
  std::size_t begin = std::string_view::npos, end = 0;
  std::string title;  // Without backslashes.
};

// The next watermark from `from` on: opening, optional #sha, title in double quotes, ")".
Found find_mark(std::string_view body, std::size_t from) {
  for (auto at = body.find(kOpening, from); at != std::string_view::npos; at = body.find(kOpening, at + 1)) {
    std::size_t i = at + kOpening.size();
    if (i < body.size() && body[i] == '#') i = body.find_first_not_of("0123456789abcdefABCDEF", i + 1);
    if (i == std::string_view::npos || body.substr(i, 2) != " \"") continue;
    auto const close = body.find("\")", i + 2);
    auto const line_end = body.find('\n', i);
    if (close == std::string_view::npos || line_end < close) continue;
    std::string title = without_backslashes(body.substr(i + 2, close - i - 2));
    if (title.substr(0, kTitle.size()) != kTitle) continue;
    return {at, close + 2, std::move(title)};
  }
  return {};
}

}  // namespace

std::string fill_title(std::string title, std::string_view workflow, std::string_view run) {
  return replace_all(replace_all(std::move(title), "{workflow}", workflow), "{run}", run);
}

std::string watermark_text(Watermark const& mark) {
  std::string escaped;
  for (char c : one_line(whole_title(mark.title), 500)) {
    // CML's own escapes, and those without which the image would not end where it should.
    if (contains("_*[<\\", std::string_view(&c, 1))) escaped.push_back('\\');
    if (c == '"')
      escaped += "&quot;";
    else
      escaped.push_back(c);
  }
  return std::string(kOpening) + (mark.sha.empty() ? "" : "#" + mark.sha) + " \"" + escaped + "\")";
}

std::string with_watermark(std::string_view body, Watermark const& mark) {
  return std::string(body) + "\n\n" + watermark_text(mark);
}

bool has_watermark(std::string_view body, std::string_view title) {
  std::string const wanted = without_backslashes(one_line(whole_title(title), 500));
  for (Found found = find_mark(body, 0); found.begin != std::string_view::npos; found = find_mark(body, found.end))
    if (found.title == wanted) return true;
  return false;
}

bool has_any_watermark(std::string_view body) { return find_mark(body, 0).begin != std::string_view::npos; }

std::string_view without_watermark(std::string_view body) {
  Found last, found = find_mark(body, 0);
  for (; found.begin != std::string_view::npos; found = find_mark(body, found.end)) last = found;
  if (last.begin == std::string_view::npos || !trim(body.substr(last.end)).empty()) return body;
  std::string_view rest = body.substr(0, last.begin);
  for (int breaks = 0; breaks < 2 && !rest.empty() && rest.back() == '\n'; ++breaks) {
    rest.remove_suffix(1);
    if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  }
  return rest;
}

}  // namespace cml
