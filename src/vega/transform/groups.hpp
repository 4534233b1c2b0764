// Rows grouped by the values of fields, and rows in order of fields. Cells become codes once a column; grouping and
// sorting then work on integers.
#pragma once

#include <cstdint>
#include <vector>

#include "vega/transform/parameters.hpp"

namespace cml::vega {

// Numbers of distinct values in order of first appearance: equal cells (as text, as Vega keys them) share a code.
struct Codes {
  std::vector<std::uint32_t> of_row;
  std::vector<std::uint32_t> first_row;  // By code.
  std::size_t count() const { return first_row.size(); }
};
enum class Nullish { Apart, Together };  // Whether null and undefined are one value.
Codes encode(FieldColumn const& column, Nullish nullish = Nullish::Apart);

struct Groups {
  std::vector<std::uint32_t> of_row;
  std::vector<std::uint32_t> first_row;  // By group.
  std::size_t count() const { return first_row.size(); }
};
// Without fields all rows are one group; no rows make no groups.
Groups group_rows(Table const& table, std::vector<Field> const& fields, Scope& scope, Nullish nullish = Nullish::Apart);

// The rows of each group, in row order: rows[offsets[g]] to rows[offsets[g + 1]].
struct GroupedRows {
  std::vector<std::uint32_t> rows, offsets;
  std::uint32_t* begin(std::size_t group) { return rows.data() + offsets[group]; }
  std::uint32_t* end(std::size_t group) { return rows.data() + offsets[group + 1]; }
  std::size_t size(std::size_t group) const { return offsets[group + 1] - offsets[group]; }
};
GroupedRows rows_of(Groups const& groups);

// How rows compare under a sort: by ranks, of which smaller sort first and equal are ties, or, where a column's values
// contradict each other, by the values. Keys of several fields compare in turn.
class RowOrder {
 public:
  RowOrder(Table const& table, std::vector<SortKey> const& keys, Scope& scope);
  ~RowOrder();
  RowOrder(RowOrder const&) = delete;
  bool empty() const { return keys_.empty(); }
  int compare(std::uint32_t a, std::uint32_t b) const;
  // Of rows that are in ascending order. Ties keep it; whether the comparison knows that only matters for V8's
  // algorithm.
  enum class Ties { Compared, Kept };
  void sort(std::uint32_t* begin, std::uint32_t* end, Ties = Ties::Compared) const;

 private:
  struct Key {
    std::vector<std::uint64_t> ranks;  // By row; none where the values have no order.
    std::vector<Value> values;         // By row, then.
    bool descending = false;
  };
  static int compare_values(Key const&, std::uint32_t a, std::uint32_t b);
  std::vector<Key> keys_;
  bool is_order_ = true;
  double held_ = 0;  // Bytes of the budget.
};

}  // namespace cml::vega
