#include "vega/render/deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include <libdeflate.h>

#include "vega/render/huffman.hpp"
#include "vega/render/straighten.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kWindow = 32768, kMaxMatch = 258;
constexpr std::size_t kLongMatch = 16;          // Pixels; then nothing longer is looked for.
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
  return {static_cast<std::uint16_t>(257 + 4 * bits + (v >> bits)), static_cast<std::uint8_t>(bits),
          static_cast<std::uint16_t>(v & ((1u << bits) - 1))};
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
  return {static_cast<std::uint16_t>(2 * bits + (v >> bits)), static_cast<std::uint8_t>(bits),
          static_cast<std::uint16_t>(v & ((1u << bits) - 1))};
}

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out), used_(out.size()) {}
  // Makes room for what is put next; beyond it nothing may be put.
  void reserve(std::uint64_t bits) { out_.resize(used_ + static_cast<std::size_t>(bits / 8) + 16); }
  void put(std::uint64_t bits, unsigned count) {  // At most 57 at once: up to seven are held.
    static_assert(std::endian::native == std::endian::little);
    held_ |= bits << count_;
    count_ += count;
    std::memcpy(out_.data() + used_, &held_, 8);
    used_ += count_ / 8;
    held_ >>= count_ & ~7u;
    count_ &= 7;
  }
  void put(HuffmanCode code) { put(code.bits, code.length); }
  void finish() { out_.resize(used_ + (count_ > 0)); }  // To the next whole byte.

 private:
  std::string& out_;
  std::size_t used_;
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
  if (std::all_of(distance_counts.begin(), distance_counts.end(), [](auto n) { return n == 0; }))
    distance_counts[0] = 1;
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
    runs.push_back(
        {static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(extra)});
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
      if (value != 0)
        add(16, 2, n - 3);
      else if (n <= 10)
        add(17, 3, n - 3);
      else
        add(18, 7, n - 11);
      same -= n;
    }
    while (same-- > 0) add(value, 0, 0);
  }
  std::array<HuffmanCode, 19> run_codes{};
  make_huffman_codes(run_counts, 7, run_codes);
  constexpr std::array<std::uint8_t, 19> order{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  std::size_t order_end = 19;
  while (order_end > 4 && run_codes[order[order_end - 1]].length == 0) --order_end;

  std::uint64_t size = 4096;  // The codes are in less than half of that.
  for (std::size_t i = 0; i < symbols.size(); ++i)
    size += std::uint64_t{symbol_counts[i]} * (symbols[i].length + (i > kEndOfBlock ? 5u : 0u));
  for (std::size_t i = 0; i < distances.size(); ++i)
    size += std::uint64_t{distance_counts[i]} * (distances[i].length + 13u);
  out.reserve(size);

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
        out.put(first.bits | static_cast<std::uint64_t>(second.bits) << first.length,
                static_cast<unsigned>(first.length) + second.length);
      }
      continue;
    }
    auto const length = kLengthClasses[token.length];
    auto const distance = class_of_distance(token.distance + 1u);
    auto const& length_code = symbols[length.symbol];
    auto const& distance_code = distances[distance.symbol];
    auto const length_bits = length_code.bits | static_cast<std::uint64_t>(length.extra) << length_code.length;
    auto const distance_bits = distance_code.bits | static_cast<std::uint64_t>(distance.extra) << distance_code.length;
    unsigned const length_count = length_code.length + length.extra_bits,
                   count = length_count + distance_code.length + distance.extra_bits;
    for (std::uint32_t i = 0; i < token.repeat; ++i) out.put(length_bits | distance_bits << length_count, count);
  }
  out.put(symbols[kEndOfBlock]);
}

