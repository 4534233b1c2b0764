#include "metrics/reader.hpp"

#include <algorithm>
#include <new>
#include <unordered_map>
#include <unordered_set>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

std::string extension_of(std::string_view path) {
  std::string_view const name = path.substr(path.rfind('/') + 1);
  auto const dot = name.rfind('.');
  return dot == std::string_view::npos ? "" : to_lower(name.substr(dot + 1));
}
template <class... Names>
bool has_extension(std::string_view path, Names... names) {
  std::string const extension = extension_of(path);
  return ((extension == names) || ...);
}

// The four numbers that scikit-learn's classification_report(output_dict=True) gives a class.
constexpr std::string_view kReportKeys[] = {"precision", "recall", "f1-score", "support"};

bool is_report_row(Node const& node) {
  return std::all_of(std::begin(kReportKeys), std::end(kReportKeys),
                     [&](std::string_view key) { return node.find(key) != nullptr; });
}

// "class | precision | recall | f1-score | support", as the printed report has it.
Records classification_table(Node const& node, std::string name_of_table) {
  Records records;
  records.name = std::move(name_of_table);
  records.columns.push_back({"class", {}, {}});
  for (std::string_view key : kReportKeys) records.columns.push_back({std::string(key), {}, {}});
  for (auto const& [name, row] : *node.map()) {
    bool const scalar = row.scalar() != nullptr;  // "accuracy": one number.
    if (!scalar && !is_report_row(row)) continue;
    records.columns[0].cells.emplace_back(name);
    for (std::size_t i = 0; i < 4; ++i) {
      Node const* cell = scalar ? (i == 2 ? &row : nullptr) : row.find(kReportKeys[i]);
      records.columns[i + 1].cells.push_back(cell != nullptr && cell->scalar() != nullptr ? *cell->scalar() : Scalar{});
    }
  }
  return records;
}

bool is_record_list(Node const& node) {
  auto const* list = node.list();
  return list != nullptr && !list->empty() &&
         std::all_of(list->begin(), list->end(), [](Node const& item) { return item.map() != nullptr; });
}

// Lists of records and classification reports, wherever they stand.
class TableFinder {
 public:
  explicit TableFinder(Limits const& limits) : limits_(limits), cells_left_(limits.max_record_cells) {}

  Status find(Node const& node) {
    if (is_classification_report(node)) {
      if (has_room()) tables.push_back(classification_table(node, name_));
      return ok();
    }
    if (is_record_list(node)) {
      if (!has_room()) return ok();
      CML_TRY(table, table_of(*node.list()));
      return tables.push_back(std::move(table)), ok();
    }
    if (auto const* map = node.map()) {
      for (auto const& [key, child] : *map) {
        std::size_t const before = name_.size();
        if (!name_.empty()) name_ += '.';
        name_ += key;
        CML_CHECK_OK(find(child));
        name_.resize(before);
      }
    }
    return ok();
  }

  std::vector<Records> tables;
  std::size_t left_out = 0;

 private:
  bool has_room() {
    name_bytes_ += name_.size();
    bool const room = tables.size() < limits_.max_tables && name_bytes_ <= limits_.max_name_bytes;
    left_out += room ? 0 : 1;
    return room;
  }

  struct Cell {
    std::string_view key;
    Node const* value;
  };
  // The values of a record, those of a record in it by dotted keys: "scores.acc". What lies below a very long name is
  // one value.
  static void list_cells(Node const& record, std::vector<Cell>& cells, std::unordered_set<std::string>& names,
                         std::string const& prefix = "") {
    constexpr std::size_t kLongestPrefix = 1000;
    for (auto const& [key, value] : *record.map()) {
      std::string_view const name = prefix.empty() ? std::string_view(key) : *names.insert(prefix + key).first;
      bool const nested = value.map() != nullptr && !value.map()->empty() && name.size() <= kLongestPrefix;
      if (nested)
        list_cells(value, cells, names, std::string(name) + ".");
      else
        cells.push_back({name, &value});
    }
  }

