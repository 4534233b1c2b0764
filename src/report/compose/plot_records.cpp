#include "report/compose/plot_records.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "metrics/reader.hpp"

namespace cml::report {
namespace {

using metrics::Column;
using metrics::Records;

constexpr std::size_t kMaxPlotRows = 500'000;

PlotRequest single(PlotRequest const& request, std::string file, std::string y) {
  PlotRequest one;
  one.file = std::move(file);
  one.x = request.x_file.empty() ? request.x : "";
  if (!y.empty()) one.y = {std::move(y)};
  return one;
}

// A table a series, as in DVCLive's and TensorBoard's folders: without y there would be nothing to choose by.
Result<Records> one_table(std::vector<Records>& tables, PlotRequest const& request) {
  if (tables.empty()) return Error{ErrorKind::BadInput, "holds single values, no records to draw"};
  Records const* table = choose_table(tables, request);
  if (table == nullptr && tables.size() == 1) table = &tables.front();
  if (table == nullptr)
    return Error{ErrorKind::BadInput, "has no table with " +
                                          (request.y.empty() ? "x=" + request.x : "y=" + request.y.front()) +
                                          " (the first is " + one_line(tables.front().name, 60) + ")"};
  return *table;
}

// Rows that stand for all: of each part of the table the ones where `y` is lowest and highest, so that no peak is lost;
// without numbers in it the first of each part.
Records thinned(Records const& records, std::string const& y, std::size_t most) {
  std::size_t const rows = records.rows(), parts = most / 2;
  Column const* measure = records.column(y);
  for (auto column = records.columns.rbegin(); measure == nullptr && column != records.columns.rend(); ++column)
    if (column->cells.empty()) measure = &*column;
  std::vector<std::size_t> kept;
  for (std::size_t part = 0; part < parts; ++part) {
    std::size_t const begin = part * rows / parts, end = (part + 1) * rows / parts;
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; measure != nullptr && i < end; ++i) {
      auto const value = metrics::number_of(measure->at(i)), least = metrics::number_of(measure->at(low)),
                 largest = metrics::number_of(measure->at(high));
      if (value && (!least || *value < *least)) low = i;
      if (value && (!largest || *value > *largest)) high = i;
    }
    if (begin == end) continue;
    kept.push_back(std::min(low, high));
    if (low != high) kept.push_back(std::max(low, high));
  }
  Records few{records.name, {}};
  for (Column const& column : records.columns) {
    Column less{column.name, {}, {}, column.whole};
    for (std::size_t const row : kept) {
      if (column.cells.empty())
        less.numbers.push_back(column.numbers[row]);
      else
        less.cells.push_back(column.cells[row]);
    }
    few.columns.push_back(std::move(less));
  }
  return few;
}

// Counts would be wrong of some of the rows.
bool counts_rows(PlotRequest const& request) {
  return request.template_name == "histogram" || request.template_name.starts_with("confusion");
}

Result<Records> within_limit(Records records, PlotRequest const& request, std::vector<std::string>& notes) {
  std::size_t const rows = records.rows();
  if (rows <= kMaxPlotRows) return records;
  if (counts_rows(request))
    return Error{ErrorKind::BadInput, "has " + std::to_string(rows) + " rows; the template " + request.template_name +
                                          " counts at most " + std::to_string(kMaxPlotRows) +
                                          ". Write the counts into a file of their own"};
  Records few = thinned(records, request.y.size() == 1 ? request.y.front() : "", kMaxPlotRows / 10);
  notes.push_back("thinned from " + std::to_string(rows) + " rows to " + std::to_string(few.rows()) +
                  ", the highest and the lowest of each part");
  return few;
}

struct Part {
  Records records;
  std::string y, series;  // The column, and what it is called beside the others.
};

Column const* x_of(Records const& records, std::string const& wanted) {
  if (!wanted.empty()) return records.column(wanted);
  for (char const* name : {"step", "epoch", "iteration", "index"})
    if (Column const* column = records.column(name)) return column;
  return nullptr;
}

// The parts below one another: x, and a column for each, empty where the others are.
Result<Records> below_one_another(std::vector<Part> const& parts, std::string const& wanted_x) {
  std::size_t rows = 0;
  for (Part const& part : parts) rows += part.records.rows();
  bool const numbered = wanted_x == "index" || std::any_of(parts.begin(), parts.end(), [&](Part const& part) {
                          return wanted_x.empty() && x_of(part.records, "") == nullptr;
                        });
  Records all;
  all.columns.push_back({numbered ? "index"
                         : x_of(parts.front().records, wanted_x) != nullptr
                             ? x_of(parts.front().records, wanted_x)->name
                             : wanted_x,
                         {},
                         {}});
  std::size_t from = 0;
  for (Part const& part : parts) {
    Column const *x = numbered ? nullptr : x_of(part.records, wanted_x), *y = part.records.column(part.y);
    if (y == nullptr || (x == nullptr && !numbered))
      return Error{ErrorKind::BadInput, "has no column \"" + one_line(y == nullptr ? part.y : wanted_x, 60) + "\""};
    Column column{part.series, {}, {}};
    column.cells.resize(rows);
    for (std::size_t i = 0; i < part.records.rows(); ++i) {
      all.columns[0].cells.push_back(x != nullptr ? x->at(i) : metrics::Scalar{static_cast<std::int64_t>(i)});
      column.cells[from + i] = y->at(i);
    }
    from += part.records.rows();
    all.columns.push_back(std::move(column));
  }
  return all;
}

// x and y of two files, row by row.
Result<Records> side_by_side(Records const& x, std::string const& x_name, Records const& y, std::string const& y_name) {
  Column const *a = x.column(x_name), *b = y.column(y_name);
  if (a == nullptr || b == nullptr)
    return Error{ErrorKind::BadInput, "has no column \"" + one_line(a == nullptr ? x_name : y_name, 60) + "\""};
  Records both;
  both.columns = {*a, *b};
  if (x_name == y_name) both.columns[0].name += " (x)";
  for (Column& column : both.columns) {
    std::vector<metrics::Scalar> cells;
    for (std::size_t i = 0; i < std::min(a->size(), b->size()); ++i) cells.push_back(column.at(i));
    column = {column.name, {}, std::move(cells)};
  }
  return both;
}

Result<Records> all_records(metrics::Source& source, PlotRequest const& request,
                            std::function<std::string(std::string const&)> const& path) {
  auto const tables = [&](std::string const& file) -> Result<std::vector<Records>> {
    CML_TRY(document, metrics::read_document(source, path(file)));
    return std::move(document.tables);
  };
  if (request.columns.empty()) {
    CML_TRY(all, tables(request.file));
    if (request.y.size() < 2 || all.size() < 2 || choose_table(all, request) != nullptr) return one_table(all, request);
    std::vector<Part> parts;
    for (std::string const& y : request.y) {
      CML_TRY(table, one_table(all, single(request, request.file, y)));
      parts.push_back({std::move(table), y, y});
    }
    return below_one_another(parts, request.x);
  }
  std::vector<Part> parts;
  std::optional<Error> missing;
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    auto const& [file, column] = request.columns[i];
    auto all = tables(file);
    if (!all && all.error().kind != ErrorKind::NotFound) return std::move(all).error();
    if (!all) {
      if (!missing) missing = all.error();
      continue;
    }
    auto table = one_table(*all, single(request, file, column));
    if (!table) return std::move(table).error().while_doing(file);
    parts.push_back({std::move(*table), column, request.y.at(i)});
  }
  if (parts.empty()) return *missing;
  if (!request.x_file.empty() && request.columns.size() == 1) {
    CML_TRY(all, tables(request.x_file));
    CML_TRY(x, one_table(all, single(request, request.x_file, "")));
    return side_by_side(x, request.x_column, parts.front().records, parts.front().y);
  }
  return below_one_another(parts, request.x);
}

}  // namespace

