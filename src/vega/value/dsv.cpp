#include "vega/value/dsv.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// Short rows are filled up, so that a wide first line over many empty ones would be memory without end.
constexpr std::size_t kMaxColumns = 20000;
constexpr std::size_t kSniffed = 4096;  // Bytes looked at for what text does not have.

class Reader {
 public:
  Reader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
    // A last line break ends the last row; it does not begin another.
    if (!text_.empty() && text_.back() == '\n') text_.remove_suffix(1);
    if (!text_.empty() && text_.back() == '\r') text_.remove_suffix(1);
    done_ = text_.empty();
  }

  bool more() const { return !done_; }
  // Calls cell(index, text) for each cell of the next row.
  template <class Cell>
  void row(Cell cell) {
    for (std::size_t index = 0;; ++index) {
      bool const end = token();
      cell(index, cell_);
      if (end) return;
    }
  }

 private:
  // Reads one cell; true when the row ends behind it.
  bool token() {
    std::size_t i = at_;
    if (i < text_.size() && text_[i] == '"') {
      owned_.clear();
      bool doubled = false;
      std::size_t start = ++i;
      for (; i < text_.size(); ++i) {
        if (text_[i] != '"') continue;
        if (i + 1 < text_.size() && text_[i + 1] == '"') {
          owned_.append(text_.substr(start, i + 1 - start));
          start = i += 2;
          --i;
          doubled = true;
          continue;
        }
        break;
      }
      if (doubled) {
        owned_.append(text_.substr(start, i - start));
        cell_ = owned_;
      } else {
        cell_ = text_.substr(start, i - start);
      }
      // Text between the closing quote and the next delimiter is passed over, as d3 does.
      ++i;
      while (i < text_.size() && text_[i] != delimiter_ && text_[i] != '\n' && text_[i] != '\r') ++i;
      return behind(i);
    }
    i = end_of_cell(i);
    cell_ = text_.substr(at_, i - at_);
    return behind(i);
  }
  // Where the next delimiter or line break stands: eight bytes at once, a byte's high bit telling that it is one.
  std::size_t end_of_cell(std::size_t i) const {
    constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = 0x8080808080808080u;
    auto const zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
    std::uint64_t const delimiters = kOnes * static_cast<unsigned char>(delimiter_);
    for (std::uint64_t word; i + sizeof word <= text_.size(); i += sizeof word) {
      std::memcpy(&word, text_.data() + i, sizeof word);
      auto const ends = zeros(word ^ delimiters) | zeros(word ^ (kOnes * '\n')) | zeros(word ^ (kOnes * '\r'));
      if (ends == 0) continue;
      if constexpr (std::endian::native == std::endian::little)
        return i + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
      break;
    }
    while (i < text_.size() && text_[i] != delimiter_ && text_[i] != '\n' && text_[i] != '\r') ++i;
    return i;
  }
  bool behind(std::size_t i) {
    if (i >= text_.size()) {
      done_ = true;
      at_ = text_.size();
      return true;
    }
    char const c = text_[i++];
    if (c == '\r' && i < text_.size() && text_[i] == '\n') ++i;
    at_ = i;
    return c != delimiter_;
  }

  std::string_view text_, cell_;
  char delimiter_;
  std::size_t at_ = 0;
  bool done_ = false;
  std::string owned_;
};

// A column on its way: numbers while all cells may be numbers, else text.
class CellColumn {
 public:
  explicit CellColumn(CellKind kind) : kind_(kind) {}
  void push(std::string_view cell) {
    if (kind_ == CellKind::Text) return push_text(cell);
    double const number = cell.empty() ? bits_to_double(kNullBits) : string_to_number(cell);
    if (kind_ == CellKind::Auto && !cell.empty() && std::isnan(number)) {
      // What has been read is gone: a second reading makes it text, unless there was nothing yet.
      kind_ = CellKind::Text;
      again_ = !numbers_.empty();
      numbers_ = {};
      return push_text(cell);
    }
    numbers_.push_back(number);
    any_ = any_ || !cell.empty();
    if ((numbers_.size() & (kCounted - 1)) == 0) hold(numbers_.capacity() * sizeof number);
  }
  bool again() const { return again_; }
  void restart() {
    texts_.clear();
    ends_.clear();
    again_ = false;
  }
  ColumnRef finish() {
    budget::give_back(std::exchange(held_, 0));  // The column counts itself.
    if (kind_ != CellKind::Text && any_) return Column::of_numbers(std::move(numbers_));
    if (long_) return long_->finish();
    if (!ends_.empty()) return Column::of_texts(std::move(texts_), std::move(ends_));
    ColumnBuilder nulls;  // Of no kind.
    for (std::size_t i = 0; i < numbers_.size(); ++i) nulls.push_null();
    return nulls.finish();
  }

