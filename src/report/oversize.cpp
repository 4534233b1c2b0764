#include "report/oversize.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "markdown/open_blocks.hpp"

namespace cml {
namespace {

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

// A line must not begin with "/" because it was cut there: GitLab runs "/merge".
std::size_t before_slash(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != '/') return at;
  std::size_t earlier = at;
  while (earlier > 0 && (text[earlier - 1] == '/' || (static_cast<unsigned char>(text[earlier - 1]) & 0xC0) == 0x80))
    --earlier;
  return earlier > 1 && text[earlier - 1] != '\n' ? earlier - 1 : at;
}

// A good place to cut: after a blank line, else after a line, if it is not too far back.
std::string_view cut(std::string_view text, std::size_t limit) {
  std::string_view const piece = characters(text, limit);
  if (piece.size() == text.size()) return piece;
  for (std::string_view separator : {"\n\n", "\n"}) {
    auto const at = piece.rfind(separator);
    if (at != std::string_view::npos && at > piece.size() / 2) return piece.substr(0, at + separator.size());
  }
  return piece.substr(0, before_slash(text, piece.size()));
}

struct ClosedPiece {
  std::string_view piece;
  markdown::OpenBlocks open;  // Of what stands before the piece and the piece.
};

// The same, so short that it and what closes its blocks take at most `limit` with `more` behind them.
ClosedPiece cut_closed(std::string_view before, std::string_view text, std::size_t limit, std::size_t more) {
  for (std::size_t length = limit;; length /= 2) {
    std::string_view const piece = cut(text, length);
    std::string const part = std::string(before) + std::string(piece);
    markdown::OpenBlocks open = markdown::open_blocks(part);
    if (length <= 1 || utf8_length(part) + utf8_length(open.closing) <= limit + more) return {piece, std::move(open)};
  }
}

constexpr std::size_t kRoomForClosing = 400;
constexpr std::string_view kFoldStart = "<details><summary>The report goes on: part ", kFoldHead = "</summary>\n\n",
                           kFoldEnd = "\n\n</details>\n";

}  // namespace

std::string truncated(std::string_view body, std::size_t limit, std::string_view full_url) {
  std::size_t const length = utf8_length(body);
  if (length <= limit) return std::string(body);
  std::size_t const room = kRoomForClosing + full_url.size();
  std::size_t const most = limit > room * 2 ? limit - room : limit / 2;
  auto const [kept, open] = cut_closed("", body, most, kRoomForClosing / 2);
  std::string const note = "\n\n---\n*This report was cut: it has " + std::to_string(length) + " characters, and " +
                           std::to_string(utf8_length(kept)) + " of them are shown" +
                           (full_url.empty() ? "" : "; [the whole report](" + std::string(full_url) + ")") + ".*\n";
  return std::string(kept) + open.closing + note;
}

std::vector<std::string> split_body(std::string_view body, std::size_t limit) {
  std::vector<std::string> parts;
  std::string carry;  // Opens again what the part before had to close.
  while (utf8_length(carry) + utf8_length(body) > limit && limit > kRoomForClosing * 2) {
    auto const [piece, open] =
        cut_closed(carry, body, limit - kRoomForClosing - utf8_length(carry), kRoomForClosing + utf8_length(carry));
    parts.push_back(carry + std::string(piece) + open.closing);
    carry = open.reopening;
    if (utf8_length(carry) > kRoomForClosing) carry.clear();
    body.remove_prefix(piece.size());
  }
  parts.push_back(carry + std::string(body));
  return parts;
}

std::string folded(std::string_view text, std::size_t part) {
  return std::string(kFoldStart) + std::to_string(part) + std::string(kFoldHead) + std::string(text) +
         std::string(kFoldEnd);
}

bool is_folded(std::string_view text) {
  return text.starts_with(kFoldStart) && text.ends_with(kFoldEnd) && contains(text, kFoldHead);
}

std::string unfolded(std::string_view text) {
  auto const begin = text.find(kFoldHead) + kFoldHead.size();
  return std::string(text.substr(begin, text.size() - kFoldEnd.size() - begin));
}

std::vector<std::string> folded_parts(std::string_view body, std::size_t limit) {
  auto parts = split_body(body, limit > kRoomForFold * 2 ? limit - kRoomForFold : limit);
  for (std::size_t i = 1; i < parts.size(); ++i) parts[i] = folded(parts[i], i + 1);
  return parts;
}

std::string without_oldest(std::string_view body, std::size_t limit, std::string_view full_url) {
  if (utf8_length(body) <= limit) return std::string(body);
  std::string const note = "*Older entries were cut" +
                           (full_url.empty() ? std::string() : "; [the whole report](" + std::string(full_url) + ")") +
                           ".*\n\n---\n\n";
  std::size_t const room = kRoomForClosing + utf8_length(note);
  std::size_t const kept = limit > room * 2 ? limit - room : limit / 2;
  std::string_view const gone = characters(body, utf8_length(body) - kept);
  std::string_view rest = body.substr(gone.size());
  // From the next blank line on, else from the next line, if that is not too far.
  for (std::string_view separator : {"\n\n", "\n"}) {
    auto const at = rest.find(separator);
    if (at == std::string_view::npos || at > rest.size() / 2) continue;
    rest.remove_prefix(at + separator.size());
    break;
  }
  auto const skipped = body.size() - rest.size();
  rest = body.substr(before_slash(body, skipped));
  std::string const opened = markdown::open_blocks(body.substr(0, body.size() - rest.size())).reopening;
  std::string text = note + (utf8_length(opened) > kRoomForClosing ? "" : opened) + std::string(rest);
  return text;
}

}  // namespace cml