Result<Records> plot_records(metrics::Source& source, PlotRequest const& request,
                             std::function<std::string(std::string const&)> const& path,
                             std::vector<std::string>& notes) {
  CML_TRY(records, all_records(source, request, path));
  return within_limit(std::move(records), request, notes);
}

void name_columns(PlotRequest& request) {
  auto const stem = [](std::string const& file) { return std::filesystem::path(file).stem().string(); };
  std::set<std::string> names, stems;
  for (auto const& [file, column] : request.columns) names.insert(column), stems.insert(stem(file));
  std::size_t const count = request.columns.size();
  request.y.clear();
  for (auto const& [file, column] : request.columns)
    request.y.push_back(names.size() == count ? column : stems.size() == count ? stem(file) : file + " " + column);
  if (names.size() == 1 && request.y_label.empty()) request.y_label = *names.begin();
  if (request.x_file.empty()) return;
  request.x_column = request.x;
  if (count == 1 && request.x == request.columns.front().name) request.x += " (x)";
}

PlotRequest request_of(metrics::DvcPlot const& plot) {
  bool const several =
      std::any_of(plot.y.begin(), plot.y.end(), [](auto const& column) { return !column.file.empty(); });
  PlotRequest request{plot.path, plot.x.name, plot.template_name, plot.title, plot.x_label, plot.y_label, {}, {}};
  for (auto const& column : plot.y) {
    request.y.push_back(column.name);
    if (several) request.columns.push_back({column.file.empty() ? plot.path : column.file, column.name});
  }
  if (several) {
    if (request.title.empty()) request.title = std::filesystem::path(plot.path).filename().string();
    if (std::none_of(plot.y.begin(), plot.y.end(), [&](auto const& column) { return column.file == plot.x.file; }))
      request.x_file = plot.x.file;
    bool const one_file = request.x_file.empty() &&
                          std::all_of(request.columns.begin(), request.columns.end(),
                                      [&](auto const& column) { return column.file == request.columns[0].file; });
    if (one_file)
      request.file = request.columns[0].file, request.columns.clear();
    else
      name_columns(request);
  }
  return request;
}

}  // namespace cml::report
