#include "vega/value/table.hpp"

#include <algorithm>
#include <utility>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/field_watch.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kFew = 64;
constexpr std::size_t kCounted =
    1u << 14;  // Cells after which a column that is built is counted again; a power of two.
double const kNull = bits_to_double(kNullBits);
double const kUndef = bits_to_double(kUndefinedBits);

Value cell_value(double cell, Column::Kind kind) {
  if (std::isnan(cell)) {
    auto const bits = double_to_bits(cell);
    if (bits == kNullBits) return nullptr;
    if (bits == kUndefinedBits) return {};
  }
  if (kind == Column::Kind::Date) return Value::date(cell);
  if (kind == Column::Kind::Boolean) return cell != 0;
  return cell;
}

}  // namespace

// --- Column ---------------------------------------------------------------------------------------------------

std::size_t Column::size() const {
  if (waits()) return texts_->ends.size();
  return numeric() ? numbers_.size() : kind_ == Kind::String ? codes_.size() : values_.size();
}
std::size_t Column::bytes() const {
  if (waits()) return texts_->all.capacity() + 4 * texts_->ends.capacity();
  return 8 * numbers_.capacity() + 4 * codes_.capacity() + sizeof(Value) * values_.capacity();
}
void Column::hold(std::size_t bytes) const {
  held_ += static_cast<double>(bytes);
  budget::bytes(bytes);
}
Column::~Column() { budget::give_back(held_); }
Value Column::at(std::size_t row) const {
  if (numeric()) return cell_value(numbers_[row], kind_);
  if (kind_ == Kind::Any) return values_[row];
  auto const code = codes()[row];
  if (code >= kNullCode) return code == kNullCode ? Value(nullptr) : Value();
  return (*dictionary_)[code];
}
double Column::number_at(std::size_t row) const {
  if (numeric()) {
    double const cell = numbers_[row];
    return std::isnan(cell) && double_to_bits(cell) == kNullBits ? 0 : cell;
  }
  if (waits()) return string_to_number(texts_->at(row));
  if (kind_ == Kind::String && codes_[row] < kNullCode) return string_to_number((*dictionary_)[codes_[row]]);
  return at(row).to_number();
}
bool Column::is_nullish_at(std::size_t row) const {
  if (numeric()) {
    double const cell = numbers_[row];
    if (!std::isnan(cell)) return false;
    auto const bits = double_to_bits(cell);
    return bits == kNullBits || bits == kUndefinedBits;
  }
  if (waits()) return false;
  return kind_ == Kind::String ? codes_[row] >= kNullCode : values_[row].is_nullish();
}
Ref<Column> Column::gather(std::vector<std::uint32_t> const& rows) const {
  if (waits() && !rows.empty()) {
    double size = 0;
    for (auto row : rows) size += static_cast<double>(texts_->at(row).size());
    if (size < 0xffffffffu) {
      budget::steps(3 * rows.size() + static_cast<std::size_t>(size / 4));
      std::string all;
      all.reserve(static_cast<std::size_t>(size));
      std::vector<std::uint32_t> ends;
      ends.reserve(rows.size());
      for (auto row : rows) {
        all += texts_->at(row);
        ends.push_back(static_cast<std::uint32_t>(all.size()));
      }
      return of_texts(std::move(all), std::move(ends));
    }
  }
  auto out = make_ref<Column>();
  out->kind_ = kind_;
  out->nested_ = nested_;
  budget::steps(3 * rows.size());
  out->hold(rows.size() * (numeric() ? 8 : kind_ == Kind::String ? 4 : sizeof(Value)));
  auto const take = [&rows](auto const& from, auto& to) {
    to.reserve(rows.size());
    for (auto row : rows) to.push_back(from[row]);
  };
  if (numeric())
    take(numbers_, out->numbers_);
  else if (kind_ == Kind::String)
    take(codes(), out->codes_), out->dictionary_ = dictionary_;
  else
    take(values_, out->values_);
  return out;
}
Ref<Column> Column::of_numbers(std::vector<double> numbers, Kind kind) {
  auto out = make_ref<Column>();
  out->kind_ = kind;
  out->numbers_ = std::move(numbers);
  budget::steps(2 * out->numbers_.size());
  out->hold(out->bytes());
  return out;
}
Ref<Column> Column::of_codes(std::vector<std::uint32_t> codes, std::shared_ptr<std::vector<Str> const> dictionary) {
  auto out = make_ref<Column>();
  out->kind_ = Kind::String;
  out->codes_ = std::move(codes);
  out->dictionary_ = std::move(dictionary);
  budget::steps(2 * out->codes_.size());
  out->hold(out->bytes());
  return out;
}
Ref<Column> Column::of_texts(std::string texts, std::vector<std::uint32_t> ends) {
  auto out = make_ref<Column>();
  out->kind_ = Kind::String;
  out->texts_ = std::make_shared<Texts>();
  out->texts_->all = std::move(texts);
  out->texts_->ends = std::move(ends);
  budget::steps(2 * out->texts_->ends.size());
  out->hold(out->bytes());
  return out;
}
void Column::encode() const {
  std::lock_guard const lock(texts_->mutex);
  ColumnBuilder builder;
  builder.reserve(texts_->ends.size());
  for (std::size_t row = 0; row < texts_->ends.size(); ++row) builder.push_string(texts_->at(row));
  auto const made = builder.finish();
  codes_ = std::move(made->codes_);
  dictionary_ = made->dictionary_;
  encoded_ = true;
  texts_->all = {};
  texts_->ends = {};
  budget::give_back(std::exchange(held_, 0));
  hold(bytes());
}
Ref<Column> Column::of_values(std::vector<Value> values) {
  ColumnBuilder builder;
  builder.reserve(values.size());
  for (auto const& value : values) builder.push(value);
  return builder.finish();
}
Ref<Column> Column::repeat(Value const& value, std::size_t rows) {
  ColumnBuilder builder;
  builder.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) builder.push(value);
  return builder.finish();
}

