// Copies of tables for other threads. The owner meanwhile counts references and builds indexes of its objects, so that
// a copy reads only what never changes after parsing: cells, dictionaries and properties in their order. Texts that
// wait for codes are the exception, and have a mutex.
#include <unordered_map>

#include "vega/value/table.hpp"

namespace cml::vega {

class TableCloner {
 public:
  TableRef table(Table const& from) {
    auto out = make_ref<Table>(from.rows_);
    out->selection_ = from.selection_;  // Counted by atomics, as a shared_ptr does.
    out->tree_ = from.tree_;
    out->fields_.reserve(from.fields_.size());
    for (auto const& field : from.fields_) out->fields_.push_back({Str(field.name.view()), column(*field.column)});
    return out;
  }

 private:
  ColumnRef column(Column const& from) {
    auto out = make_ref<Column>();
    out->kind_ = from.kind_;
    if (from.texts_) {
      std::lock_guard const lock(from.texts_->mutex);
      if (!from.encoded_) {
        out->texts_ = std::make_shared<Column::Texts>();
        out->texts_->all = from.texts_->all;
        out->texts_->ends = from.texts_->ends;
        out->hold(out->bytes());
        return out;
      }
    }
    out->numbers_ = from.numbers_;
    out->codes_ = from.codes_;
    if (from.dictionary_) {
      std::vector<Str> dictionary;
      dictionary.reserve(from.dictionary_->size());
      for (auto const& entry : *from.dictionary_) dictionary.emplace_back(entry.view());
      out->dictionary_ = std::make_shared<std::vector<Str> const>(std::move(dictionary));
    }
    out->nested_ = from.nested_;
    out->hold(out->bytes());
    out->values_.reserve(from.values_.size());
    for (auto const& value : from.values_) out->values_.push_back(cell(value));
    return out;
  }
  // Cells that were one value stay one, for outlines are remembered by it. Inside of cells nothing asks for that.
  Value cell(Value const& from) {
    auto const* identity = from.identity();
    if (!identity) return deep(from);
    auto& known = cells_[identity];
    if (!known.defined()) known = deep(from);
    return known;
  }
  Value deep(Value const& from) {
    switch (from.type()) {
      case Type::String:
        return Value(from.string());
      case Type::Regexp:
        return Value::regexp(from.string(), from.regexp_flags());
      case Type::Table:
        return Value(table(*from.table()));
      case Type::Array: {
        Array out;
        out.reserve(from.items().size());
        for (auto const& item : from.items()) out.push_back(deep(item));
        return out;
      }
      case Type::Object: {
        Object out;
        auto& entries = out.entries();
        entries.reserve(from.properties().size());
        for (auto const& [key, value] : from.properties()) entries.emplace_back(Str(key.view()), deep(value));
        return out;
      }
      default:
        return from;  // Scalars count nothing.
    }
  }

  std::unordered_map<void const*, Value> cells_;
};

Ref<Table> Table::clone() const { return TableCloner().table(*this); }

}  // namespace cml::vega
