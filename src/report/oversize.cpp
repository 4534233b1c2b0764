#include "report/oversize.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cml {
namespace {

// What is open at the end of a piece of Markdown.
struct OpenState {
  std::string fence;       // "```" as opened, with its info string; empty: no fence.
  std::string fence_mark;  // Only the mark.
  int details = 0;
};

OpenState state_after(std::string_view text, OpenState state = {}) {
  for (std::string const& line : split(text, '\n')) {
    std::string_view const stripped = trim(line);
    std::size_t const run = std::min(stripped.find_first_not_of(stripped.substr(0, 1)), stripped.size());
    bool const mark = run >= 3 && (stripped[0] == '`' || stripped[0] == '~');
    if (state.fence.empty()) {
      if (mark && !(stripped[0] == '`' && contains(stripped.substr(run), "`"))) {
        state.fence = stripped;
        state.fence_mark = stripped.substr(0, run);
        continue;
      }
      std::string const lower = to_lower(stripped);
      for (auto at = lower.find("<details"); at != std::string::npos; at = lower.find("<details", at + 1))
        ++state.details;
      for (auto at = lower.find("</details"); at != std::string::npos && state.details > 0;
           at = lower.find("</details", at + 1))
        --state.details;
    } else if (mark && stripped.substr(0, state.fence_mark.size()) == state.fence_mark && run == stripped.size()) {
      state.fence.clear();
    }
  }
  return state;
}

std::string closing(OpenState const& state) {
  std::string text;
  if (!state.fence.empty()) text += "\n" + state.fence_mark + "\n";
  for (int i = 0; i < state.details; ++i) text += "\n</details>\n";
  return text;
}

// The prefix of at most `limit` characters.
std::string_view characters(std::string_view text, std::size_t limit) {
  std::size_t count = 0, at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (count == limit) break;
    ++count;
  }
  return text.substr(0, at);
}

// A good place to cut: after a blank line, else after a line, if it is not too far back.
std::string_view cut(std::string_view text, std::size_t limit) {
  std::string_view const piece = characters(text, limit);
  if (piece.size() == text.size()) return piece;
  for (std::string_view separator : {"\n\n", "\n"}) {
    auto const at = piece.rfind(separator);
    if (at != std::string_view::npos && at > piece.size() / 2) return piece.substr(0, at + separator.size());
  }
  return piece;
}

constexpr std::size_t kRoomForClosing = 400;

}  // namespace

std::string truncated(std::string_view body, std::size_t limit, std::string_view full_url) {
  std::size_t const length = utf8_length(body);
  if (length <= limit) return std::string(body);
  std::size_t const room = kRoomForClosing + full_url.size();
  std::string_view const kept = cut(body, limit > room * 2 ? limit - room : limit / 2);
  std::string const note = "\n\n---\n*This report was cut: it has " + std::to_string(length) + " characters, and " +
                           std::to_string(utf8_length(kept)) + " of them are shown" +
                           (full_url.empty() ? "" : "; [the whole report](" + std::string(full_url) + ")") + ".*\n";
  std::string const end = closing(state_after(kept)) + note;
  return std::string(kept) + end;
}

std::vector<std::string> split_body(std::string_view body, std::size_t limit) {
  std::vector<std::string> parts;
  std::string carry;  // Opens again what the part before had to close.
  while (utf8_length(carry) + utf8_length(body) > limit && limit > kRoomForClosing * 2) {
    std::string_view const piece = cut(body, limit - kRoomForClosing - utf8_length(carry));
    std::string const part = carry + std::string(piece);
    OpenState const state = state_after(part);
    parts.push_back(part + closing(state));
    carry.clear();
    for (int i = 0; i < state.details; ++i) carry += "<details open><summary>continued</summary>\n\n";
    if (!state.fence.empty())
      carry +=
          utf8_prefix(state.fence, 100).size() == state.fence.size() ? state.fence + "\n" : state.fence_mark + "\n";
    if (utf8_length(carry) > kRoomForClosing) carry.clear();
    body.remove_prefix(piece.size());
  }
  parts.push_back(carry + std::string(body));
  return parts;
}

std::vector<std::string> folded_parts(std::string_view body, std::size_t limit) {
  constexpr std::size_t kRoomForFold = 100;
  auto parts = split_body(body, limit > kRoomForFold * 2 ? limit - kRoomForFold : limit);
  for (std::size_t i = 1; i < parts.size(); ++i)
    parts[i] = "<details><summary>The report goes on: part " + std::to_string(i + 1) + " of " +
               std::to_string(parts.size()) + "</summary>\n\n" + parts[i] + "\n\n</details>\n";
  return parts;
}

}  // namespace cml
