// What training scripts print: lines of "name: number", and scikit-learn's classification report as text.
#include <algorithm>
#include <map>

#include "base/ansi.hpp"
#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/log_lines.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::string& word : split(replace_all(std::string(trim(line)), "\t", " "), ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// The dictionary that the printed report was made from.
std::optional<Node> printed_report(std::vector<std::string> const& lines) {
  std::vector<std::string> const head{"precision", "recall", "f1-score", "support"};
  auto line = std::find_if(lines.begin(), lines.end(), [&](std::string const& text) { return words_of(text) == head; });
  if (line == lines.end()) return std::nullopt;
  Node::Map report;
  int blank = 0;  // One blank line stands before the classes and one before the averages.
  while (++line != lines.end() && blank <= 2) {
    auto words = words_of(*line);
    if (words.empty()) {
      ++blank;
      continue;
    }
    std::size_t numbers = 0;
    while (numbers < std::min<std::size_t>(words.size() - 1, 4) &&
           number_of(scalar_of_text(words[words.size() - 1 - numbers])))
      ++numbers;
    bool const accuracy = words.size() == 3 && words[0] == "accuracy" && numbers == 2;
    if (numbers != 4 && !accuracy) break;
    std::string name;
    for (std::size_t i = 0; i + numbers < words.size(); ++i) name += (i > 0 ? " " : "") + words[i];
    Node row;
    if (accuracy) {
      row.value = scalar_of_text(words[1]);
    } else {
      Node::Map cells;
      for (std::size_t i = 0; i < 4; ++i) {
        Node cell;
        cell.value = scalar_of_text(words[words.size() - 4 + i]);
        cells.push_back({head[i], std::move(cell)});
      }
      row.value = std::move(cells);
    }
    report.push_back({std::move(name), std::move(row)});
  }
  Node node;
  node.value = std::move(report);
  return is_classification_report(node) ? std::optional<Node>(std::move(node)) : std::nullopt;
}

// Lines with pairs become rows, so that what a log says once an epoch is a curve.
class LogTable {
 public:
  explicit LogTable(Limits const& limits) : limits_(limits) {}

  void add(std::vector<Metric> const& pairs, std::optional<std::int64_t> epoch) {
    if (places_.size() * (rows_ + 1) > limits_.max_record_cells) return void(full_ = true);
    ++rows_;
    bool const has_epoch =
        std::any_of(pairs.begin(), pairs.end(), [](Metric const& pair) { return to_lower(pair.name) == "epoch"; });
    if (epoch && !has_epoch) put("epoch", *epoch);
    for (Metric const& pair : pairs) repeats_ = put(pair.name, pair.value) || repeats_;
  }
  void finish(Document& document) {
    for (Column& column : table_.columns) column.cells.resize(rows_);
    if (full_)
      document.notes.push_back("has more lines than a table holds; the first " + std::to_string(rows_) + " are in it");
    if (repeats_) document.tables.push_back(std::move(table_));
  }

 private:
  static constexpr std::size_t kMaxColumns = 200;  // A log with more names is not shown as a table.

  bool put(std::string const& name, Scalar value) {
    auto const [place, fresh] = places_.emplace(name, table_.columns.size());
    if (fresh && table_.columns.size() >= kMaxColumns) return places_.erase(place), false;
    if (fresh) table_.columns.push_back({name, {}, {}});
    auto& cells = table_.columns[place->second].cells;
    cells.resize(rows_);
    cells.back() = std::move(value);
    return !fresh;
  }

  Limits const& limits_;
  Records table_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::size_t rows_ = 0;
  bool repeats_ = false, full_ = false;
};

}  // namespace

Result<Document> read_plain(std::string_view bytes, Limits const& limits) {
  std::string plain;  // What stands below must outlive `bytes`.
  if (bytes.find('\x1b') != std::string_view::npos) bytes = plain = without_ansi(bytes);
  auto const lines = split(bytes, '\n');
  if (auto report = printed_report(lines)) return document_of(std::move(*report), limits);
  Document document;
  std::map<std::string, std::size_t, std::less<>> known;  // A log says a name once an epoch: the last one counts.
  auto const keep = [&](Metric pair) {
    auto const [place, fresh] = known.emplace(pair.name, document.metrics.size());
    if (!fresh)
      document.metrics[place->second].value = std::move(pair.value);
    else
      document.metrics.push_back(std::move(pair));
  };
  LogTable log(limits);
  std::optional<std::int64_t> epoch;
  for (std::size_t i = 0; i < lines.size();) {
    std::string_view text = trim(lines[i]);
    if (auto const back = text.rfind('\r'); back != std::string_view::npos) text = trim(text.substr(back + 1));
    if (text.empty() || text[0] == '#') {
      ++i;
      continue;
    }
    if (auto table = printed_table(lines, i)) {
      // YOLO's row of all classes, else the last row.
      std::size_t row = table->rows() - 1;
      for (std::size_t k = 0; k < table->rows(); ++k)
        if (to_python(table->columns[0].at(k)) == "all") row = k;
      for (Column const& column : table->columns)
        if (Scalar cell = column.at(row); number_of(cell)) keep({column.name, std::move(cell)});
      document.tables.push_back(std::move(*table));
      continue;
    }
    auto pairs = pairs_of_line(text, epoch);
    if (pairs.size() >= kMostPairs) {
      document.notes.push_back("line " + std::to_string(i + 1) +
                               " holds more values than a line of a log; it is left out");
      pairs.clear();
    }
    // "status: none" is not a metric; "loss=None" after "loss=0.5" says that the loss was lost.
    std::erase_if(pairs, [&](Metric const& pair) { return is_null(pair.value) && !known.contains(pair.name); });
    if (!pairs.empty()) log.add(pairs, epoch);
    for (Metric const& pair : pairs) keep(pair);
    if (document.metrics.size() > limits.max_values) return Error{ErrorKind::BadInput, too_many_values(limits)};
    ++i;
  }
  log.finish(document);
  if (document.metrics.empty())
    return Error{
        ErrorKind::BadInput,
        "no metrics found; known are JSON, YAML, TOML, CSV, TSV, test results, coverage, TensorBoard events, printed "
        "classification reports and lines of \"name: number\""};
  return document;
}

}  // namespace cml::metrics
