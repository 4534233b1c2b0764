#include "vega/render/huffman.hpp"

#include <algorithm>
#include <array>

namespace cml::vega {
namespace {

constexpr std::size_t kMaxSymbols = 288;

// How many bits each of the `n` counts gets, rarest first, by the two-queue construction: leaves and inner nodes both
// come out in order.
void code_lengths(std::array<std::uint64_t, kMaxSymbols> const& counts, std::size_t n,
                  std::array<int, kMaxSymbols>& lengths) {
  std::array<std::uint64_t, kMaxSymbols> weight{};
  std::array<std::size_t, kMaxSymbols> leaf_parent{}, node_parent{};
  std::size_t leaf = 0, node = 0;
  for (std::size_t made = 0; made + 1 < n; ++made) {
    for (int child = 0; child < 2; ++child) {
      if (leaf < n && (node >= made || counts[leaf] <= weight[node])) {
        weight[made] += counts[leaf];
        leaf_parent[leaf++] = made;
      } else {
        weight[made] += weight[node];
        node_parent[node++] = made;
      }
    }
  }
  std::array<int, kMaxSymbols> depth{};  // Of inner nodes; the last one is the root.
  for (std::size_t i = n - 1; i-- > 0;) depth[i] = i + 2 == n ? 0 : depth[node_parent[i]] + 1;
  for (std::size_t i = 0; i < n; ++i) lengths[i] = depth[leaf_parent[i]] + 1;
}

// Cuts codes to `limit` bits and pays for it with the longest shorter ones, until the code is complete again (Kraft's
// sum is one).
void limit_lengths(std::array<int, kMaxSymbols>& lengths, std::size_t n, int limit) {
  std::int64_t const whole = std::int64_t{1} << limit;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    lengths[i] = std::min(lengths[i], limit);
    sum += whole >> lengths[i];
  }
  while (sum > whole) {
    std::size_t pick = n;
    for (std::size_t i = 0; i < n; ++i)
      if (lengths[i] < limit && (pick == n || lengths[i] > lengths[pick])) pick = i;
    ++lengths[pick];
    sum -= whole >> lengths[pick];
  }
  for (std::size_t i = n; i-- > 0;)  // What that left over goes to the most frequent.
    while (lengths[i] > 1 && sum + (whole >> lengths[i]) <= whole) {
      sum += whole >> lengths[i];
      --lengths[i];
    }
}

}  // namespace

void make_huffman_codes(std::span<std::uint32_t const> counts, int limit, std::span<HuffmanCode> codes) {
  std::array<std::uint16_t, kMaxSymbols> symbols{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    codes[i] = {};
    if (counts[i]) symbols[n++] = static_cast<std::uint16_t>(i);
  }
  if (n == 0) return;
  std::sort(symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(n),
            [&](auto a, auto b) { return counts[a] != counts[b] ? counts[a] < counts[b] : a < b; });
  std::array<int, kMaxSymbols> lengths{};
  if (n == 1) {
    lengths[0] = 1;
  } else {
    std::array<std::uint64_t, kMaxSymbols> sorted{};
    for (std::size_t i = 0; i < n; ++i) sorted[i] = counts[symbols[i]];
    code_lengths(sorted, n, lengths);
    limit_lengths(lengths, n, limit);
  }
  std::array<std::uint32_t, 17> of_length{}, next{};
  for (std::size_t i = 0; i < n; ++i) {
    codes[symbols[i]].length = static_cast<std::uint8_t>(lengths[i]);
    ++of_length[static_cast<std::size_t>(lengths[i])];
  }
  for (std::size_t length = 1; length < next.size(); ++length)
    next[length] = (next[length - 1] + of_length[length - 1]) << 1;
  for (auto& code : codes) {
    if (code.length == 0) continue;
    auto const bits = next[code.length]++;
    std::uint32_t reversed = 0;
    for (int b = 0; b < code.length; ++b) reversed |= (bits >> b & 1) << (code.length - 1 - b);
    code.bits = static_cast<std::uint16_t>(reversed);
  }
}

}  // namespace cml::vega
