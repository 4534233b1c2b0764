// Reading a transform's parameters: plain values, {"signal": expression}, fields ("a.b", {"field"}, {"expr"}) and
// sorts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vega/expr/expression.hpp"
#include "vega/transform/transform.hpp"

namespace cml::vega {

// The parts of a path: a.b, a['b'], a[0]; a backslash keeps a dot. Fails (EngineError) on unbalanced brackets.
std::vector<std::string> split_path(std::string_view path, std::string const& where);

// A field's cells in row order of one table. The table must outlive it.
class FieldColumn {
 public:
  FieldColumn() = default;
  FieldColumn(Table const& table, Column const* column) : table_(&table), column_(column) {}
  FieldColumn(Table const& table, ColumnRef dense) : table_(&table), dense_(std::move(dense)), column_(dense_.get()) {}
  std::size_t size() const { return table_ ? table_->size() : 0; }
  Column const* column() const { return column_; }  // Null when the table has no such field.
  std::uint32_t index(std::size_t row) const {
    return dense_ ? static_cast<std::uint32_t>(row) : table_->base_row(row);
  }
  Value value(std::size_t row) const { return column_ ? column_->at(index(row)) : Value(); }
  double number(std::size_t row) const;  // Number(value): NaN for undefined.
  bool nullish(std::size_t row) const { return !column_ || column_->is_nullish_at(index(row)); }
  ColumnRef gathered() const;  // A column of its own, in row order.

 private:
  Table const* table_ = nullptr;
  ColumnRef dense_;
  Column const* column_ = nullptr;
};

class Field {
 public:
  std::string const& name() const { return name_; }
  FieldColumn of(Table const& table, Scope& scope) const;

 private:
  friend class Parameters;
  std::string name_;
  std::vector<std::string> path_;
  std::shared_ptr<Expression const> expression_;
};

struct SortKey {
  Field field;
  bool descending = false;
};

class Parameters {
 public:
  Parameters(Value const& spec, TransformContext& context) : spec_(spec), context_(context) {}

  bool has(std::string_view name) const { return !spec_[name].is_nullish(); }
  Value value(std::string_view name) const;  // Signals resolved, also inside arrays; undefined when not given.
  double number(std::string_view name, double fallback) const;
  std::optional<double> number(std::string_view name) const;
  bool boolean(std::string_view name, bool fallback) const;
  std::string string(std::string_view name, std::string_view fallback) const;
  std::string required_string(std::string_view name) const;
  std::string one_of(std::string_view name, std::string_view fallback,
                     std::initializer_list<std::string_view> allowed) const;
  std::optional<Array> list(std::string_view name) const;  // A single value is a list of one.
  std::optional<std::vector<double>> numbers(std::string_view name,
                                             std::size_t length = 0) const;  // Of that length, if given.
  // Output names: those of `as`, filled up with the fallbacks.
  std::vector<std::string> names(std::initializer_list<std::string_view> fallback) const;

  std::optional<Field> field(std::string_view name) const;
  Field required_field(std::string_view name) const;
  std::vector<std::optional<Field>> fields(std::string_view name) const;  // Null entries are nothing.
  std::vector<Field> solid_fields(std::string_view name) const;           // Fails on null entries.
  std::vector<SortKey> sort(std::string_view name) const;
  Expression expression(std::string_view name) const;

  std::string path(std::string_view name) const { return context_.path + "." + std::string(name); }
  TransformContext& context() const { return context_; }
  Scope& scope() const { return context_.scope; }

 private:
  Value resolve(Value const& value, std::string const& path) const;
  std::optional<Field> read_field(Value const& value, std::string const& path) const;
  Value const& spec_;
  TransformContext& context_;
};

}  // namespace cml::vega
