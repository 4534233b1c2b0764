#include "vega/value/dsv.hpp"

#include <cmath>
#include <string>
#include <unordered_map>

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
    while (i < text_.size() && text_[i] != delimiter_ && text_[i] != '\n' && text_[i] != '\r') ++i;
    cell_ = text_.substr(at_, i - at_);
    return behind(i);
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

}  // namespace

TableRef parse_dsv(std::string_view text, char delimiter, Value const& header, std::string const& path,
                   std::size_t max_cells) {
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
  std::vector<ColumnBuilder> columns(names.size());
  std::size_t rows = 0;
  while (reader.more()) {
    // Many columns are many places in memory.
    budget::steps(static_cast<double>(names.size()) * (20 + std::fmin(static_cast<double>(names.size()) / 100, 100)));
    if (rows * names.size() > max_cells) fail(path, "more than " + std::to_string(max_cells) + " cells");
    std::size_t filled = 0;
    reader.row([&](std::size_t index, std::string_view cell) {
      if (index < columns.size()) columns[index].push_string(cell), ++filled;
    });
    for (; filled < columns.size(); ++filled) columns[filled].push_string("");
    ++rows;
  }
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
