// Command lines of pages and pipelines, taken apart as a shell would.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace cml::test {

// The words of one simple command, as a shell would give them; a CI's ${{ expression }} and $(command) count as one
// piece each.
inline std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  auto const flush = [&] {
    if (any) words.push_back(word);
    word.clear();
    any = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    char const c = line[i];
    auto const take_until = [&](std::string_view end) {
      auto const stop = line.find(end, i);
      std::size_t const last = stop == std::string_view::npos ? line.size() : stop + end.size();
      word += line.substr(i, last - i);
      any = true;
      i = last - 1;
    };
    if (line.substr(i, 3) == "${{")
      take_until("}}");
    else if (line.substr(i, 2) == "$(")
      take_until(")");
    else if (c == '"' || c == '\'') {
      any = true;
      for (++i; i < line.size() && line[i] != c; ++i) {
        if (line.substr(i, 3) == "${{")
          take_until("}}");
        else
          word += line[i];
      }
    } else if (c == '\\') {
      if (i + 1 < line.size()) word += line[++i], any = true;
    } else if (c == '#' && !any) {
      break;  // A comment.
    } else if (contains("|&;<>)", std::string_view(&c, 1))) {
      if (word.find_first_not_of("0123456789") == std::string::npos) any = false;  // "2>"
      break;
    } else if (c == ' ' || c == '\t') {
      flush();
    } else {
      word += c;
      any = true;
    }
  }
  flush();
  return words;
}

// The part of a line that starts with cml or cml-...; empty when there is none.
inline std::string_view cml_part(std::string_view line) {
  for (std::size_t at = line.find("cml"); at != std::string_view::npos; at = line.find("cml", at + 1)) {
    bool const starts = at == 0 || contains(" (;&|\"'`", line.substr(at - 1, 1));
    char const next = at + 3 < line.size() ? line[at + 3] : '\0';
    if (starts && (next == ' ' || next == '-')) return line.substr(at);
  }
  return {};
}

}  // namespace cml::test
