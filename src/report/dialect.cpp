#include "report/dialect.hpp"

#include "base/text.hpp"
#include "markdown/locate.hpp"
#include "markdown/plain.hpp"

namespace cml {
namespace {

constexpr std::size_t kLongestCommand = 4096;  // With every "\r" that stands in it.

// "/merge", "/label ~x"; no path such as "/usr/bin/env".
bool is_command(std::string_view line) {
  if (line.size() < 2 || line[0] != '/') return false;
  constexpr std::string_view kNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  auto const end = line.find_first_not_of(kNames, 1);
  return end > 1 && (end == std::string_view::npos || line[end] == ' ' || line[end] == '\t' || line[end] == '\n');
}

// GitLab runs a line such as "/merge" with the rights of the token, also of a log that a report shows. It takes every
// "\r" out first. What it takes for code is not what Markdown does: a fence of four backticks, one of "~", one in a
// list or behind a line "</b>" may be none. So a command in a fence gets a blank before it, and one outside a
// backslash.
std::string without_commands(std::string const& content, std::string& first) {
  auto const located = markdown::locate(content);
  std::string result;
  auto fence = located.fences.begin();
  for (std::size_t begin = 0, end = 0; begin < content.size(); begin = end) {
    end = std::min(content.find('\n', begin), content.size() - 1) + 1;
    std::string_view const line = std::string_view(content).substr(begin, end - begin);
    while (fence != located.fences.end() && fence->offset + fence->length <= begin) ++fence;
    bool const in_code = fence != located.fences.end() && fence->offset <= begin;
    if (is_command(replace_all(std::string(line.substr(0, kLongestCommand)), "\r", ""))) {
      if (first.empty()) first = trim(line);
      result += in_code ? ' ' : '\\';
    }
    result += line;
  }
  return result;
}

}  // namespace

std::string in_dialect(std::string content, Capabilities const& can, std::string_view forge, Diagnostics& diagnostics) {
  if (!can.html) {
    auto plain = markdown::without_html(content);
    content = std::move(plain.text);
    for (std::string const& tag : plain.left)
      diagnostics.missed("", std::string(forge) + " shows HTML as text; <" + tag + "> stays as it is");
  }
  if (!can.alerts) content = markdown::without_alerts(content);
  if (can.runs_commands) {
    std::string first;
    std::string escaped = without_commands(content, first);
    if (!first.empty())
      diagnostics.warn("", std::string(forge) + " would run lines such as \"" + clean_line(first, 40) +
                               "\" as commands; they are shown instead");
    content = std::move(escaped);
  }
  return content;
}

}  // namespace cml
