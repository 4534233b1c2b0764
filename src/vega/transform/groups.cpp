#include "vega/transform/groups.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "vega/expr/coerce.hpp"
#include "vega/expr/order.hpp"
#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr std::uint32_t kNone = 0xffffffffu;

// A hash table from 64-bit keys to consecutive codes: open addressing, no allocation a key.
class Interner {
 public:
  explicit Interner(std::size_t expected = 64) { grow(expected); }
  std::uint32_t code(std::uint64_t key, bool& is_new) {
    if (codes_ * 2 >= keys_.size()) grow(codes_ * 4);
    auto slot = mix(key) & (keys_.size() - 1);
    while (code_[slot] != kNone) {
      if (keys_[slot] == key) {
        is_new = false;
        return code_[slot];
      }
      slot = (slot + 1) & (keys_.size() - 1);
    }
    keys_[slot] = key;
    is_new = true;
    return code_[slot] = static_cast<std::uint32_t>(codes_++);
  }

 private:
  static std::size_t mix(std::uint64_t x) {
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
  }
  void grow(std::size_t wanted) {
    std::size_t capacity = 64;
    while (capacity < wanted) capacity *= 2;
    auto const keys = std::move(keys_);
    auto const code = std::move(code_);
    keys_.assign(capacity, 0);
    code_.assign(capacity, kNone);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (code[i] == kNone) continue;
      auto slot = mix(keys[i]) & (capacity - 1);
      while (code_[slot] != kNone) slot = (slot + 1) & (capacity - 1);
      keys_[slot] = keys[i];
      code_[slot] = code[i];
    }
  }
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> code_;
  std::size_t codes_ = 0;
};

std::uint64_t number_key(double n) {
  if (n == 0) return 0;  // -0 is 0.
  if (std::isnan(n)) {
    auto const bits = double_to_bits(n);
    return bits == kNullBits || bits == kUndefinedBits ? bits : 0x7ff8000000000000ull;
  }
  return double_to_bits(n);
}

}  // namespace

Codes encode(FieldColumn const& column, Nullish nullish) {
  bool const together = nullish == Nullish::Together;
  Codes out;
  auto const rows = column.size();
  out.of_row.resize(rows);
  auto const* cells = column.column();
  auto const note = [&](std::size_t row, std::uint32_t code, bool is_new) {
    out.of_row[row] = code;
    if (is_new) out.first_row.push_back(static_cast<std::uint32_t>(row));
  };
  if (!cells) {
    if (rows) out.first_row.push_back(0);
    return out;
  }
  bool is_new = false;
  if (cells->kind() == Column::Kind::String) {
    // Dictionary codes to dense codes by a plain array; the last two places are null and undefined.
    std::vector<std::uint32_t> dense(cells->dictionary().size() + 2, kNone);
    auto const& codes = cells->codes();
    for (std::size_t row = 0; row < rows; ++row) {
      auto const code = codes[column.index(row)];
      auto const at = code >= Column::kNullCode ? dense.size() - 1 - (together || code == Column::kNullCode) : code;
      is_new = dense[at] == kNone;
      if (is_new) dense[at] = static_cast<std::uint32_t>(out.first_row.size());
      note(row, dense[at], is_new);
    }
  } else if (cells->numeric()) {
    Interner interner;
    auto const& numbers = cells->numbers();
    for (std::size_t row = 0; row < rows; ++row) {
      auto key = number_key(numbers[column.index(row)]);
      if (together && key == kUndefinedBits) key = kNullBits;
      auto const code = interner.code(key, is_new);
      note(row, code, is_new);
    }
  } else {
    std::unordered_map<std::string, std::uint32_t> texts;
    for (std::size_t row = 0; row < rows; ++row) {
      auto const [entry, added] =
          texts.emplace(together && column.nullish(row) ? std::string("null") : js_string(column.value(row)),
                        static_cast<std::uint32_t>(texts.size()));
      note(row, entry->second, added);
    }
  }
  return out;
}

Groups group_rows(Table const& table, std::vector<Field> const& fields, Scope& scope, Nullish nullish) {
  auto const rows = table.size();
  Groups groups;
  if (fields.empty()) {
    groups.of_row.assign(rows, 0);
    if (rows) groups.first_row.push_back(0);
    return groups;
  }
  auto codes = encode(fields[0].of(table, scope), nullish);
  for (std::size_t i = 1; i < fields.size(); ++i) {
    auto const more = encode(fields[i].of(table, scope), nullish);
    auto const width = static_cast<std::uint64_t>(more.count());
    Interner interner;
    Codes both;
    both.of_row.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      bool is_new = false;
      both.of_row[row] = interner.code(codes.of_row[row] * width + more.of_row[row], is_new);
      if (is_new) both.first_row.push_back(static_cast<std::uint32_t>(row));
    }
    codes = std::move(both);
  }
  groups.of_row = std::move(codes.of_row);
  groups.first_row = std::move(codes.first_row);
  return groups;
}

