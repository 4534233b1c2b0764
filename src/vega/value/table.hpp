// Datasets as columns. A Table is an immutable value: transforms make new Tables that share columns.
// Numbers, dates and booleans are contiguous doubles; null and undefined are two reserved NaN patterns among them,
// so a column of a million numbers with gaps is still eight bytes a row. Strings are codes into a dictionary.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "vega/value/tree.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

// The reserved patterns inside numeric columns. Arithmetic never produces them; test with bits, not with ==.
inline constexpr std::uint64_t kNullBits = 0x7ff8'0000'6e75'6c6cull;
inline constexpr std::uint64_t kUndefinedBits = 0x7ff8'0000'756e'6466ull;
inline double bits_to_double(std::uint64_t bits) {
  double d;
  std::memcpy(&d, &bits, sizeof d);
  return d;
}
inline std::uint64_t double_to_bits(double d) {
  std::uint64_t bits;
  std::memcpy(&bits, &d, sizeof bits);
  return bits;
}

class Column : public Counted {
 public:
  enum class Kind : std::uint8_t { Number, Date, Boolean, String, Any };
  static constexpr std::uint32_t kUndefinedCode = 0xffffffffu;
  static constexpr std::uint32_t kNullCode = 0xfffffffeu;

  Kind kind() const { return kind_; }
  std::size_t size() const;
  bool numeric() const { return kind_ <= Kind::Boolean; }
  Value at(std::size_t row) const;
  double number_at(std::size_t row) const;  // JavaScript's Number(value): null is 0, undefined is NaN.
  bool is_nullish_at(std::size_t row) const;

  // Raw content, for the kind that has it.
  std::vector<double> const& numbers() const { return numbers_; }  // Number, Date, Boolean.
  std::vector<std::uint32_t> const& codes() const {                // String.
    if (waits()) encode();
    return codes_;
  }
  std::vector<Str> const& dictionary() const {  // String; entries are distinct.
    if (waits()) encode();
    return *dictionary_;
  }
  std::vector<Value> const& values() const { return values_; }  // Any.

  // How deep its cells are nested (Value::nested).
  std::uint32_t nested() const { return nested_; }

  ~Column() override;
  Ref<Column> gather(std::vector<std::uint32_t> const& rows) const;

  static Ref<Column> of_numbers(std::vector<double> numbers, Kind kind = Kind::Number);
  static Ref<Column> of_codes(std::vector<std::uint32_t> codes, std::shared_ptr<std::vector<Str> const> dictionary);
  // Texts one behind the other, at least one; text i ends at ends[i]. They become codes when something first asks for
  // them: files have more columns than charts look at.
  static Ref<Column> of_texts(std::string texts, std::vector<std::uint32_t> ends);
  static Ref<Column> of_values(std::vector<Value> values);  // Narrowed to the tightest kind that holds them.
  static Ref<Column> repeat(Value const& value, std::size_t rows);

 private:
  friend class ColumnBuilder;
  friend class TableCloner;
  // Another thread may copy a column (Table::clone) while its owner makes codes of it: both take the mutex.
  struct Texts {
    std::mutex mutex;
    std::string all;
    std::vector<std::uint32_t> ends;
    std::string_view at(std::size_t row) const {
      auto const begin = row ? ends[row - 1] : 0;
      return std::string_view(all).substr(begin, ends[row] - begin);
    }
  };
  bool waits() const { return texts_ && !encoded_; }
  void encode() const;
  void hold(std::size_t bytes) const;  // Counts towards the budget of the drawing until it is gone.
  std::size_t bytes() const;
  Kind kind_ = Kind::Any;
  std::uint32_t nested_ = 0;
  mutable bool encoded_ = false;
  mutable double held_ = 0;
  std::vector<double> numbers_;
  mutable std::vector<std::uint32_t> codes_;
  mutable std::shared_ptr<std::vector<Str> const> dictionary_;
  std::shared_ptr<Texts> texts_;  // Empty once they are encoded.
  std::vector<Value> values_;
};
using ColumnRef = Ref<Column>;

