#include "vega/expr/order.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vega/expr/coerce.hpp"
#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kLongOrdered = 256;  // Bytes from which comparing a text counts.

int ascending_numbers(double x, double y) {
  if (x < y) return -1;
  if (x > y) return 1;
  if (std::isnan(x) != std::isnan(y)) return std::isnan(x) ? -1 : 1;
  return 0;
}

bool is_nan(Value const& value) { return (value.is_number() || value.is_date()) && std::isnan(value.to_number()); }

// --- TimSort, as V8's third_party/v8/builtins/array-sort.tq has it
// ----------------------------------------------------

class TimSort {
 public:
  TimSort(std::uint32_t* items, CompareItems const& compare) : a_(items), compare_(compare) {}

  void sort(std::size_t count) {
    if (count < 2) return;
    std::size_t low = 0, remaining = count;
    std::size_t const least = least_run(count);
    while (remaining > 0) {
      std::size_t length = make_run(low, low + remaining);
      if (length < least) {
        std::size_t const forced = std::min(least, remaining);
        insert(low, low + length, low + forced);
        length = forced;
      }
      runs_.push_back({low, length});
      collapse();
      low += length;
      remaining -= length;
    }
    while (runs_.size() > 1) {
      std::size_t n = runs_.size() - 2;
      if (n > 0 && runs_[n - 1].length < runs_[n + 1].length) --n;
      merge_at(n);
    }
  }

 private:
  struct Run {
    std::size_t base, length;
  };

  static std::size_t least_run(std::size_t n) {
    std::size_t rest = 0;
    while (n >= 64) {
      rest |= n & 1;
      n >>= 1;
    }
    return n + rest;
  }

  // The length of the run that starts at `low`; one that falls is turned around.
  std::size_t make_run(std::size_t low, std::size_t high) {
    if (low + 1 == high) return 1;
    bool const falls = compare_(a_[low + 1], a_[low]) < 0;
    std::size_t at = low + 2;
    while (at < high && (compare_(a_[at], a_[at - 1]) < 0) == falls) ++at;
    if (falls) std::reverse(a_ + low, a_ + at);
    return at - low;
  }

  // Binary insertion of [start, high) into the sorted [low, start).
  void insert(std::size_t low, std::size_t start, std::size_t high) {
    for (std::size_t at = std::max(start, low + 1); at < high; ++at) {
      std::uint32_t const pivot = a_[at];
      std::size_t left = low, right = at;
      while (left < right) {
        std::size_t const middle = left + (right - left) / 2;
        if (compare_(pivot, a_[middle]) < 0)
          right = middle;
        else
          left = middle + 1;
      }
      std::move_backward(a_ + left, a_ + at, a_ + at + 1);
      a_[left] = pivot;
    }
  }

  bool holds(std::size_t n) const { return n < 2 || runs_[n - 2].length > runs_[n - 1].length + runs_[n].length; }

  void collapse() {
    while (runs_.size() > 1) {
      std::size_t n = runs_.size() - 2;
      if (!holds(n + 1) || !holds(n)) {
        if (runs_[n - 1].length < runs_[n + 1].length) --n;
      } else if (runs_[n].length > runs_[n + 1].length) {
        return;
      }
      merge_at(n);
    }
  }

  void merge_at(std::size_t i) {
    auto [base_a, length_a] = runs_[i];
    auto [base_b, length_b] = runs_[i + 1];
    runs_[i].length = length_a + length_b;
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    std::size_t const skipped = gallop_right(a_ + base_a, a_[base_b], length_a, 0);
    base_a += skipped;
    length_a -= skipped;
    if (length_a == 0) return;
    length_b = gallop_left(a_ + base_b, a_[base_a + length_a - 1], length_b, length_b - 1);
    if (length_b == 0) return;
    if (length_a <= length_b)
      merge_low(base_a, length_a, base_b, length_b);
    else
      merge_high(base_a, length_a, base_b, length_b);
  }