  // Records may have keys of their own each: many keys times many records are refused before there are cells for them.
  Result<Records> table_of(Node::List const& list) {
    Records records;
    records.name = name_;
    std::unordered_map<std::string_view, std::size_t> places;
    std::unordered_set<std::string> names;  // Of nested keys, which stand nowhere as one text.
    std::vector<Cell> cells_of_row;
    for (std::size_t row = 0; row < list.size(); ++row) {
      cells_of_row.clear();
      list_cells(list[row], cells_of_row, names);
      for (auto const& [key, node] : cells_of_row) {
        Node const& value = *node;
        auto const [place, fresh] = places.emplace(key, places.size());
        if (fresh) records.columns.push_back({std::string(key), {}, {}});
        if (places.size() > limits_.max_columns || places.size() * list.size() > cells_left_)
          return Error{ErrorKind::BadInput,
                       "holds records with more than " +
                           std::to_string(std::min(limits_.max_columns, cells_left_ / list.size())) +
                           " keys between them; select the ones that matter into a file of their own"};
        auto& cells = records.columns[place->second].cells;
        cells.resize(row);  // A key that comes twice counts once, by its last value.
        cells.push_back(value.scalar() != nullptr ? *value.scalar() : Scalar{to_python(value)});
      }
    }
    cells_left_ -= std::min(cells_left_, places.size() * list.size());
    for (Column& column : records.columns) column.cells.resize(list.size());
    return records;
  }

  Limits const& limits_;
  std::size_t cells_left_, name_bytes_ = 0;
  std::string name_;
};

constexpr std::size_t kMostNamedRecords = 100;  // More are a log or a data set, not a list of results.

std::string left_out_note(std::size_t kept, std::size_t left_out, std::string_view what) {
  return "holds " + std::to_string(kept + left_out) + " " + std::string(what) + "; the first " + std::to_string(kept) +
         " are read. Write the ones that matter into a file of their own";
}

bool looks_binary(std::string_view bytes) { return bytes.substr(0, 8192).find('\0') != std::string_view::npos; }

}  // namespace

Result<Document> document_of(Result<Node> parsed, Limits const& limits) {
  if (!parsed) return std::move(parsed).error();
  if (!is_classification_report(*parsed)) {
    if (auto known = known_document(*parsed, limits)) return std::move(*known);
    if (auto curves = curves_of(*parsed)) return std::move(*curves);
  }
  Document document;
  TableFinder finder(limits);
  CML_CHECK_OK(finder.find(*parsed));
  document.tables = std::move(finder.tables);
  if (finder.left_out > 0) document.notes.push_back(left_out_note(document.tables.size(), finder.left_out, "tables"));
  auto const flat = [&](Node const& node) {
    Flattened values = flatten(node, limits);
    if (values.left_out > 0) document.notes.push_back(left_out_note(values.metrics.size(), values.left_out, "values"));
    return values.metrics;
  };
  if (is_classification_report(*parsed)) document.format = "classification report";
  if (is_record_list(*parsed)) {  // A log: its last record.
    document.metrics = flat(parsed->list()->back());
  } else if (parsed->scalar() != nullptr) {
    if (is_null(*parsed->scalar())) return Error{ErrorKind::BadInput, "holds no value"};
    document.metrics = {{"value", *parsed->scalar()}};
    document.metrics[0].bare = true;
  } else {
    document.metrics = flat(*parsed);
    std::unordered_set<std::string_view> names;
    for (Records const& table : document.tables) names.insert(table.name);
    for (Metric& metric : document.metrics) metric.records = metric.list && names.contains(metric.name);
    // A document whose numbers all stand in its records says nothing without them.
    bool const says = std::any_of(document.metrics.begin(), document.metrics.end(),
                                  [](Metric const& metric) { return number_of(metric.value).has_value(); });
    std::size_t name_bytes = 0, left_out = 0;
    for (Metric const& metric : document.metrics) name_bytes += metric.name.size();
    for (std::size_t i = 0; !says && !is_classification_report(*parsed) && i < document.tables.size(); ++i) {
      for (Metric& metric : metrics_of_records(document.tables[i], kMostNamedRecords)) {
        name_bytes += metric.name.size();
        if (name_bytes > limits.max_name_bytes)
          ++left_out;
        else
          document.metrics.push_back(std::move(metric));
      }
    }
    if (left_out > 0) document.notes.push_back(left_out_note(document.metrics.size(), left_out, "values"));
  }
  return document;
}