 private:
  static constexpr std::size_t kCounted = 1u << 14;  // Cells after which memory is counted.
  void push_text(std::string_view cell) {
    if (long_) return long_->push_string(cell);
    if (texts_.size() + cell.size() > 0xffffffffu) {  // More than ends can tell.
      long_.emplace();
      for (std::size_t i = 0; i < ends_.size(); ++i) {
        auto const begin = i ? ends_[i - 1] : 0;
        long_->push_string(std::string_view(texts_).substr(begin, ends_[i] - begin));
      }
      texts_ = {}, ends_ = {};
      return long_->push_string(cell);
    }
    texts_ += cell;
    ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
    if ((ends_.size() & (kCounted - 1)) == 0) hold(texts_.capacity() + ends_.capacity() * sizeof(std::uint32_t));
  }
  void hold(std::size_t bytes) {
    auto const more = std::max(0.0, static_cast<double>(bytes) - held_);
    held_ += more;
    budget::bytes(more);
  }
  CellKind kind_;
  double held_ = 0;
  bool again_ = false, any_ = false;
  std::vector<double> numbers_;
  std::string texts_;  // One behind the other, each to its end.
  std::vector<std::uint32_t> ends_;
  std::optional<ColumnBuilder> long_;
};

// Reads all rows. `only`: the columns to read, by index; null for all.
std::size_t read_rows(Reader reader, std::vector<CellColumn>& columns, std::vector<bool> const* only,
                      std::string const& path, std::size_t max_cells) {
  std::size_t rows = 0;
  auto const wanted = [only](std::size_t index) { return !only || (*only)[index]; };
  while (reader.more()) {
    // Many columns are many places in memory.
    budget::steps(static_cast<double>(columns.size()) *
                  (20 + std::fmin(static_cast<double>(columns.size()) / 100, 100)));
    if (rows * columns.size() > max_cells) fail(path, "more than " + std::to_string(max_cells) + " cells");
    std::size_t filled = 0;
    reader.row([&](std::size_t index, std::string_view cell) {
      if (index >= columns.size()) return;
      ++filled;
      if (wanted(index)) columns[index].push(cell);
    });
    for (; filled < columns.size(); ++filled)
      if (wanted(filled)) columns[filled].push("");
    ++rows;
  }
  return rows;
}

}  // namespace

TableRef parse_dsv(std::string_view text, char delimiter, Value const& header, std::string const& path,
                   std::size_t max_cells, CellKinds const& kinds) {
  if (text.substr(0, kSniffed).find('\0') != std::string_view::npos)
    fail(path, "it holds NUL bytes: not text, or not UTF-8");
  Reader reader(text, delimiter);
  std::vector<std::string> names;
  for (auto const& name : header.items()) names.push_back(name.to_string());
  if (names.empty() && reader.more())
    reader.row([&](std::size_t index, std::string_view cell) {
      if (index >= kMaxColumns) fail(path, "more than " + std::to_string(kMaxColumns) + " columns in its first line");
      names.emplace_back(cell);
    });
  std::vector<CellColumn> columns;
  for (auto const& name : names) columns.emplace_back(kinds ? kinds(name) : CellKind::Text);
  auto const rows = read_rows(reader, columns, nullptr, path, max_cells);
  std::vector<bool> again;
  bool any = false;
  for (auto& column : columns) {
    again.push_back(column.again());
    if (!column.again()) continue;
    column.restart();
    any = true;
  }
  if (any) read_rows(reader, columns, &again, path, max_cells);
  std::vector<Table::Field> fields;
  std::unordered_map<std::string_view, std::size_t> places;  // Of columns with the same name the last one counts.
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const [place, added] = places.emplace(names[i], fields.size());
    if (added)
      fields.push_back({Str(names[i]), columns[i].finish()});
    else
      fields[place->second].column = columns[i].finish();
  }
  return make_ref<Table>(std::move(fields), rows);
}

Result<TableRef> read_dsv(std::string_view text, char delimiter, std::size_t max_cells) {
  try {
    return parse_dsv(text, delimiter, {}, "", max_cells);
  } catch (EngineError const& error) {
    return error.error();
  }
}

}  // namespace cml::vega
