// What metrics files say, whatever their format: named values, and tables of records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cml::metrics {

// null, true or false, a whole number, a number, text. Lists are text as Python prints them: "[1, 'a']".
using Scalar = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

bool is_null(Scalar const&);
std::optional<double> number_of(Scalar const&);  // Of numbers only; true and text have none.
bool same_value(Scalar const&, Scalar const&);   // 1 and 1.0 are the same, and so are two NaN.
// As Python's str() prints it: None, True, 1, 1.0, 1e-05, nan, text as it is.
std::string to_python(Scalar const&);
std::string python_float(double value);
// A cell of a delimited file: "" is null; numbers, true/false in any case; everything else is text.
Scalar scalar_of_text(std::string_view text);

struct Metric {
  std::string name;  // Keys of nested objects joined by ".".
  Scalar value;
  bool list = false;                 // `value` is a list, printed.
  std::optional<Scalar> only = {};   // The one element of a list that has one.
  bool records = false;              // A list of records: a table, which is a parameter, but no metric.
  bool bare = false;                 // The whole file is this one value; it has no name of its own.
  std::optional<Scalar> last = {};   // `value` is a curve, a list of numbers: its last one.
  std::optional<double> noise = {};  // Standard error of the value, where the file has it.
  bool operator==(Metric const&) const = default;
};

// A tree as JSON, YAML and TOML write it.
struct NodeEntry;
struct Node {
  using List = std::vector<Node>;
  using Map = std::vector<NodeEntry>;
  std::variant<Scalar, List, Map> value;
  int line = 0;      // 1-based where the format tells (YAML, TOML), else 0.
  int key_line = 0;  // The same of the key that stands before it (YAML).

  Map const* map() const { return std::get_if<Map>(&value); }
  List const* list() const { return std::get_if<List>(&value); }
  Scalar const* scalar() const { return std::get_if<Scalar>(&value); }
  Node const* find(std::string_view key) const;  // Of a map; null when absent.
};
struct NodeEntry {
  std::string key;
  Node value;
};

std::string to_python(Node const&);  // repr(): "{'a': [1, None]}".

// One column: numbers are kept apart from mixed cells, so that a log of millions of points stays small.
struct Column {
  std::string name;
  std::vector<double> numbers;  // Used when `cells` is empty.
  std::vector<Scalar> cells;
  bool whole = false;  // `numbers` are whole numbers (steps).

  std::size_t size() const { return cells.empty() ? numbers.size() : cells.size(); }
  Scalar at(std::size_t row) const;
};

struct Records {
  std::string name;  // Of a series ("train/loss") or a key of the file; empty for a file that is one table.
  std::vector<Column> columns;
  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
  Column const* column(std::string_view name) const;
};

struct Document {
  std::string_view format;  // "JSON", "TensorBoard"...
  std::vector<Metric> metrics;
  std::vector<Records> tables;
  std::vector<std::string> notes = {};  // What could not be read and is left out.
  // What a tool keeps apart from its metrics; nothing where a file's single values may be either.
  std::optional<std::vector<Metric>> params = {};
  std::optional<Records> overview = {};   // For people, instead of the tables: the runs of a store, the tasks.
  std::vector<std::string> remarks = {};  // What was chosen: "run baseline, the newest of 3".
  std::string cut = {};  // Why the last thing that it says could not be read, so that its values may be old ones.
};

// Untrusted input: beyond these a file is refused with a message that names the limit.
struct Limits {
  std::uintmax_t max_bytes = 1u << 30;
  int max_depth = 100;
  std::size_t max_values = 2'000'000;
  std::size_t max_columns = 10'000;
  std::size_t max_cells = 10'000'000;         // Of a delimited table: rows times columns.
  std::size_t max_record_cells = 5'000'000;   // Of all lists of records in a tree, each as a table.
  std::size_t max_alias_values = 100'000;     // Values that YAML aliases may add.
  std::size_t max_anchored_values = 500'000;  // Values that YAML anchors may name.
  // Beyond these the rest is left out, and a note says so.
  std::size_t max_metrics = 10'000;
  std::size_t max_tables = 1000;
  std::size_t max_name_bytes = 8u << 20;  // Of all names of a file: a key stands in the name of each value below it.
};

// What is in a file counts against its limits; the first values count first.
struct Flattened {
  std::vector<Metric> metrics;
  std::size_t left_out = 0;
};
Flattened flatten(Node const&, Limits const& = {});

}  // namespace cml::metrics
