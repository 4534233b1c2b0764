#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "metrics/formats.hpp"
#include "vega/value/dsv.hpp"

namespace cml::metrics {
namespace {

// Words for "no value" among numbers; among text they may be names of classes.
bool is_missing_word(std::string_view text) {
  std::string const word = to_lower(trim(text));
  for (std::string_view missing : {"n/a", "na", "#n/a", "-", "--", "null", "none", "<na>"})
    if (word == missing) return true;
  return false;
}

// "0,5" where ";" stands between the cells.
Scalar with_decimal_comma(std::string_view text) {
  auto const comma = text.find(',');
  if (comma == std::string_view::npos || text.find_first_not_of("+-0123456789,eE ") != std::string_view::npos)
    return scalar_of_text(text);
  return scalar_of_text(replace_all(std::string(text), ",", "."));
}

Column convert(vega::Column const& from, std::string name, char delimiter) {
  Column column;
  column.name = std::move(name);
  std::vector<Scalar> dictionary;
  if (from.kind() == vega::Column::Kind::String)
    for (auto const& text : from.dictionary())
      dictionary.push_back(delimiter == ';' ? with_decimal_comma(text.view()) : scalar_of_text(text.view()));
  if (std::any_of(dictionary.begin(), dictionary.end(), [](Scalar const& cell) { return number_of(cell).has_value(); }))
    for (Scalar& cell : dictionary)
      if (auto const* text = std::get_if<std::string>(&cell); text != nullptr && is_missing_word(*text)) cell = {};
  bool const numbers = !dictionary.empty() && std::all_of(dictionary.begin(), dictionary.end(), [](Scalar const& cell) {
    return number_of(cell).has_value();
  });
  column.whole = numbers && std::all_of(dictionary.begin(), dictionary.end(),
                                        [](Scalar const& cell) { return std::holds_alternative<std::int64_t>(cell); });
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto const code = dictionary.empty() ? vega::Column::kNullCode : from.codes()[i];
    Scalar const cell = code < dictionary.size() ? dictionary[code] : Scalar{};
    if (numbers)
      column.numbers.push_back(*number_of(cell));
    else
      column.cells.push_back(cell);
  }
  return column;
}

// "metric,value" or "name,value": each row is a metric.
bool is_key_value(Records const& table) {
  if (table.columns.size() != 2) return false;
  std::string const key = to_lower(table.columns[0].name), value = to_lower(table.columns[1].name);
  return (key == "metric" || key == "name" || key == "key" || key == "param" || key == "parameter") && value == "value";
}

// Optuna's `study.trials_dataframe().to_csv()`: a row for each trial with its number, value (values_0, values_1 of
// several objectives), times, params_*, user_attrs_*, system_attrs_* and state.
bool is_value_of_trial(std::string_view column) { return column == "value" || column.starts_with("values_"); }

bool is_optuna(Records const& records) {
  auto const any = [&](auto const& fits) {
    return std::any_of(records.columns.begin(), records.columns.end(),
                       [&](Column const& column) { return fits(std::string_view(column.name)); });
  };
  return records.column("number") != nullptr && records.column("state") != nullptr && any(is_value_of_trial) &&
         any([](std::string_view name) { return name.starts_with("params_") || name.starts_with("datetime_"); });
}

// The table does not say which way is good, so both ends of each objective are told, of the trials that are complete.
Document optuna_document(Records records) {
  Document document;
  document.format = "Optuna";
  Column const& state = *records.column("state");
  std::map<std::string, std::int64_t> states;
  for (std::size_t i = 0; i < records.rows(); ++i) ++states[to_lower(to_python(state.at(i)))];
  document.metrics.push_back({"trials", static_cast<std::int64_t>(records.rows())});
  for (char const* known : {"complete", "pruned", "fail"})
    document.metrics.push_back({"trials." + std::string(known), states[known]});
  Records overview;
  for (Column const& column : records.columns) {
    if (!column.name.starts_with("datetime_") && !column.name.starts_with("system_attrs_"))
      overview.columns.push_back(column);
    if (!is_value_of_trial(column.name)) continue;
    std::optional<double> lowest, highest;
    for (std::size_t i = 0; i < records.rows(); ++i) {
      auto const value = number_of(column.at(i));
      if (!value || std::isnan(*value) || to_lower(to_python(state.at(i))) != "complete") continue;
      lowest = std::min(lowest.value_or(*value), *value);
      highest = std::max(highest.value_or(*value), *value);
    }
    if (!lowest) continue;
    document.metrics.push_back({column.name + ".lowest", *lowest});
    document.metrics.push_back({column.name + ".highest", *highest});
  }
  document.remarks.push_back(std::to_string(states["complete"]) + " of " + std::to_string(records.rows()) +
                             " trials are complete; which way is good is not in the table, so both ends are shown");
  document.overview = std::move(overview);
  document.tables.push_back(std::move(records));
  return document;
}

}  // namespace

Result<Document> read_delimited(std::string_view bytes, char delimiter, Limits const& limits) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  std::string commented;  // numpy's savetxt comments out its head: "# step,loss".
  while (!bytes.empty() && (bytes[0] == '#' || bytes[0] == '\n' || bytes.starts_with("\r\n"))) {
    auto const end = std::min(bytes.find('\n'), bytes.size());
    if (bytes[0] == '#') commented = trim(bytes.substr(1, end - 1));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  std::string_view head = bytes.substr(0, bytes.find('\n'));
  if (delimiter == ',' && !contains(head, ",") && contains(head, ";")) delimiter = ';';
  std::string whole;
  if (contains(commented, std::string_view(&delimiter, 1)) &&
      std::count(commented.begin(), commented.end(), delimiter) == std::count(head.begin(), head.end(), delimiter) &&
      number_of(scalar_of_text(head.substr(0, head.find(delimiter))))) {
    whole = commented + "\n" + std::string(bytes);
    bytes = whole;
    head = bytes.substr(0, bytes.find('\n'));
  }
  auto const columns = static_cast<std::size_t>(std::count(head.begin(), head.end(), delimiter)) + 1;
  if (columns > limits.max_columns)
    return Error{ErrorKind::BadInput, "has " + std::to_string(columns) + " columns; at most " +
                                          std::to_string(limits.max_columns) +
                                          " are read. Select the ones that matter into a file of their own"};
  CML_TRY(table, vega::read_dsv(bytes, delimiter, limits.max_cells));
  Document document;
  Records records;
  for (auto const& field : table->fields()) {
    std::string name(trim(field.name.view()));
    if (name.empty() || name.substr(0, 8) == "Unnamed:") continue;  // pandas' index.
    records.columns.push_back(convert(*field.column, std::move(name), delimiter));
  }
  if (is_optuna(records)) return optuna_document(std::move(records));
  if (is_key_value(records)) {
    for (std::size_t i = 0; i < records.rows(); ++i)
      document.metrics.push_back({to_python(records.columns[0].at(i)), records.columns[1].at(i)});
  } else {
    // A training log: the last value that each column has (Lightning writes train and validation rows alternately).
    for (Column const& column : records.columns) {
      for (std::size_t i = column.size(); i-- > 0;) {
        Scalar cell = column.at(i);
        if (is_null(cell)) continue;
        if (number_of(cell)) document.metrics.push_back({column.name, std::move(cell)});
        break;
      }
    }
  }
  document.tables.push_back(std::move(records));
  return document;
}

}  // namespace cml::metrics