// --- ColumnBuilder ----------------------------------------------------------------------------------------------

void ColumnBuilder::start(Column::Kind kind) {
  started_ = true;
  column_ = make_ref<Column>();
  column_->kind_ = kind;
  auto const fill = [this](auto& to, auto null, auto undefined) {
    to.reserve(std::max(reserve_, leading_is_null_.size() + 1));
    for (bool is_null : leading_is_null_) to.push_back(is_null ? null : undefined);
  };
  if (column_->numeric())
    fill(column_->numbers_, kNull, kUndef);
  else if (kind == Column::Kind::String)
    fill(column_->codes_, Column::kNullCode, Column::kUndefinedCode);
  else
    fill(column_->values_, Value(nullptr), Value());
  leading_is_null_.clear();
  column_->hold(column_->bytes());
}
// Once in a while: what a column has grown by is counted before it is whole, as it may never be.
void ColumnBuilder::added() {
  if (!column_) return;
  if (auto const more = static_cast<double>(column_->bytes()) - column_->held_; more > 0) {
    budget::steps(more);
    column_->hold(static_cast<std::size_t>(more));
  }
}
void ColumnBuilder::widen() {
  if (column_->kind_ == Column::Kind::Any) return;
  if (column_->kind_ == Column::Kind::String)
    column_->dictionary_ = std::make_shared<std::vector<Str> const>(dictionary_);
  std::vector<Value> values;
  values.reserve(std::max(reserve_, size_ + 1));
  for (std::size_t i = 0; i < size_; ++i) values.push_back(column_->at(i));
  column_->numbers_ = {};
  column_->codes_ = {};
  column_->values_ = std::move(values);
  column_->kind_ = Column::Kind::Any;
}
std::uint32_t ColumnBuilder::code_of(std::string_view text) {
  if (last_code_ < dictionary_.size() && dictionary_[last_code_] == text) return last_code_;
  if (slots_.size() <= 2 * dictionary_.size()) grow_index();
  auto const hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(text));
  auto const mask = slots_.size() - 1;
  auto at = hash & mask;
  for (; slots_[at].code != Column::kUndefinedCode; at = (at + 1) & mask)
    if (slots_[at].hash == hash && dictionary_[slots_[at].code] == text) return last_code_ = slots_[at].code;
  last_code_ = static_cast<std::uint32_t>(dictionary_.size());
  slots_[at] = {hash, last_code_};
  dictionary_.emplace_back(text);
  return last_code_;
}
void ColumnBuilder::grow_index() {
  std::vector<Slot> grown(std::max<std::size_t>(16, 2 * slots_.size()));
  auto const mask = grown.size() - 1;
  for (auto const& slot : slots_) {
    if (slot.code == Column::kUndefinedCode) continue;
    auto at = slot.hash & mask;
    while (grown[at].code != Column::kUndefinedCode) at = (at + 1) & mask;
    grown[at] = slot;
  }
  slots_ = std::move(grown);
}
void ColumnBuilder::push_number(double n) {
  if (!started_) start(Column::Kind::Number);
  if (column_->kind_ == Column::Kind::Number)
    column_->numbers_.push_back(n);
  else
    widen(), column_->values_.emplace_back(n);
  if ((++size_ & (kCounted - 1)) == 0) added();
}
void ColumnBuilder::push_date(double ms) {
  if (!started_) start(Column::Kind::Date);
  if (column_->kind_ == Column::Kind::Date)
    column_->numbers_.push_back(ms);
  else
    widen(), column_->values_.push_back(Value::date(ms));
  if ((++size_ & (kCounted - 1)) == 0) added();
}
void ColumnBuilder::push_bool(bool b) {
  if (!started_) start(Column::Kind::Boolean);
  if (column_->kind_ == Column::Kind::Boolean)
    column_->numbers_.push_back(b ? 1 : 0);
  else
    widen(), column_->values_.emplace_back(b);
  if ((++size_ & (kCounted - 1)) == 0) added();
}
void ColumnBuilder::push_string(std::string_view text) {
  if (!started_) start(Column::Kind::String);
  if (column_->kind_ == Column::Kind::String)
    column_->codes_.push_back(code_of(text));
  else
    widen(), column_->values_.emplace_back(text);
  if ((++size_ & (kCounted - 1)) == 0) added();
}
void ColumnBuilder::push_null() {
  if (!started_)
    leading_is_null_.push_back(true);
  else if (column_->numeric())
    column_->numbers_.push_back(kNull);
  else if (column_->kind_ == Column::Kind::String)
    column_->codes_.push_back(Column::kNullCode);
  else
    column_->values_.emplace_back(nullptr);
  if ((++size_ & (kCounted - 1)) == 0) added();
}
void ColumnBuilder::push_undefined(std::size_t count) {
  if (!started_)
    leading_is_null_.insert(leading_is_null_.end(), count, false);
  else if (column_->numeric())
    column_->numbers_.insert(column_->numbers_.end(), count, kUndef);
  else if (column_->kind_ == Column::Kind::String)
    column_->codes_.insert(column_->codes_.end(), count, Column::kUndefinedCode);
  else
    column_->values_.resize(column_->values_.size() + count);
  size_ += count;
  if (count > kFew) {
    budget::steps(count);
    if (column_)
      added();
    else
      budget::bytes(count / 8);
  }
}
void ColumnBuilder::push(Value const& value) {
  switch (value.type()) {
    case Type::Undefined:
      return push_undefined();
    case Type::Null:
      return push_null();
    case Type::Boolean:
      return push_bool(value.boolean());
    case Type::Number:
      return push_number(value.number());
    case Type::Date:
      return push_date(value.number());
    case Type::String:
      return push_string(value.string());
    default:
      break;
  }
  if (!started_) start(Column::Kind::Any);
  widen();
  column_->values_.push_back(value);
  if (auto const nested = value.nested(); nested > column_->nested_) column_->nested_ = nested_around(nested - 1);
  if ((++size_ & (kCounted - 1)) == 0) added();
}
ColumnRef ColumnBuilder::finish() {
  if (!started_) start(Column::Kind::Any);
  if (column_->kind_ == Column::Kind::String)
    column_->dictionary_ = std::make_shared<std::vector<Str> const>(std::move(dictionary_));
  added();
  return column_;
}

