#include "report/compose/tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/number.hpp"

namespace cml::report {
namespace {

using Cells = std::vector<std::string>;

std::string line_of(Cells const& cells) {
  std::string line = "|";
  for (std::string const& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

bool several_files(std::vector<Row> const& rows) {
  return std::any_of(rows.begin(), rows.end(), [&](Row const& row) { return row.file != rows.front().file; });
}

std::string sign_of(Row const& row) {
  if (row.unreadable()) return "?";
  if (!row.old_value) return "new";
  if (!row.new_value) return "gone";
  auto const change = row.change();
  if (!row.changed()) return "";
  if (row.within_noise()) return "≈";
  std::string const arrow = !change || std::isnan(*change) ? "≠" : *change > 0 ? "▲" : "▼";
  switch (row.judgement()) {
    case Judgement::Better:
      return arrow + " ✅";
    case Judgement::Worse:
      return arrow + " ❌";
    default:
      return arrow;
  }
}

// As `dvc` prints a number: five decimals for metrics (Python's round), all digits for parameters.
std::string dvc_value(std::optional<Scalar> const& value, bool rounded) {
  if (!value || metrics::is_null(*value)) return "-";
  auto const* number = std::get_if<double>(&*value);
  if (number == nullptr || !rounded || !std::isfinite(*number)) return metrics::to_python(*value);
  char digits[400];
  std::snprintf(digits, sizeof digits, "%.5f", *number);
  return metrics::python_float(std::strtod(digits, nullptr));
}

// As Python's != says: True is 1, null is what is missing, NaN differs from itself.
bool differs_in_python(std::optional<Scalar> const& a, std::optional<Scalar> const& b) {
  auto const number = [](Scalar const& value) -> Scalar {
    auto const* truth = std::get_if<bool>(&value);
    return truth != nullptr ? Scalar{std::int64_t{*truth}} : value;
  };
  Scalar const x = a ? number(*a) : Scalar{}, y = b ? number(*b) : Scalar{};
  auto const* not_a_number = std::get_if<double>(&y);
  return !metrics::same_value(x, y) || (not_a_number != nullptr && std::isnan(*not_a_number));
}

// What DVC makes of a file's values before it compares them.
Row as_dvc_reads(Row row, bool params) {
  auto const side = [&](std::optional<Scalar>& value, Row::Side const& of, Row::Side const& other) {
    if (!params && of.list) value.reset();                 // It takes no list for a metric.
    if (params && of.only && other.only) value = of.only;  // Of two lists of one element it compares the elements.
  };
  side(row.old_value, row.old_side, row.new_side);
  side(row.new_value, row.new_side, row.old_side);
  if (row.old_side.bare || row.new_side.bare) row.name.clear();
  return row;
}

std::optional<Scalar> dvc_change(Row const& row) {
  if (!row.old_value || !row.new_value) return std::nullopt;
  // In Python True is a number, too.
  auto const whole = [](Scalar const& value) -> std::optional<std::int64_t> {
    if (auto const* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
    if (auto const* number = std::get_if<std::int64_t>(&value)) return *number;
    return std::nullopt;
  };
  auto const a = whole(*row.old_value), b = whole(*row.new_value);
  std::int64_t difference = 0;
  if (a && b && !__builtin_sub_overflow(*b, *a, &difference)) return Scalar{difference};
  auto const before = a ? static_cast<double>(*a) : metrics::number_of(*row.old_value);
  auto const after = b ? static_cast<double>(*b) : metrics::number_of(*row.new_value);
  if (!before || !after) return std::nullopt;
  return Scalar{*after - *before};
}

}  // namespace

std::string diff_table(std::vector<Row> const& rows, TableOptions const& options) {
  bool const files = several_files(rows), sparklines = static_cast<bool>(options.sparkline);
  Cells head, rule;
  auto const column = [&](std::string name, bool right) {
    head.push_back(escape_markdown(name, 60));
    rule.push_back(right ? "---:" : "---");
  };
  if (files) column("File", false);
  column(options.params ? "Parameter" : "Metric", false);
  if (options.compared) column(options.old_name, true);
  if (options.compared)
    for (std::string const& name : options.other_names) column(name, true);
  column(options.compared ? options.new_name : "Value", true);
  if (options.compared && !options.params) column("Change", true), column("%", true), column("", false);
  if (sparklines) column("History", false);
  std::string text = line_of(head) + line_of(rule);
  for (Row const& row : rows) {
    RowText values = texts_of(row);
    if (options.params) {
      values.old_value = row.old_value ? exact_value(*row.old_value) : "";
      values.new_value = row.new_value ? exact_value(*row.new_value) : "";
    }
    Cells cells;
    if (files) cells.push_back(escape_markdown(row.file));
    cells.push_back(escape_markdown(row.name));
    if (options.compared) cells.push_back(row.old_unreadable ? "*unreadable*" : escape_markdown(values.old_value, 100));
    for (std::size_t i = 0; options.compared && i < options.other_names.size(); ++i) {
      Row other{row.file, row.name};
      if (i < row.others.size() && row.others[i].unreadable) {
        cells.push_back("*unreadable*");
        continue;
      }
      if (i < row.others.size()) other.new_value = row.others[i].value;
      bool const exact = options.params && other.new_value;
      cells.push_back(escape_markdown(exact ? exact_value(*other.new_value) : texts_of(other).new_value, 100));
    }
    bool const bold = options.compared && row.changed() && !values.new_value.empty();
    std::string const shown = escape_markdown(values.new_value, 100);
    cells.push_back(row.new_unreadable ? "*unreadable*" : bold ? "**" + shown + "**" : shown);
    if (options.compared && !options.params) {
      cells.push_back(values.change);
      cells.push_back(values.percent);
      cells.push_back(sign_of(row));
    }
    if (sparklines) cells.push_back(options.sparkline(row));
    text += line_of(cells);
  }
  return text;
}

std::string dvc_table(std::vector<Row> const& rows, TableOptions const& options) {
  std::vector<Cells> table{{"Path", options.params ? "Param" : "Metric", escape_markdown(options.old_name, 80),
                            escape_markdown(options.new_name, 80)}};
  if (!options.params) table[0].push_back("Change");
  std::vector<Row> shown;
  for (Row row : rows) {
    row = as_dvc_reads(std::move(row), options.params);
    if (differs_in_python(row.old_value, row.new_value)) shown.push_back(std::move(row));
  }
  std::vector<Row const*> order;
  for (Row const& row : shown) order.push_back(&row);
  // DVC sorts the names within each file; the files stay in order.
  for (auto begin = order.begin(); begin != order.end();) {
    auto const end = std::find_if(begin, order.end(), [&](Row const* row) { return row->file != (*begin)->file; });
    std::stable_sort(begin, end, [](Row const* a, Row const* b) { return a->name < b->name; });
    begin = end;
  }
  for (Row const* row : order) {
    Cells cells{escape_markdown(row->file), escape_markdown(row->name),
                escape_markdown(dvc_value(row->old_value, !options.params)),
                escape_markdown(dvc_value(row->new_value, !options.params))};
    if (!options.params) cells.push_back(dvc_value(dvc_change(*row), true));
    table.push_back(std::move(cells));
  }
  // The layout of its table library: a column is as wide as its widest cell and at least its name and two blanks.
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table[0].size(); ++i) {
    widths.push_back(utf8_length(table[0][i]) + 2);
    for (Cells const& cells : table) widths[i] = std::max(widths[i], utf8_length(cells[i]));
  }
  std::string text;
  for (std::size_t r = 0; r < table.size(); ++r) {
    for (std::size_t i = 0; i < widths.size(); ++i) table[r][i].append(widths[i] - utf8_length(table[r][i]), ' ');
    text += line_of(table[r]);
    if (r > 0) continue;
    text += "|";
    for (std::size_t width : widths) text += std::string(width + 2, '-') + "|";
    text += "\n";
  }
  return text;
}

std::string records_table(metrics::Records const& records, std::size_t max_rows) {
  Cells head, rule;
  for (metrics::Column const& column : records.columns) {
    head.push_back(escape_markdown(column.name, 80));
    bool numbers = column.size() > 0;
    for (std::size_t i = 0; i < std::min(column.size(), max_rows); ++i) {
      Scalar const cell = column.at(i);
      numbers = numbers && (metrics::is_null(cell) || metrics::number_of(cell));
    }
    rule.push_back(numbers ? "---:" : "---");
  }
  std::string text = line_of(head) + line_of(rule);
  std::size_t const shown = std::min(records.rows(), max_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    Cells cells;
    for (metrics::Column const& column : records.columns)
      cells.push_back(escape_markdown(plain_value(column.at(i)), 200));
    text += line_of(cells);
  }
  if (shown < records.rows()) text += "\n*" + std::to_string(records.rows() - shown) + " more rows are left out.*\n";
  return text;
}

}  // namespace cml::report