GroupedRows rows_of(Groups const& groups) {
  GroupedRows out;
  out.offsets.assign(groups.count() + 1, 0);
  for (auto group : groups.of_row) ++out.offsets[group + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.rows.resize(groups.of_row.size());
  auto next = out.offsets;
  for (std::size_t row = 0; row < groups.of_row.size(); ++row)
    out.rows[next[groups.of_row[row]]++] = static_cast<std::uint32_t>(row);
  return out;
}

// --- RowOrder -------------------------------------------------------------------------------------------------------

namespace {

// Doubles as integers of the same order; null and undefined before NaN before all numbers.
std::uint64_t rank_of(double n) {
  if (std::isnan(n)) {
    auto const bits = double_to_bits(n);
    return bits == kNullBits || bits == kUndefinedBits ? 0 : 1;
  }
  if (n == 0) n = 0;
  auto const bits = double_to_bits(n);
  // Infinities and numbers map to at least 0x000f...: the ranks of null and NaN stay below.
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

// Empty where the cells have no order.
std::vector<std::uint64_t> ranks_of(FieldColumn const& column) {
  if (column.column() && !has_order(*column.column())) return {};
  std::vector<std::uint64_t> ranks(column.size(), 0);
  auto const* cells = column.column();
  if (!cells) return ranks;
  if (cells->numeric()) {
    for (std::size_t row = 0; row < ranks.size(); ++row) ranks[row] = rank_of(cells->numbers()[column.index(row)]);
    return ranks;
  }
  // Distinct cells sorted once; equal neighbours share a rank. Nullish cells rank lowest.
  auto const codes = encode(column);
  std::vector<Value> distinct;
  for (auto row : codes.first_row) distinct.push_back(column.value(row));
  std::vector<std::uint32_t> order(distinct.size());
  std::iota(order.begin(), order.end(), 0u);
  auto const compare = [&](std::uint32_t a, std::uint32_t b) { return ascending(distinct[a], distinct[b]); };
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; });
  std::vector<std::uint64_t> rank(distinct.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    rank[order[i]] = i == 0 ? 0 : rank[order[i - 1]] + (compare(order[i - 1], order[i]) == 0 ? 0 : 1);
  for (std::size_t row = 0; row < ranks.size(); ++row) ranks[row] = rank[codes.of_row[row]];
  return ranks;
}

}  // namespace

RowOrder::RowOrder(Table const& table, std::vector<SortKey> const& keys, Scope& scope) {
  for (auto const& key : keys) {
    auto const rows = static_cast<double>(table.size());
    budget::steps(10 * rows);
    budget::bytes(8 * rows);
    held_ += 8 * rows;
    auto const column = key.field.of(table, scope);
    Key made;
    made.descending = key.descending;
    made.ranks = ranks_of(column);
    if (key.descending)
      for (auto& rank : made.ranks) rank = ~rank;
    if (made.ranks.empty() && table.size() > 0) {
      is_order_ = false;
      budget::bytes(sizeof(Value) * rows);
      held_ += sizeof(Value) * rows;
      made.values.reserve(column.size());
      for (std::size_t row = 0; row < column.size(); ++row) {  // Lists as the text that they compare as.
        Value cell = column.value(row);
        made.values.push_back(cell.type() > Type::String ? Value(js_string(cell)) : std::move(cell));
      }
    }
    keys_.push_back(std::move(made));
  }
}
RowOrder::~RowOrder() { budget::give_back(held_); }
int RowOrder::compare_values(Key const& key, std::uint32_t a, std::uint32_t b) {
  int const c = ascending(key.values[a], key.values[b]);
  return key.descending ? -c : c;
}
int RowOrder::compare(std::uint32_t a, std::uint32_t b) const {
  for (auto const& key : keys_) {
    if (!key.values.empty()) {
      if (int const c = compare_values(key, a, b)) return c;
    } else if (key.ranks[a] != key.ranks[b]) {
      return key.ranks[a] < key.ranks[b] ? -1 : 1;
    }
  }
  return 0;
}
void RowOrder::sort(std::uint32_t* begin, std::uint32_t* end, Ties ties) const {
  if (keys_.empty()) return;
  if (!is_order_) {
    sort_as_v8(begin, end, [&](std::uint32_t a, std::uint32_t b) {
      int const c = compare(a, b);
      return c != 0 || ties == Ties::Kept ? c : a < b ? -1 : a > b;
    });
    return;
  }
  auto const count = static_cast<double>(end - begin);
  budget::steps(count * std::log2(count + 2) * static_cast<double>(1 + keys_.size()));
  auto const& first = keys_[0].ranks;
  if (keys_.size() == 1) {
    if (std::is_sorted(begin, end, [&](std::uint32_t a, std::uint32_t b) { return first[a] < first[b]; })) return;
    // Key and row side by side: sorting then touches contiguous memory. Rows come in ascending order: ties keep it.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> pairs;
    pairs.reserve(static_cast<std::size_t>(end - begin));
    for (auto* row = begin; row != end; ++row) pairs.emplace_back(first[*row], *row);
    std::stable_sort(pairs.begin(), pairs.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    for (auto const& pair : pairs) *begin++ = pair.second;
    return;
  }
  std::stable_sort(begin, end, [this](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; });
}

}  // namespace cml::vega
