#include "vega/render/deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include <libdeflate.h>

#include "vega/render/huffman.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kWindow = 32768, kMinMatch = 4, kMaxMatch = 258, kLongMatch = 64;
constexpr std::size_t kBlockTokens = 1u << 16;  // One block has its own codes; charts need one or two.
constexpr std::size_t kEndOfBlock = 256;

// Bytes as they are, or `repeat` copies of `length` bytes from `distance` + 1 back.
struct Token {
  std::uint16_t length = 0;  // 0: the lowest `distance` bytes of `repeat`, one to four: mostly a whole pixel.
  std::uint16_t distance = 0;
  std::uint32_t repeat = 1;
};

// Lengths and distances come as a class and extra bits (RFC 1951, 3.2.5).
struct Class {
  std::uint16_t symbol = 0;
  std::uint8_t extra_bits = 0;
  std::uint16_t extra = 0;
};
constexpr Class class_of_length(unsigned length) {
  if (length == kMaxMatch) return {285, 0, 0};
  unsigned const v = length - 3;
  if (v < 8) return {static_cast<std::uint16_t>(257 + v), 0, 0};
  auto const bits = static_cast<unsigned>(std::bit_width(v)) - 3;
  return {static_cast<std::uint16_t>(257 + 4 * bits + (v >> bits)), static_cast<std::uint8_t>(bits), static_cast<std::uint16_t>(v & ((1u << bits) - 1))};
}
constexpr auto kLengthClasses = [] {
  std::array<Class, kMaxMatch + 1> classes{};
  for (unsigned length = 3; length <= kMaxMatch; ++length) classes[length] = class_of_length(length);
  return classes;
}();
inline Class class_of_distance(unsigned distance) {
  unsigned const v = distance - 1;
  if (v < 4) return {static_cast<std::uint16_t>(v), 0, 0};
  auto const bits = static_cast<unsigned>(std::bit_width(v)) - 2;
  return {static_cast<std::uint16_t>(2 * bits + (v >> bits)), static_cast<std::uint8_t>(bits), static_cast<std::uint16_t>(v & ((1u << bits) - 1))};
}

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}
  void put(std::uint32_t bits, unsigned count) {  // At most 32 at once.
    held_ |= std::uint64_t{bits} << count_;
    count_ += count;
    if (count_ < 32) return;
    char word[4];
    for (unsigned i = 0; i < 4; ++i) word[i] = static_cast<char>(held_ >> (8 * i) & 255);
    out_.append(word, 4);
    held_ >>= 32;
    count_ -= 32;
  }
  void put(HuffmanCode code) { put(code.bits, code.length); }
  void finish() {  // To the next whole byte.
    for (; count_ > 0; held_ >>= 8, count_ -= std::min(count_, 8u)) out_ += static_cast<char>(held_ & 255);
    held_ = 0;
  }

 private:
  std::string& out_;
  std::uint64_t held_ = 0;
  unsigned count_ = 0;
};

// One block with codes of its own: the lengths of the codes, run-length coded and coded again, then the tokens.
void write_block(BitWriter& out, std::vector<Token> const& tokens, bool last) {
  std::array<std::uint32_t, 286> symbol_counts{};
  std::array<std::uint32_t, 30> distance_counts{};
  for (auto const& token : tokens) {
    if (token.length == 0) {
      for (unsigned i = 0; i < token.distance; ++i) ++symbol_counts[token.repeat >> (8 * i) & 255];
    } else {
      symbol_counts[kLengthClasses[token.length].symbol] += token.repeat;
      distance_counts[class_of_distance(token.distance + 1u).symbol] += token.repeat;
    }
  }
  symbol_counts[kEndOfBlock] = 1;
  if (std::all_of(distance_counts.begin(), distance_counts.end(), [](auto n) { return n == 0; })) distance_counts[0] = 1;
  std::array<HuffmanCode, 286> symbols{};
  std::array<HuffmanCode, 30> distances{};
  make_huffman_codes(symbol_counts, 15, symbols);
  make_huffman_codes(distance_counts, 15, distances);

  std::size_t symbol_end = 286, distance_end = 30;
  while (symbol_end > 257 && symbols[symbol_end - 1].length == 0) --symbol_end;
  while (distance_end > 1 && distances[distance_end - 1].length == 0) --distance_end;
  std::vector<std::uint8_t> lengths;
  for (std::size_t i = 0; i < symbol_end; ++i) lengths.push_back(symbols[i].length);
  for (std::size_t i = 0; i < distance_end; ++i) lengths.push_back(distances[i].length);

  struct Run {
    std::uint8_t symbol, extra_bits, extra;
  };
  std::vector<Run> runs;
  std::array<std::uint32_t, 19> run_counts{};
  auto const add = [&](std::size_t symbol, unsigned bits, std::size_t extra) {
    runs.push_back({static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(extra)});
    ++run_counts[symbol];
  };
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t same = 1;
    while (i + same < lengths.size() && lengths[i + same] == lengths[i]) ++same;
    i += same;
    auto const value = lengths[i - 1];
    if (value != 0) add(value, 0, 0), --same;
    while (same >= 3) {
      auto const n = std::min<std::size_t>(same, value != 0 ? 6 : 138);
      if (value != 0) add(16, 2, n - 3);
      else if (n <= 10) add(17, 3, n - 3);
      else add(18, 7, n - 11);
      same -= n;
    }
    while (same-- > 0) add(value, 0, 0);
  }
  std::array<HuffmanCode, 19> run_codes{};
  make_huffman_codes(run_counts, 7, run_codes);
  constexpr std::array<std::uint8_t, 19> order{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  std::size_t order_end = 19;
  while (order_end > 4 && run_codes[order[order_end - 1]].length == 0) --order_end;

  out.put(last ? 1 : 0, 1);
  out.put(2, 2);
  out.put(static_cast<std::uint32_t>(symbol_end - 257), 5);
  out.put(static_cast<std::uint32_t>(distance_end - 1), 5);
  out.put(static_cast<std::uint32_t>(order_end - 4), 4);
  for (std::size_t i = 0; i < order_end; ++i) out.put(run_codes[order[i]].length, 3);
  for (auto const& run : runs) {
    out.put(run_codes[run.symbol]);
    out.put(run.extra, run.extra_bits);
  }
  for (auto const& token : tokens) {
    if (token.length == 0) {
      for (unsigned i = 0; i < token.distance; i += 2) {  // Two codes are 30 bits at most.
        auto const& first = symbols[token.repeat >> (8 * i) & 255];
        if (i + 1 == token.distance) {
          out.put(first);
          break;
        }
        auto const& second = symbols[token.repeat >> (8 * i + 8) & 255];
        out.put(first.bits | static_cast<std::uint32_t>(second.bits) << first.length, static_cast<unsigned>(first.length) + second.length);
      }
      continue;
    }
    auto const length = kLengthClasses[token.length];
    auto const distance = class_of_distance(token.distance + 1u);
    auto const& length_code = symbols[length.symbol];
    auto const& distance_code = distances[distance.symbol];
    auto const length_bits = length_code.bits | static_cast<std::uint32_t>(length.extra) << length_code.length;
    auto const distance_bits = distance_code.bits | static_cast<std::uint32_t>(distance.extra) << distance_code.length;
    for (std::uint32_t i = 0; i < token.repeat; ++i) {
      out.put(length_bits, length_code.length + length.extra_bits);
      out.put(distance_bits, distance_code.length + distance.extra_bits);
    }
  }
  out.put(symbols[kEndOfBlock]);
}

