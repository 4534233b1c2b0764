#include "report/compose/table_request.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "base/text.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/number.hpp"

namespace cml::report {
namespace {

using metrics::Column;
using metrics::Records;
using metrics::Scalar;

constexpr std::string_view kFate = "change";  // The column that says what became of a row.

// Table: words of a verdict.
constexpr std::string_view kPassWords[] = {"pass", "passed", "ok", "success", "succeeded"};
constexpr std::string_view kFailWords[] = {"fail", "failed", "failure", "error", "errored"};
// Table: words in the name of a column whose true and false are verdicts.
constexpr std::string_view kVerdictColumns[] = {"pass",    "passed",  "passes", "success", "successful",
                                                "succeed", "correct", "ok",     "valid"};

template <std::size_t count>
bool is_one_of(std::string_view word, std::string_view const (&words)[count]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Whether a cell says that its row passes; nothing when it is no verdict.
std::optional<bool> verdict_of_cell(std::string_view column, Scalar const& cell) {
  if (auto const* truth = std::get_if<bool>(&cell)) {
    bool is_verdict = false;
    std::string word;
    for (char c : std::string(column) + "_") {
      if (!contains("_.-/ ", std::string_view(&c, 1))) {
        word += c;
        continue;
      }
      is_verdict = is_verdict || is_one_of(to_lower(word), kVerdictColumns);
      word.clear();
    }
    return is_verdict ? std::optional(*truth) : std::nullopt;
  }
  auto const* text = std::get_if<std::string>(&cell);
  if (text == nullptr || text->size() > 10) return std::nullopt;
  std::string const word = to_lower(*text);
  if (is_one_of(word, kPassWords)) return true;
  if (is_one_of(word, kFailWords)) return false;
  return std::nullopt;
}

// Numbers first, by their size; then text, by its bytes; what is missing last, whichever way the order goes.
int compare_cells(Scalar const& a, Scalar const& b) {
  auto const x = metrics::number_of(a), y = metrics::number_of(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  if (x.has_value() != y.has_value()) return x ? -1 : 1;
  return metrics::to_python(a).compare(metrics::to_python(b));
}

std::string key_of_row(std::vector<Column const*> const& columns, std::size_t row) {
  std::string key;
  for (Column const* column : columns) {
    std::string const part = metrics::to_python(column->at(row));
    key += std::to_string(part.size()) + ":" + part;
  }
  return key;
}

std::vector<Column const*> columns_named(Records const& records, std::vector<std::string> const& names) {
  std::vector<Column const*> columns;
  for (std::string const& name : names)
    if (Column const* column = records.column(name)) columns.push_back(column);
  return columns;
}

Records rows_in_order(Records const& records, std::vector<std::size_t> const& order) {
  Records result;
  result.name = records.name;
  for (Column const& column : records.columns) {
    Column picked{column.name, {}, {}, column.whole};
    for (std::size_t const row : order) picked.cells.push_back(column.at(row));
    result.columns.push_back(std::move(picked));
  }
  return result;
}

// What became of a row; the first are news.
enum class Fate { BeganToFail, PassesAgain, New, Gone, Changed, Same };
struct FateRow {
  Fate fate;
  std::string_view word, counted;
};
constexpr FateRow kFates[] = {{Fate::BeganToFail, "began to fail", "began to fail"},
                              {Fate::PassesAgain, "passes again", "passing again"},
                              {Fate::New, "new", "new"},
                              {Fate::Gone, "gone", "gone"},
                              {Fate::Changed, "changed", "changed otherwise"},
                              {Fate::Same, "", "unchanged"}};

class Pairing {
 public:
  Pairing(Records const& now, Records const& before, std::vector<std::string> const& keys)
      : now_(now), before_(before), keys_(keys) {}

  Records run(std::string const& old_name, std::vector<std::string>& notes) {
    auto const now_keys = columns_named(now_, keys_), old_keys = columns_named(before_, keys_);
    std::map<std::string, std::size_t> earlier;
    std::size_t twice = 0;
    for (std::size_t row = 0; row < before_.rows(); ++row)
      twice += !earlier.insert_or_assign(key_of_row(old_keys, row), row).second;
    for (Column const& column : now_.columns) result_.columns.push_back({column.name, {}, {}});
    result_.columns.push_back({std::string(kFate), {}, {}});
    std::map<std::string, bool> seen;
    for (std::size_t row = 0; row < now_.rows(); ++row) {
      std::string const key = key_of_row(now_keys, row);
      twice += !seen.emplace(key, true).second;
      auto const found = earlier.find(key);
      add(row, found == earlier.end() ? std::nullopt : std::optional(found->second));
    }
    for (std::size_t row = 0; row < before_.rows(); ++row) {
      auto const key = key_of_row(old_keys, row);
      if (!seen.contains(key) && earlier.at(key) == row) add_gone(row);
    }
    std::string sentence;
    for (FateRow const& fate : kFates)
      if (std::size_t const count = counts_[fate.fate]; count > 0)
        sentence += (sentence.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(fate.counted);
    notes.push_back((sentence.empty() ? "no rows" : sentence) + " against " + old_name);
    if (twice > 0)
      notes.push_back(std::to_string(twice) + " rows share their key with another one, so they may be paired wrongly");
    std::vector<std::size_t> order(fates_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return fates_[a] < fates_[b]; });
    Records sorted = rows_in_order(result_, order);
    sorted.name = now_.name;
    return sorted;
  }

 private:
  void add(std::size_t row, std::optional<std::size_t> old_row) {
    Fate fate = old_row ? Fate::Same : Fate::New;
    for (std::size_t c = 0; c < now_.columns.size(); ++c) {
      Column const& column = now_.columns[c];
      Scalar cell = column.at(row);
      Column const* old_column = old_row ? before_.column(column.name) : nullptr;
      if (old_column != nullptr) {
        Scalar const was = old_column->at(*old_row);
        if (!metrics::same_value(was, cell)) {
          auto const passed = verdict_of_cell(column.name, was), passes = verdict_of_cell(column.name, cell);
          Fate const of_cell = !passed || !passes || *passed == *passes ? Fate::Changed
                               : *passes                                ? Fate::PassesAgain
                                                                        : Fate::BeganToFail;
          fate = std::min(fate, of_cell);
          cell = (metrics::is_null(was) ? "none" : plain_value(was)) + " → " +
                 (metrics::is_null(cell) ? "none" : plain_value(cell));
        }
      }
      result_.columns[c].cells.push_back(std::move(cell));
    }
    finish(fate);
  }
  void add_gone(std::size_t old_row) {
    for (std::size_t c = 0; c < now_.columns.size(); ++c) {
      Column const* old_column = before_.column(now_.columns[c].name);
      result_.columns[c].cells.push_back(old_column != nullptr ? old_column->at(old_row) : Scalar{});
    }
    finish(Fate::Gone);
  }
  void finish(Fate fate) {
    for (FateRow const& row : kFates)
      if (row.fate == fate) result_.columns.back().cells.emplace_back(std::string(row.word));
    ++counts_[fate];
    fates_.push_back(fate);
  }

  Records const &now_, &before_;
  std::vector<std::string> const& keys_;
  Records result_;
  std::vector<Fate> fates_;
  std::map<Fate, std::size_t> counts_;
};

}  // namespace

Result<TableRequest> parse_table(std::string const& text) {
  auto parsed = file_options(text);
  TableRequest request;
  request.file = std::move(parsed.file);
  for (auto& [name, value] : parsed.options) {
    if (value.empty()) return Error{ErrorKind::Usage, "\"" + one_line(name, 40) + "=\" has no value"};
    if (name == "column") {
      request.columns.push_back(std::move(value));
    } else if (name == "key") {
      request.keys.push_back(std::move(value));
    } else if (name == "sort") {
      request.descending = value.size() > 1 && value[0] == '-';
      request.sort = value.substr(request.descending ? 1 : 0);
    } else if (name == "top") {
      auto const top = parse_integer(value);
      if (!top || *top < 1 || *top > 1'000'000)
        return Error{ErrorKind::Usage, "top=" + one_line(value, 20) + " is not a number of rows"};
      request.top = static_cast<std::size_t>(*top);
    } else {
      return Error{ErrorKind::Usage,
                   "a table has no \"" + one_line(name, 40) + "\"; known are column, key, sort and top"};
    }
  }
  return request;
}

Records paired_by_key(Records const& now, Records const& before, std::vector<std::string> const& keys,
                      std::string const& old_name, std::vector<std::string>& notes) {
  return Pairing(now, before, keys).run(old_name, notes);
}

Records arranged(Records records, TableRequest const& request, std::vector<std::string>& notes,
                 std::vector<std::string>& missing) {
  if (!request.sort.empty()) {
    if (Column const* by = records.column(request.sort)) {
      std::vector<Scalar> cells;
      std::vector<std::size_t> order(records.rows());
      for (std::size_t i = 0; i < order.size(); ++i) cells.push_back(by->at(i));
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        bool const a_none = metrics::is_null(cells[a]), b_none = metrics::is_null(cells[b]);
        if (a_none || b_none) return !a_none && b_none;
        int const compared = compare_cells(cells[a], cells[b]);
        return request.descending ? compared > 0 : compared < 0;
      });
      records = rows_in_order(records, order);
    } else {
      missing.push_back(request.sort);
    }
  }
  if (request.top > 0 && request.top < records.rows()) {
    notes.push_back("the first " + std::to_string(request.top) + " of " + std::to_string(records.rows()) + " rows" +
                    (request.sort.empty() ? "" : " by " + one_line(request.sort, 60)));
    std::vector<std::size_t> order(request.top);
    std::iota(order.begin(), order.end(), std::size_t{0});
    records = rows_in_order(records, order);
  }
  if (request.columns.empty()) return records;
  Records chosen;
  chosen.name = records.name;
  for (std::string const& name : request.columns) {
    if (Column const* column = records.column(name))
      chosen.columns.push_back(*column);
    else
      missing.push_back(name);
  }
  // What became of a row is said whichever columns are shown.
  if (!request.keys.empty() &&
      std::find(request.columns.begin(), request.columns.end(), kFate) == request.columns.end())
    if (Column const* fate = records.column(kFate); fate != nullptr && fate == &records.columns.back())
      chosen.columns.push_back(*fate);
  return chosen.columns.empty() ? records : chosen;
}

Records table_of_values(std::vector<metrics::Metric> const& values) {
  Records records;
  records.columns = {{"Name", {}, {}}, {"Value", {}, {}}};
  for (metrics::Metric const& metric : values) {
    records.columns[0].cells.emplace_back(metric.name);
    records.columns[1].cells.push_back(metric.value);
  }
  return records;
}

}  // namespace cml::report