bool is_classification_report(Node const& node) {
  auto const* map = node.map();
  if (map == nullptr || (node.find("macro avg") == nullptr && node.find("weighted avg") == nullptr)) return false;
  return std::any_of(map->begin(), map->end(), [](auto const& entry) { return is_report_row(entry.value); });
}

Result<std::vector<Records>> tables_of(Node const& node, Limits const& limits) {
  TableFinder finder(limits);
  CML_CHECK_OK(finder.find(node));
  return std::move(finder.tables);
}

std::vector<Format> const& formats() {
  using View = std::string_view;
  static std::vector<Format> const table{
      {"TensorBoard", [](View path, View) { return is_event_file(path); }, read_event_file},
      {"dvc.lock", [](View path, View) { return path.substr(path.rfind('/') + 1) == "dvc.lock"; }, read_dvc_lock},
      {"DVC's note", [](View path, View) { return has_extension(path, "dvc"); },
       [](View, Limits const&) -> Result<Document> {
         return Error{ErrorKind::BadInput, "tells DVC where a file is kept; name the file itself (dvc pull gets it)"};
       }},
      {"JSON Lines",
       [](View path, View bytes) {
         return has_extension(path, "jsonl", "ndjson") ||
                (!has_extension(path, "yaml", "yml", "toml", "csv", "tsv") && is_json_lines(bytes));
       },
       read_json_lines},
      {"JSON", [](View path, View) { return has_extension(path, "json", "ipynb"); },
       [](View b, Limits const& l) { return document_of(parse_json(b, l), l); }},
      {"YAML", [](View path, View) { return has_extension(path, "yaml", "yml"); },
       [](View b, Limits const& l) { return document_of(parse_yaml(b, l), l); }},
      {"TOML", [](View path, View) { return has_extension(path, "toml"); },
       [](View b, Limits const& l) { return document_of(parse_toml(b, l), l); }},
      {"CSV", [](View path, View) { return has_extension(path, "csv"); },
       [](View b, Limits const& l) { return read_delimited(b, ',', l); }},
      {"TSV", [](View path, View) { return has_extension(path, "tsv", "tab"); },
       [](View b, Limits const& l) { return read_delimited(b, '\t', l); }},
      {"XML",
       [](View path, View bytes) { return has_extension(path, "xml", "trx") || trim(bytes).starts_with("<?xml"); },
       read_xml},
      {"lcov", [](View, View bytes) { return is_lcov(bytes); }, read_lcov},
      {"Go's coverage", [](View, View bytes) { return is_go_coverage(bytes); }, read_go_coverage},
      {"JSON", [](View, View bytes) { return contains("{[", trim(bytes).substr(0, 1)); },
       [](View b, Limits const& l) { return document_of(parse_json(b, l), l); }},
      {"text", [](View, View) { return true; }, read_plain},
  };
  return table;
}

Result<Node> parse_tree(std::string_view path, std::string_view bytes, Limits const& limits) {
  if (has_extension(path, "json")) return parse_json(bytes, limits);
  return has_extension(path, "toml") ? parse_toml(bytes, limits) : parse_yaml(bytes, limits);
}

std::optional<RunChoice> run_choice(Source& source, std::string const& path) {
  auto const colon = path.find(':');
  if (colon == std::string::npos || colon + 1 == path.size() || source.kind(path) != FileKind::Missing)
    return std::nullopt;
  if (source.kind(path.substr(0, colon)) != FileKind::Directory) return std::nullopt;
  return RunChoice{path.substr(0, colon), path.substr(colon + 1)};
}