inline std::uint64_t word_at(unsigned char const* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
// How many bytes from `at` on are those `distance` before them.
inline std::size_t match_length(unsigned char const* data, std::size_t at, std::size_t size, std::size_t distance) {
  auto const start = at;
  for (; at + 8 <= size; at += 8)
    if (auto const differ = word_at(data + at) ^ word_at(data + at - distance)) return at - start + static_cast<std::size_t>(std::countr_zero(differ)) / 8;
  while (at < size && data[at] == data[at - distance]) ++at;
  return at - start;
}

class Tokens {
 public:
  Tokens(BitWriter& out) : out_(out) { tokens_.reserve(4096); }
  void bytes(unsigned char const* data, std::size_t count) {  // At most four.
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < count; ++i) word |= std::uint32_t{data[i]} << (8 * i);
    add({0, static_cast<std::uint16_t>(count), word});
  }
  // A length is cut into what one symbol can say; none of the pieces may be shorter than three.
  void copy(std::size_t length, std::size_t distance) {
    auto const back = static_cast<std::uint16_t>(distance - 1);
    auto whole = length / kMaxMatch, rest = length % kMaxMatch;
    std::size_t shortened = 0;
    if (whole > 0 && rest > 0 && rest < 3) shortened = kMaxMatch - 3, rest += 3, --whole;
    if (whole > 0) add({kMaxMatch, back, static_cast<std::uint32_t>(whole)});
    if (shortened > 0) add({static_cast<std::uint16_t>(shortened), back, 1});
    if (rest > 0) add({static_cast<std::uint16_t>(rest), back, 1});
  }
  void finish() { write_block(out_, tokens_, true); }

 private:
  void add(Token token) {
    if (tokens_.size() == kBlockTokens) {
      write_block(out_, tokens_, false);
      tokens_.clear();
    }
    tokens_.push_back(token);
  }
  BitWriter& out_;
  std::vector<Token> tokens_;
};

}  // namespace

void append_zlib(std::string& out, unsigned char const* data, std::size_t size, std::size_t stride) {
  out.append("\x78\x01", 2);  // A window of 32 KB, the fastest method.
  BitWriter bits(out);
  Tokens tokens(bits);
  std::vector<std::uint32_t> last_seen(4096, 0);  // Place after two pixels' first byte, by their hash; 0: nowhere.
  bool const rows = stride <= kWindow;
  std::size_t row = 0;  // Start of a row at or before `at`.
  for (std::size_t at = 0; at < size;) {
    std::size_t length = rows && at >= stride ? match_length(data, at, size, stride) : 0, distance = stride;
    if (length < kLongMatch && at >= 4)
      if (auto const left = match_length(data, at, size, 4); left >= length) length = left, distance = 4;
    if (length < kLongMatch && at + 8 <= size) {
      auto const hash = static_cast<std::size_t>(word_at(data + at) * 0x9E3779B97F4A7C15u >> 52);
      auto const place = last_seen[hash];
      last_seen[hash] = static_cast<std::uint32_t>(at + 1);
      if (place != 0 && at + 1 - place <= kWindow)
        if (auto const seen = match_length(data, at, size, at + 1 - place); seen > length) length = seen, distance = at + 1 - place;
    }
    if (length < kMinMatch) {
      // The rest of the pixel too: within one there is nothing to find.
      while (at - row >= stride) row += stride;
      auto const end = std::min(size, at == row ? at + 1 : at + 4 - (at - row - 1) % 4);
      tokens.bytes(data + at, end - at);
      at = end;
    } else {
      tokens.copy(length, distance);
      at += length;
    }
  }
  tokens.finish();
  bits.finish();
  auto const sum = libdeflate_adler32(1, data, size);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(sum >> shift & 255);
}

}  // namespace cml::vega
