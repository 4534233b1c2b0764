// Records that stand line by line (JSON Lines), and curves that stand as lists: Keras' history, LightGBM's and
// XGBoost's evals_result.
#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

bool is_number_list(Node const& node) {
  auto const* list = node.list();
  return list != nullptr && !list->empty() && std::all_of(list->begin(), list->end(), [](Node const& item) {
           return item.scalar() != nullptr && (is_null(*item.scalar()) || number_of(*item.scalar()));
         });
}

// A map of nothing but lists of numbers, all as long as the first.
bool is_curve_map(Node const& node) {
  auto const* map = node.map();
  if (map == nullptr || map->empty()) return false;
  auto const length_of = [](Node const& list) { return list.list()->size(); };
  return std::all_of(map->begin(), map->end(), [&](NodeEntry const& entry) { return is_number_list(entry.value); }) &&
         std::all_of(map->begin(), map->end(),
                     [&](NodeEntry const& entry) { return length_of(entry.value) == length_of(map->front().value); });
}

// The last value of a curve. One that has no value here and there, as it is not taken at each step, says the last that
// there is; one that had a value at each step and then none has lost it: null.
std::optional<Scalar> last_of(std::vector<Scalar> const& cells) {
  auto const has_number = [](Scalar const& cell) { return number_of(cell).has_value(); };
  auto const last = std::find_if(cells.rbegin(), cells.rend(), has_number);
  if (last == cells.rend()) return std::nullopt;
  bool const dense = std::all_of(last, cells.rend(), has_number);
  return dense && last != cells.rbegin() ? Scalar{} : *last;
}

void add_curves(std::string const& prefix, Node const& node, Document& document, Records& table) {
  for (auto const& [key, list] : *node.map()) {
    std::string const name = (prefix.empty() ? "" : prefix + ".") + key;
    Column column{name, {}, {}};
    for (Node const& item : *list.list()) column.cells.push_back(*item.scalar());
    Metric metric{name, Scalar{to_python(list)}, true};
    metric.last = last_of(column.cells);
    if (column.cells.size() == 1) metric.only = column.cells[0];
    document.metrics.push_back(std::move(metric));
    table.columns.push_back(std::move(column));
  }
}

// Whether the records that name a key had a number each, and then a null: NaN as many loggers write it. A key that is
// null now and then is one that is not taken at each step.
class Presence {
 public:
  void add(Scalar const& value) {
    if (is_null(value))
      ++nulls_;
    else if (nulls_ > 0 || !number_of(value))
      sparse_ = true;
    else
      any_ = true;
  }
  bool lost() const { return any_ && !sparse_ && nulls_ > 0; }

 private:
  std::size_t nulls_ = 0;
  bool any_ = false, sparse_ = false;
};

bool starts_record(std::string_view line) { return trim(line).starts_with("{"); }

}  // namespace

std::optional<Document> curves_of(Node const& root) {
  Document document;
  Records table;
  if (is_curve_map(root)) {
    add_curves("", root, document, table);
  } else {
    auto const* map = root.map();
    if (map == nullptr || map->empty()) return std::nullopt;
    if (!std::all_of(map->begin(), map->end(), [](NodeEntry const& entry) { return is_curve_map(entry.value); }))
      return std::nullopt;
    std::size_t const length = map->front().value.map()->front().value.list()->size();
    for (auto const& [key, part] : *map) {
      if (part.map()->front().value.list()->size() != length) return std::nullopt;
      add_curves(key, part, document, table);
    }
  }
  document.format = "curves";
  document.tables.push_back(std::move(table));
  return document;
}

// Several lines that are an object each. One object over several lines is JSON, and so is a list.
bool is_json_lines(std::string_view bytes) {
  std::string_view const text = trim(bytes);
  auto const end = text.find('\n');
  if (end == std::string_view::npos || !starts_record(text)) return false;
  std::string_view const first = trim(text.substr(0, end)), rest = trim(text.substr(end + 1));
  return first.ends_with("}") && (rest.starts_with("{") || rest.starts_with("[")) && parse_json(first, {});
}

Result<Document> read_json_lines(std::string_view bytes, Limits const& limits) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  Records table;
  std::unordered_map<std::string, std::size_t> places;
  std::size_t rows = 0, others = 0, number = 0, first_bad = 0, last_bad = 0, last_good = 0;
  std::string reason;
  std::vector<Presence> presence;  // Of each column.
  while (!bytes.empty()) {
    auto const end = std::min(bytes.find('\n'), bytes.size());
    std::string_view const line = trim(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++number;
    if (line.empty()) continue;
    if (!line.starts_with("{")) {  // What else was printed into the file.
      ++others;
      continue;
    }
    auto const record = parse_json(line, limits);
    if (!record) {
      if (first_bad == 0) first_bad = number, reason = record.error().message;
      last_bad = number;
      ++others;
      continue;
    }
    ++rows;
    last_good = number;
    for (Metric& metric : flatten(*record, limits).metrics) {
      auto const [place, fresh] = places.emplace(metric.name, table.columns.size());
      if (fresh) table.columns.push_back({metric.name, {}, {}}), presence.emplace_back();
      presence[place->second].add(metric.value);
      if (places.size() > limits.max_columns || places.size() * rows > limits.max_cells)
        return Error{ErrorKind::BadInput, "line " + std::to_string(number) +
                                              ": the records have too many keys between them; select the ones that "
                                              "matter into a file of their own"};
      auto& cells = table.columns[place->second].cells;
      cells.resize(rows);
      cells.back() = std::move(metric.value);
    }
  }
  if (rows == 0)
    return Error{ErrorKind::BadInput,
                 "holds no line that is a JSON object" +
                     (reason.empty() ? "" : " (line " + std::to_string(first_bad) + ": " + reason + ")")};
  Document document;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    Column& column = table.columns[c];
    column.cells.resize(rows);
    if (presence[c].lost()) {
      document.metrics.push_back({column.name, Scalar{}});
      continue;
    }
    for (std::size_t i = rows; i-- > 0;) {
      if (is_null(column.cells[i])) continue;
      if (number_of(column.cells[i])) document.metrics.push_back({column.name, column.cells[i]});
      break;
    }
  }
  if (first_bad > 0)
    document.notes.push_back("line " + std::to_string(first_bad) + " is no JSON: " + reason +
                             (others > 1 ? " (and " + std::to_string(others - 1) + " more)" : ""));
  if (last_bad > last_good)
    document.cut = "line " + std::to_string(last_bad) + ", the last record, is no JSON: was the run ended in it?";
  if (first_bad == 0 && others > 0)
    document.remarks.push_back(std::to_string(others) + " lines are no records and are left out");
  document.tables.push_back(std::move(table));
  return document;
}

}  // namespace cml::metrics