// Appends cells, starting with the tightest kind and widening when a cell does not fit.
class ColumnBuilder {
 public:
  void reserve(std::size_t rows) { reserve_ = rows; }
  void push_number(double n);
  void push_string(std::string_view text);
  void push_bool(bool b);
  void push_date(double ms);
  void push_null();
  void push_undefined(std::size_t count = 1);
  void push(Value const& value);
  std::size_t size() const { return size_; }
  ColumnRef finish();

 private:
  void start(Column::Kind kind);
  void added();
  void widen();
  std::uint32_t code_of(std::string_view text);
  void grow_index();
  std::size_t size_ = 0, reserve_ = 0;
  bool started_ = false;

  std::vector<bool> leading_is_null_;  // Rows before the first cell that has a type: null, else undefined.
  Ref<Column> column_;
  std::vector<Str> dictionary_;
  struct Slot {
    std::uint32_t hash = 0, code = Column::kUndefinedCode;  // Undefined: free.
  };
  std::vector<Slot> slots_;  // Open-addressed index of dictionary_, at most half full.
  std::uint32_t last_code_ = Column::kUndefinedCode;
};

class Table : public Counted {
 public:
  struct Field {
    Str name;
    ColumnRef column;
  };

  Table() = default;
  explicit Table(std::size_t rows) : rows_(rows) {}  // Rows without columns (objects {}).
  Table(std::vector<Field> fields, std::size_t rows) : fields_(std::move(fields)), rows_(rows) {}

  std::size_t size() const { return selection_ ? selection_->size() : rows_; }
  std::vector<Field> const& fields() const { return fields_; }
  Column const* column(std::string_view name) const;  // Indexed by base rows; null when absent.
  std::uint32_t base_row(std::size_t row) const {
    return selection_ ? (*selection_)[row] : static_cast<std::uint32_t>(row);
  }
  std::uint32_t nested() const;  // As a value (Value::nested).
  bool selected() const { return selection_ != nullptr; }
  TreeRef const& tree() const { return tree_; }  // Its nodes name base rows. Null when there is none.

  Value get(std::size_t row, std::string_view field) const;  // Undefined when there is no such field.
  Value row(std::size_t row) const;                          // The row as an object (its undefined cells left out).
  Value base_row_value(std::uint32_t base) const;

  // New tables. `rows` are positions in this table; columns are shared, not copied.
  Ref<Table> select(std::vector<std::uint32_t> const& rows) const;
  Ref<Table> compact() const;  // Without a selection: columns gathered once.
  // Adds or replaces a column; `column` has size() cells in this table's row order.
  Ref<Table> with_column(std::string_view name, ColumnRef column) const;
  Ref<Table> with_tree(TreeRef tree) const;  // Tables made of it keep the tree; rows that are left out have no node.

  // The same for another thread, which may copy while this one's goes on using the table: nothing is shared that counts
  // references.
  Ref<Table> clone() const;

  // Rows from an array of objects; other items become {data: item}, arrays {"0": ..., "1": ...} (vega-dataflow's
  // ingest).
  static Ref<Table> from_rows(Array const& rows);

 private:
  friend class TableCloner;
  std::vector<Field> fields_;
  std::size_t rows_ = 0;  // Length of every column.
  std::shared_ptr<std::vector<std::uint32_t> const> selection_;
  TreeRef tree_;
};
using TableRef = Ref<Table>;

// Builds a table row by row from keyed cells; columns appear in order of first sight.
class TableBuilder {
 public:
  // The builder of a field, filled up with undefined to the rows so far. `hint` is the expected position: rows with
  // the same keys in the same order cost one comparison a cell.
  ColumnBuilder& cell(std::string_view field, std::size_t hint);
  void end_row();  // Fields not given in this row become undefined.
  void push_row(Value const& row);
  TableRef finish();
  std::size_t rows() const { return rows_; }

 private:
  struct Slot {
    Str name;
    ColumnBuilder builder;
  };
  std::vector<Slot> slots_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::size_t rows_ = 0;
};

}  // namespace cml::vega