// --- Table --------------------------------------------------------------------------------------------------------

Column const* Table::column(std::string_view name) const {
  Column const* found = nullptr;
  for (auto const& field : fields_)
    if (field.name == name) {
      found = field.column.get();
      break;
    }
  if (field_watch != nullptr) field_watch->asked(name, found, *this);
  return found;
}
Value Table::get(std::size_t row, std::string_view field) const {
  auto const* found = column(field);
  return found ? found->at(base_row(row)) : Value();
}
std::uint32_t Table::nested() const {
  std::uint32_t deepest = 0;
  budget::steps(fields_.size());
  for (auto const& field : fields_) deepest = std::max(deepest, field.column->nested());
  return deepest + 2;  // The table and its rows.
}
Value Table::base_row_value(std::uint32_t base) const {
  Object object;
  auto& entries = object.entries();
  entries.reserve(fields_.size());
  for (auto const& field : fields_)
    if (auto value = field.column->at(base); value.defined()) entries.emplace_back(field.name, std::move(value));
  return Value(std::move(object));
}
Value Table::row(std::size_t row) const { return base_row_value(base_row(row)); }
Ref<Table> Table::select(std::vector<std::uint32_t> const& rows) const {
  budget::steps(2 * rows.size() + 8 * fields_.size());
  budget::bytes(sizeof(Table) + sizeof(Field) * fields_.size() + 4 * rows.size());
  auto out = make_ref<Table>(*this);
  auto base = std::make_shared<std::vector<std::uint32_t>>();
  base->reserve(rows.size());
  for (auto row : rows) base->push_back(base_row(row));
  out->selection_ = std::move(base);
  return out;
}
Ref<Table> Table::compact() const {
  auto out = make_ref<Table>(size());
  out->fields_.reserve(fields_.size());
  for (auto const& field : fields_)
    out->fields_.push_back({field.name, selection_ ? field.column->gather(*selection_) : field.column});
  out->tree_ = tree_;
  if (tree_ && selection_) {
    std::vector<std::uint32_t> place(rows_, Tree::kNone);
    for (std::size_t row = 0; row < selection_->size(); ++row)
      place[(*selection_)[row]] = static_cast<std::uint32_t>(row);
    auto tree = std::make_shared<Tree>(*tree_);
    for (std::uint32_t& row : tree->row)
      if (row != Tree::kNone) row = place[row];
    out->tree_ = std::move(tree);
  }
  return out;
}
Ref<Table> Table::with_tree(TreeRef tree) const {
  auto out = compact();
  out->tree_ = std::move(tree);
  return out;
}
Ref<Table> Table::with_column(std::string_view name, ColumnRef column) const {
  auto out = compact();
  for (auto& field : out->fields_)
    if (field.name == name) {
      field.column = std::move(column);
      return out;
    }
  out->fields_.push_back({Str(name), std::move(column)});
  return out;
}
Ref<Table> Table::from_rows(Array const& rows) {
  TableBuilder builder;
  for (auto const& row : rows) builder.push_row(row);
  return builder.finish();
}

