// The text of one block without the prefixes of its containers, and the way back to source offsets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cml::markdown {

class Content {
 public:
  void append(std::string_view text, std::size_t source_offset) {
    if (text.empty()) return;
    pieces_.push_back({text_.size(), source_offset});
    text_ += text;
  }
  std::string const& text() const { return text_; }
  // Source offset of a position in text().
  std::size_t source(std::size_t position) const {
    std::size_t low = 0, high = pieces_.size();
    while (high - low > 1) {
      std::size_t const middle = (low + high) / 2;
      (pieces_[middle].position <= position ? low : high) = middle;
    }
    return pieces_.empty() ? 0 : pieces_[low].source + (position - pieces_[low].position);
  }
  // True when the span is one run of source bytes (not across a stripped prefix).
  bool contiguous(std::size_t begin, std::size_t end) const {
    return begin == end || source(end - 1) - source(begin) == end - 1 - begin;
  }

 private:
  struct Piece {
    std::size_t position, source;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace cml::markdown