inline std::uint64_t two_pixels(std::uint32_t const* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
// How many of the `count` pixels at `a` are those at `b`, before the first that differs.
inline std::size_t run_length(std::uint32_t const* a, std::uint32_t const* b, std::size_t count) {
  std::size_t n = 0;
  for (; n + 2 <= count; n += 2)
    if (auto const differ = two_pixels(a + n) ^ two_pixels(b + n))
      return n + static_cast<std::size_t>(std::countr_zero(differ)) / 32;
  if (n < count && a[n] == b[n]) ++n;
  return n;
}

class Tokens {
 public:
  Tokens(BitWriter& out) : out_(out) { tokens_.reserve(4096); }
  void filter() { add({0, 1, 0}); }  // What PNG has in front of a row.
  void pixel(std::uint32_t rgba) { add({0, 4, rgba}); }
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

// The checksum of a row after the ones before (RFC 1950, 8.2): `a` sums bytes, `b` sums the values of `a`. A row that
// is repeated is added without looking at its bytes.
class Adler {
 public:
  explicit Adler(std::size_t row) : row_(row % kModulus) {}
  void next(std::uint32_t row_sum) { sum_ = row_sum, repeat(); }  // The row's own checksum.
  void repeat() {
    b_ = (b_ + row_ * (a_ + kModulus - 1) + (sum_ >> 16)) % kModulus;
    a_ = (a_ + (sum_ & 0xffff) + kModulus - 1) % kModulus;
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(b_ << 16 | a_); }

 private:
  static constexpr std::uint64_t kModulus = 65521;
  std::uint64_t row_, a_ = 1, b_ = 0;
  std::uint32_t sum_ = 1;
};

}  // namespace

void append_zlib(std::string& out, std::uint32_t const* pixels, std::size_t width, std::size_t height) {
  out.append("\x78\x01", 2);  // A window of 32 KB, the fastest method.
  BitWriter bits(out);
  Tokens tokens(bits);
  std::size_t const stride = 4 * width + 1;
  bool const reachable = stride <= kWindow;  // The row above.
  Adler adler(stride);
  std::vector<unsigned char> line(stride);        // The row as PNG has it.
  std::vector<std::uint32_t> last_seen(4096, 0);  // The pixel after two, by their hash; 0: nowhere.
  std::size_t above = 0;  // Bytes up to here that are those of the row above and wait to be said at once.
  auto const flush = [&] {
    if (above > 0) tokens.copy(above, stride);
    above = 0;
  };
  for (std::size_t y = 0; y < height; ++y) {
    auto const* const row = pixels + y * width;
    auto const* const before = y > 0 ? row - width : row;  // The first row has none.
    std::size_t x = 0;
    if (y > 0 && reachable) x = std::memcmp(row, before, 4 * width) == 0 ? width : run_length(row, before, width);
    if (x > 0 || above > 0) above += 1 + 4 * x;  // What reached the last row's end takes the filter along.
    if (x == width) {
      adler.repeat();
      continue;
    }
    straighten(row, line.data() + 1, width);
    adler.next(libdeflate_adler32(1, line.data(), stride));
    if (above > 0)
      flush();
    else
      tokens.filter();
    while (x < width) {
      std::size_t const left = width - x;
      std::size_t length = y > 0 && reachable ? run_length(row + x, before + x, left) : 0, distance = stride;
      if (length < kLongMatch && x > 0 && row[x] == row[x - 1])
        if (auto const same = run_length(row + x, row + x - 1, left); same >= length) length = same, distance = 4;
      if (length < kLongMatch && left >= 2) {
        auto const here = y * width + x;
        auto const hash = static_cast<std::size_t>(two_pixels(row + x) * 0x9E3779B97F4A7C15u >> 52);
        auto const place = last_seen[hash];
        last_seen[hash] = static_cast<std::uint32_t>(here + 1);
        if (place != 0 && here + 1 - place <= kWindow / 4 && two_pixels(pixels + place - 1) == two_pixels(row + x)) {
          std::size_t const from = place - 1, from_y = from / width, from_x = from % width;
          auto const back = 4 * (here - from) + (y - from_y);
          auto const seen = run_length(row + x, pixels + from, std::min(left, width - from_x));
          if (seen > length && back <= kWindow) length = seen, distance = back;
        }
      }
      if (length == 0) {
        std::uint32_t rgba;
        std::memcpy(&rgba, line.data() + 1 + 4 * x, 4);
        tokens.pixel(rgba);
        ++x;
        continue;
      }
      x += length;
      if (distance == stride && x == width)
        above = 4 * length;
      else
        tokens.copy(4 * length, distance);
    }
  }
  flush();
  tokens.finish();
  bits.finish();
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(adler.value() >> shift & 255);
}

}  // namespace cml::vega