// --- TableBuilder -------------------------------------------------------------------------------------------------

ColumnBuilder& TableBuilder::cell(std::string_view field, std::size_t hint) {
  std::size_t index = hint;
  if (hint >= slots_.size() || !(slots_[hint].name == field)) {
    auto const found = by_name_.find(field);
    if (found != by_name_.end()) {
      index = found->second;
    } else {
      index = slots_.size();
      slots_.push_back({Str(field), {}});
      by_name_.emplace(slots_.back().name.view(), index);
    }
  }
  auto& builder = slots_[index].builder;
  if (builder.size() < rows_) builder.push_undefined(rows_ - builder.size());
  return builder;
}
void TableBuilder::end_row() { ++rows_; }
void TableBuilder::push_row(Value const& row) {
  std::size_t hint = 0;
  if (row.is_object()) {
    for (auto const& [key, value] : row.properties()) cell(key, hint++).push(value);
  } else if (row.is_array()) {
    for (auto const& value : row.items()) {
      cell(std::to_string(hint), hint).push(value);
      ++hint;
    }
  } else {
    cell("data", 0).push(row);
  }
  end_row();
}
TableRef TableBuilder::finish() {
  std::vector<Table::Field> fields;
  fields.reserve(slots_.size());
  for (auto& slot : slots_) {
    if (slot.builder.size() < rows_) slot.builder.push_undefined(rows_ - slot.builder.size());
    fields.push_back({slot.name, slot.builder.finish()});
  }
  return make_ref<Table>(std::move(fields), rows_);
}

}  // namespace cml::vega