  // Where `key` would stand in the sorted items, left of its equals (right of them), searched from `hint` on in steps
  // of 1, 3, 7, ...
  std::size_t gallop_left(std::uint32_t const* items, std::uint32_t key, std::size_t count, std::size_t hint) {
    return gallop(items, count, hint, [&](std::uint32_t item) { return compare_(item, key) < 0; });
  }
  std::size_t gallop_right(std::uint32_t const* items, std::uint32_t key, std::size_t count, std::size_t hint) {
    return gallop(items, count, hint, [&](std::uint32_t item) { return compare_(key, item) >= 0; });
  }
  // The number of items for which `before` holds, which come first.
  template <class Before>
  std::size_t gallop(std::uint32_t const* items, std::size_t count, std::size_t hint, Before const& before) {
    auto const n = static_cast<std::ptrdiff_t>(count), start = static_cast<std::ptrdiff_t>(hint);
    std::ptrdiff_t last = 0, offset = 1;
    std::ptrdiff_t from, until;  // The answer lies in (from, until].
    if (before(items[start])) {
      std::ptrdiff_t const most = n - start;
      while (offset < most && before(items[start + offset])) {
        last = offset;
        offset = offset * 2 + 1;
      }
      from = start + last;
      until = start + std::min(offset, most);
    } else {
      std::ptrdiff_t const most = start + 1;
      while (offset < most && !before(items[start - offset])) {
        last = offset;
        offset = offset * 2 + 1;
      }
      from = start - std::min(offset, most);
      until = start - last;
    }
    for (++from; from < until;) {
      std::ptrdiff_t const middle = from + (until - from) / 2;
      if (before(items[middle]))
        from = middle + 1;
      else
        until = middle;
    }
    return static_cast<std::size_t>(until);
  }

  // Merges two runs side by side, the shorter of which is set aside: A here, from the left.
  void merge_low(std::size_t base_a, std::size_t count_a, std::size_t base_b, std::size_t count_b) {
    aside_.assign(a_ + base_a, a_ + base_a + count_a);
    std::uint32_t const* a = aside_.data();
    std::uint32_t *b = a_ + base_b, *to = a_ + base_a;
    auto const copy_a = [&](std::size_t n) { to = std::copy(a, a + n, to), a += n, count_a -= n; };
    auto const copy_b = [&](std::size_t n) { to = std::copy(b, b + n, to), b += n, count_b -= n; };
    auto const end = [&] { std::copy(a, a + count_a, to); };
    auto const end_with_b = [&] {  // The last of A goes behind all that is left of B.
      to = std::copy(b, b + count_b, to);
      *to = *a;
    };
    copy_b(1);
    if (count_b == 0) return end();
    if (count_a == 1) return end_with_b();
    for (;;) {
      std::size_t wins_a = 0, wins_b = 0;
      do {
        if (compare_(*b, *a) < 0) {
          copy_b(1);
          ++wins_b, wins_a = 0;
          if (count_b == 0) return end();
        } else {
          copy_a(1);
          ++wins_a, wins_b = 0;
          if (count_a == 1) return end_with_b();
        }
      } while (std::max(wins_a, wins_b) < min_gallop_);
      ++min_gallop_;
      do {
        min_gallop_ = std::max<std::size_t>(1, min_gallop_ - 1);
        wins_a = gallop_right(a, *b, count_a, 0);
        if (wins_a > 0) {
          copy_a(wins_a);
          if (count_a == 1) return end_with_b();
          if (count_a == 0) return end();
        }
        copy_b(1);
        if (count_b == 0) return end();
        wins_b = gallop_left(b, *a, count_b, 0);
        if (wins_b > 0) {
          copy_b(wins_b);
          if (count_b == 0) return end();
        }
        copy_a(1);
        if (count_a == 1) return end_with_b();
      } while (wins_a >= kMinGallop || wins_b >= kMinGallop);
      ++min_gallop_;
    }
  }