namespace {

Result<Document> read_folder(Source& source, std::string folder, std::string const& run, Limits const& limits) {
  CML_TRY(files, source.list(folder));
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  if (folder == ".") folder.clear();
  Result<Document> document =
      Error{ErrorKind::BadInput, "is a folder, but none of MLflow (mlruns), TensorBoard or DVCLive; name the file"};
  if (std::any_of(files.begin(), files.end(), [](std::string const& file) {
        return file.ends_with("meta.yaml") && !file.ends_with("models/meta.yaml");
      }))
    document = Error{ErrorKind::BadInput, "is an MLflow store in which no run has logged anything"};
  std::string_view format = "MLflow";
  if (is_mlflow(files))
    document = read_mlflow(source, files, run, limits);
  else if (!run.empty())
    document =
        Error{ErrorKind::BadInput, "is not an MLflow store, where \":" + one_line(run, 60) + "\" would be a run"};
  else if (is_tensorboard(files))
    document = read_tensorboard(source, folder, files, limits), format = "TensorBoard";
  else if (is_dvclive(folder, files))
    document = read_dvclive(source, folder, files, limits), format = "DVCLive";
  if (document) document->format = format;
  return document;
}

bool has_high_byte(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

bool is_utf16(std::string_view bytes) { return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"); }

// What all formats have in common: no report shows more rows than people read.
void leave_out_the_rest(Document& document, Limits const& limits) {
  auto const cut = [&](auto& list, std::size_t most, std::string_view what) {
    if (list.size() <= most) return;
    document.notes.push_back(left_out_note(most, list.size() - most, what));
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
  };
  cut(document.metrics, limits.max_metrics, "values");
  cut(document.tables, limits.max_tables, "tables");
}

Result<Document> read_within_memory(Source& source, std::string const& path, Limits const& limits) {
  std::string const shown = one_line(path, 120) + (source.describe().empty() ? "" : " at " + source.describe());
  auto const named = [&](Error error) { return Error{error.kind, shown + ": " + error.message}; };
  auto const choice = run_choice(source, path);
  if (choice || source.kind(path) == FileKind::Directory) {
    auto document = read_folder(source, choice ? choice->folder : path, choice ? choice->run : "", limits);
    return document ? std::move(document) : named(document.error());
  }
  auto bytes = source.read(path, limits.max_bytes);
  if (!bytes)
    return bytes.error().kind == ErrorKind::NotFound ? Error{ErrorKind::NotFound, shown + ": no such file"}
                                                     : named(bytes.error());
  if (is_utf16(*bytes)) bytes = decode_text(std::move(*bytes)).text;  // As PowerShell's ">" writes it.
  if (trim(*bytes).empty()) return Error{ErrorKind::BadInput, shown + ": is empty"};
  for (Format const& format : formats()) {
    if (!format.matches(path, *bytes)) continue;
    if (looks_binary(*bytes) && format.name != "TensorBoard")
      return Error{ErrorKind::BadInput, shown + ": is binary, not a metrics file"};
    if (format.name != "TensorBoard" && has_high_byte(*bytes)) bytes = valid_utf8(*bytes);  // Names in it, too.
    auto document = format.read(*bytes, limits);
    // "[0]<TAB>train-rmse:0.9" and "{'loss': 0.5}" begin like JSON.
    if (!document && format.name == "JSON" && !has_extension(path, "json", "ipynb"))
      if (auto text = read_plain(*bytes, limits)) document = std::move(text), document->format = "text";
    if (!document)
      return Error{document.error().kind,
                   shown + ": " + std::string(format.name == "text" ? "" : "as " + std::string(format.name) + ": ") +
                       document.error().message};
    if (document->format.empty()) document->format = format.name;
    return document;
  }
  return Error{ErrorKind::Bug, shown + ": no format"};
}

}  // namespace

Result<Document> read_document(Source& source, std::string const& path, Limits const& limits) {
  try {
    auto document = read_within_memory(source, path, limits);
    if (document) leave_out_the_rest(*document, limits);
    return document;
  } catch (std::bad_alloc const&) {
    return Error{ErrorKind::BadInput, one_line(path, 120) +
                                          ": there is not enough memory to read it; write the values that matter into "
                                          "a file of their own"};
  }
}

}  // namespace cml::metrics