  // The same with B set aside, from the right.
  void merge_high(std::size_t base_a, std::size_t count_a, std::size_t base_b, std::size_t count_b) {
    aside_.assign(a_ + base_b, a_ + base_b + count_b);
    std::uint32_t const* b = aside_.data() + count_b;  // Behind the last of each.
    std::uint32_t *a = a_ + base_a + count_a, *to = a_ + base_b + count_b;
    auto const copy_a = [&](std::size_t n) { to = std::copy_backward(a - n, a, to), a -= n, count_a -= n; };
    auto const copy_b = [&](std::size_t n) { to = std::copy_backward(b - n, b, to), b -= n, count_b -= n; };
    auto const end = [&] { std::copy_backward(b - count_b, b, to); };
    auto const end_with_a = [&] {  // The first of B goes before all that is left of A.
      to = std::copy_backward(a - count_a, a, to);
      *--to = *(b - 1);
    };
    copy_a(1);
    if (count_a == 0) return end();
    if (count_b == 1) return end_with_a();
    for (;;) {
      std::size_t wins_a = 0, wins_b = 0;
      do {
        if (compare_(*(b - 1), *(a - 1)) < 0) {
          copy_a(1);
          ++wins_a, wins_b = 0;
          if (count_a == 0) return end();
        } else {
          copy_b(1);
          ++wins_b, wins_a = 0;
          if (count_b == 1) return end_with_a();
        }
      } while (std::max(wins_a, wins_b) < min_gallop_);
      ++min_gallop_;
      do {
        min_gallop_ = std::max<std::size_t>(1, min_gallop_ - 1);
        wins_a = count_a - gallop_right(a - count_a, *(b - 1), count_a, count_a - 1);
        if (wins_a > 0) {
          copy_a(wins_a);
          if (count_a == 0) return end();
        }
        copy_b(1);
        if (count_b == 1) return end_with_a();
        wins_b = count_b - gallop_left(b - count_b, *(a - 1), count_b, count_b - 1);
        if (wins_b > 0) {
          copy_b(wins_b);
          if (count_b == 1) return end_with_a();
          if (count_b == 0) return end();
        }
        copy_a(1);
        if (count_a == 0) return end();
      } while (wins_a >= kMinGallop || wins_b >= kMinGallop);
      ++min_gallop_;
    }
  }

  static constexpr std::size_t kMinGallop = 7;
  std::uint32_t* a_;
  CompareItems const& compare_;
  std::size_t min_gallop_ = kMinGallop;
  std::vector<Run> runs_;
  std::vector<std::uint32_t> aside_;
};

}  // namespace

int ascending(Value const& a, Value const& b) {
  if (a.is_nullish() || b.is_nullish()) return (a.is_nullish() ? 0 : 1) - (b.is_nullish() ? 0 : 1);
  if (a.is_string() && b.is_string()) {
    if (a.string().size() > kLongOrdered) budget::steps(static_cast<double>(a.string().size()) / 8);
    return compare_utf16(a.string(), b.string());
  }
  if (a.is_number() && b.is_number()) return ascending_numbers(a.number(), b.number());
  if (js_less(a, b)) return -1;
  if (js_less(b, a)) return 1;
  if (is_nan(a) != is_nan(b)) return is_nan(a) ? -1 : 1;
  return 0;
}

bool has_order(Column const& cells) {
  if (cells.numeric() || cells.kind() == Column::Kind::String) return true;
  bool numbers = false, texts = false;
  for (std::size_t i = 0; i < cells.size() && !(numbers && texts); ++i) {
    Value const cell = cells.at(i);
    (cell.type() < Type::String ? numbers : texts) |= !cell.is_nullish();
  }
  return !(numbers && texts);
}

void sort_as_v8(std::uint32_t* begin, std::uint32_t* end, CompareItems const& compare) {
  auto const count = static_cast<std::size_t>(end - begin);
  budget::steps(10 * static_cast<double>(count) * std::log2(static_cast<double>(count) + 2));
  TimSort(begin, compare).sort(count);
}

}  // namespace cml::vega
