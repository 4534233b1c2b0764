#include "report/compose/plot.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/embedded.hpp"
#include "base/text.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/plot_axes.hpp"
#include "report/compose/plot_colors.hpp"
#include "report/compose/plot_theme.hpp"
#include "report/compose/rows.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_plots();
}

namespace cml::report {
namespace {

using json = nlohmann::ordered_json;
using metrics::Column;
using metrics::Records;

// Table: the columns that a template draws when the request does not say. Alternatives are separated by "|".
struct Defaults {
  std::string_view name, x, y;
};
constexpr Defaults kDefaults[] = {
    {"roc", "fpr|false_positive_rate", "tpr|true_positive_rate"},
    {"pr", "recall", "precision"},
    {"calibration", "prob_pred|mean_predicted|predicted", "prob_true|fraction_of_positives|observed"},
    {"confusion", "predicted|prediction|y_pred", "actual|label|y_true"},
    {"confusion_normalized", "predicted|prediction|y_pred", "actual|label|y_true"},
    {"importance", "importance|importance_mean|features_importance|value", "name|feature|feature_name"},
    {"bar_horizontal", "importance|value|count", "name|feature|label|class"},
    {"bar_horizontal_sorted", "importance|value|count", "name|feature|label|class"},
};
constexpr std::size_t kMaxNominal = 20;  // Different whole numbers that are still names of classes.

// Table: columns that have a name in words.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"fpr", "False positive rate"},
    {"false_positive_rate", "False positive rate"},
    {"tpr", "True positive rate"},
    {"true_positive_rate", "True positive rate"},
    {"recall", "Recall"},
    {"precision", "Precision"},
    {"prob_pred", "Mean predicted probability"},
    {"mean_predicted", "Mean predicted probability"},
    {"prob_true", "Fraction of positives"},
    {"fraction_of_positives", "Fraction of positives"},
    {"y_pred", "Predicted"},
    {"y_true", "Actual"},
    {"predicted", "Predicted"},
    {"actual", "Actual"},
};

std::string in_words(std::string const& column) {
  for (auto const& [name, words] : kWords)
    if (name == column) return std::string(words);
  return cut_in_the_middle(column, 40);
}

std::string found_column(Records const& records, std::string_view alternatives) {
  for (std::string const& name : split(alternatives, '|'))
    if (records.column(name) != nullptr) return name;
  return {};
}

// Mostly numbers: a word among them ("error") is a gap.
bool is_numeric(Column const& column) {
  std::size_t numbers = 0, others = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(column.size(), 100); ++i) {
    metrics::Scalar const cell = column.at(i);
    if (metrics::is_null(cell)) continue;
    ++(metrics::number_of(cell) ? numbers : others);
  }
  return numbers > others;
}

// "loss" of "val_loss", "train/loss" and "eval_loss": what a measure is called without the data it was taken of.
std::string measure_of(std::string const& column) {
  std::string measure, word;
  for (char c : column + "_") {
    if (!contains("_/.- ", std::string_view(&c, 1))) {
      word += c;
      continue;
    }
    std::string const lower = to_lower(word);
    bool const split_name = lower == "train" || lower == "training" || lower == "val" || lower == "valid" ||
                            lower == "validation" || lower == "eval" || lower == "test";
    if (!split_name && !word.empty()) measure += (measure.empty() ? "" : "_") + word;
    word.clear();
  }
  return measure;
}

// The columns of the same measure, as of training and validation, in the order of the file.
std::vector<std::string> of_one_measure(Records const& records, std::string const& chosen) {
  std::vector<std::string> same;
  std::string const measure = measure_of(chosen);
  for (Column const& column : records.columns)
    if (column.name == chosen || (!measure.empty() && measure_of(column.name) == measure && is_numeric(column)))
      same.push_back(column.name);
  return same;
}

bool is_text(Column const& column) {
  return column.size() > 0 && !is_numeric(column) && !metrics::is_null(column.at(0));
}

std::string columns_of(Records const& records) {
  std::string names;
  for (std::size_t i = 0; i < records.columns.size() && i < 20; ++i)
    names += (names.empty() ? "" : ", ") + records.columns[i].name;
  if (records.columns.size() > 20) names += ", ...";
  return names.empty() ? "none" : names;
}

void write_json(metrics::Scalar const& value, std::string& out) {
  if (auto const* whole = std::get_if<std::int64_t>(&value))
    out += std::to_string(*whole);
  else if (auto const* number = std::get_if<double>(&value))
    out += std::isfinite(*number) ? json(*number).dump() : "null";
  else if (auto const* truth = std::get_if<bool>(&value))
    out += *truth ? "true" : "false";
  else if (auto const* text = std::get_if<std::string>(&value))
    out += json(*text).dump(-1, ' ', false, json::error_handler_t::replace);
  else
    out += "null";
}

std::string json_text(std::string_view text) {
  return json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Vega reads "a.b" as a path into an object; a column of that name needs backslashes.
std::string field_name(std::string_view column) {
  std::string name;
  for (char c : column) {
    if (contains(".[]\\'\"", std::string_view(&c, 1))) name += '\\';
    name += c;
  }
  return name;
}

struct Series {
  std::string name;
  std::size_t revision = 0, column = 0;  // Revisions count from the newest, which is the workspace.
};
struct Rows {
  std::string text = "[";  // JSON of the data.
  std::vector<Series> series;
};

// With several columns a colour is a column, and the revisions before the workspace are paler; else a colour is a
// revision, the only one to compare with a grey.
std::string color_of(Series const& series, std::size_t revisions, bool several_columns) {
  if (!several_columns && revisions == 2 && series.revision == 1) return std::string(kBaselineColor);
  std::string color(plot_color(several_columns ? series.column : series.revision));
  if (!several_columns || series.revision == 0) return color;
  char alpha[8];
  std::snprintf(alpha, sizeof alpha, "%02x",
                static_cast<unsigned>(0x40 + 0x60 * (revisions - series.revision) / revisions));
  return color + alpha;
}

// One record a row, with its series in "rev", its place in "cml_row" and, for templates that draw columns apart,
// "cml_column" and "cml_revision". Several y columns become one, named "value".
Rows rows_of(PlotRequest const& request, std::vector<PlotData> const& data, Axes const& axes, std::string_view text) {
  Rows rows;
  bool const many = request.y.size() > 1;
  bool const numbered = contains(text, "cml_row") || contains(text, "<DVC_METRIC_ORDER>"),
             apart = contains(text, "cml_column");
  for (std::size_t revision = 0; revision < data.size(); ++revision) {
    PlotData const& part = data[revision];
    for (std::size_t column_at = 0; column_at < request.y.size(); ++column_at) {
      std::string const& y = request.y[column_at];
      if (many && part.records.column(y) == nullptr) continue;
      std::string const series = !many ? part.revision : data.size() == 1 ? y : part.revision + " " + y;
      rows.series.push_back({series, data.size() - 1 - revision, column_at});
      for (std::size_t i = 0; i < part.records.rows(); ++i) {
        std::string row = "{\"rev\":" + json_text(series);
        if (apart) row += ",\"cml_column\":" + json_text(y) + ",\"cml_revision\":" + json_text(part.revision);
        bool const index = request.x == "index" && part.records.column("index") == nullptr;
        if (index) row += ",\"index\":" + std::to_string(i);
        bool empty = false;
        for (Column const& column : part.records.columns) {
          bool const is_y = column.name == y, is_x = column.name == request.x;
          if (column.name == "rev" || column.name == "cml_row" || (many && !is_y && !is_x)) continue;
          auto cell = column.at(i);
          if (is_y && metrics::is_null(cell)) empty = true;
          if (is_x) cell = on_axis(cell, axes.x);
          if (is_y) cell = on_axis(cell, axes.y);
          if ((is_x && axes.log_x) || (is_y && axes.log_y))
            if (metrics::number_of(cell).value_or(1) <= 0) cell = metrics::Scalar{};
          row += "," + json_text(many && is_y ? "value" : column.name) + ":";
          write_json(cell, row);
        }
        if (empty) continue;  // A log where this column has no value in this row.
        if (numbered) row += ",\"cml_row\":" + std::to_string(i);
        if (rows.text.size() > 1) rows.text += ",\n";
        rows.text += row + "}";
      }
    }
  }
  rows.text += "]";
  return rows;
}

// "nominal" for text and for few whole numbers, between which points may be shaken; "quantitative" for measured
// numbers.
std::string_view type_of(std::vector<PlotData> const& data, std::string const& name) {
  std::set<double> values;
  for (PlotData const& part : data) {
    Column const* column = part.records.column(name);
    for (std::size_t i = 0; column != nullptr && i < column->size() && values.size() <= kMaxNominal; ++i) {
      metrics::Scalar const cell = column->at(i);
      if (metrics::is_null(cell)) continue;
      auto const number = metrics::number_of(cell);
      if (!number) return "nominal";
      values.insert(*number);
      if (*number != std::floor(*number)) return "quantitative";
    }
  }
  return values.size() > kMaxNominal ? "quantitative" : "nominal";
}

// Short names stand side by side; a list of long ones says less than "value".
std::string label_of(std::vector<std::string> const& y) {
  std::string label;
  for (std::string const& name : y) label += (label.empty() ? "" : ", ") + in_words(name);
  return y.size() == 1 || label.size() <= 40 ? label : "value";
}

// Long labels lose their middle: one-hot names share their beginnings.
constexpr char kShortLabel[] =
    "length(datum.label) > 42 ? slice(datum.label, 0, 20) + '…' + slice(datum.label, -20) : "
    "datum.label";

json scale_of(AxisKind kind, bool log) {
  if (kind == AxisKind::Time) return {{"type", "utc"}};
  if (kind == AxisKind::Name) return json::object();
  return log ? json{{"type", "log"}} : json{{"zero", false}};
}

constexpr std::size_t kMostLabels = 30;  // Of names, which all have room; of more some are left out.

json axis_of(AxisKind kind, bool whole, std::size_t longest, std::size_t places) {
  if (kind == AxisKind::Name) {
    bool const fits = longest * places * 7 <= 420;
    return {{"labelAngle", fits ? 0 : -45},
            {"labelLimit", 260},
            {"labelExpr", kShortLabel},
            {"labelOverlap", places > kMostLabels},
            {"maxExtent", 320}};
  }
  return kind == AxisKind::Number && whole ? json{{"tickMinStep", 1}} : json::object();
}

bool is_whole(std::vector<PlotData> const& data, std::string const& name) {
  for (PlotData const& part : data) {
    Column const* column = part.records.column(name);
    for (std::size_t i = 0; column != nullptr && i < std::min<std::size_t>(column->size(), 1000); ++i)
      if (auto const number = metrics::number_of(column->at(i)); number && *number != std::floor(*number)) return false;
  }
  return true;
}

// A matrix of few classes is as large as a plot, one of many has cells that can still be seen; up to 20 there is room
// for figures.
constexpr std::size_t kMostFigures = 20, kMostShares = 6;
int matrix_size(std::size_t classes, std::size_t revisions) {
  if (revisions > 1 && classes <= 6) return static_cast<int>(std::max<std::size_t>(160, 34 * classes));
  if (classes <= 8) return 260;
  if (classes <= kMostFigures) return static_cast<int>(34 * classes);
  return static_cast<int>(std::clamp<std::size_t>(classes * 9, 680, 900));
}

// Whether the lines of `linear` can be labelled where they end.
bool ends_apart(PlotRequest const& request, std::vector<PlotData> const& data, Axes const& axes) {
  constexpr double kHeight = 220 * 0.9;  // Of the template; the axis goes on to a round number.
  if (axes.x == AxisKind::Name || axes.log_y || request.sort_x) return false;
  std::vector<SeriesEnd> ends;
  double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
  for (PlotData const& part : data)
    for (std::string const& name : request.y) {
      Column const *y = part.records.column(name), *x = part.records.column(request.x);
      if (y == nullptr) continue;
      SeriesEnd end{NAN, NAN};
      for (std::size_t i = 0; i < y->size(); ++i) {
        auto const of_y = metrics::number_of(on_axis(y->at(i), axes.y));
        auto const of_x =
            x == nullptr ? std::optional(static_cast<double>(i)) : metrics::number_of(on_axis(x->at(i), axes.x));
        if (!of_x || !of_y || !std::isfinite(*of_x) || !std::isfinite(*of_y)) continue;
        end = {*of_x, *of_y};
        left = std::min(left, *of_x), right = std::max(right, *of_x);
        low = std::min(low, *of_y), high = std::max(high, *of_y);
      }
      ends.push_back(end);
    }
  return labelled_at_ends(ends, left, right, low, high, kHeight);
}

std::string type_name(AxisKind kind) {
  return kind == AxisKind::Number ? "quantitative" : kind == AxisKind::Time ? "temporal" : "nominal";
}

// "loss" for train_loss and val_loss; empty where the columns are of several measures.
std::string measure_of_all(std::vector<std::string> const& y) {
  std::string const measure = y.empty() ? "" : measure_of(y.front());
  bool const one =
      std::all_of(y.begin(), y.end(), [&](std::string const& name) { return measure_of(name) == measure; });
  return one ? measure : "";
}

// Where each column has a picture of its own a colour is a revision.
json color_of_revisions(std::vector<PlotData> const& data) {
  json domain = json::array(), range = json::array();
  for (std::size_t i = 0; i < data.size(); ++i) {
    domain.push_back(data[i].revision);
    range.push_back(color_of({"", data.size() - 1 - i, 0}, data.size(), false));
  }
  return {{"field", "cml_revision"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale", {{"domain", domain}, {"range", range}}}};
}

}  // namespace

std::string default_title(PlotRequest const& request) {
  constexpr static std::pair<std::string_view, std::string_view> kTitles[] = {
      {"roc", "ROC curve"},
      {"pr", "Precision and recall"},
      {"calibration", "Calibration"},
      {"confusion", "Confusion matrix"},
      {"confusion_normalized", "Confusion matrix"},
  };
  std::string const& name = request.template_name;
  // Curves are called by what they show, other pictures by what they are, and the rest by their file.
  if (name == "linear" || name == "simple" || name == "smooth") {
    if (request.y.size() == 1) return request.y.front();
    if (std::string const measure = measure_of_all(request.y); !measure.empty()) return measure;
  }
  std::string const stem = std::filesystem::path(request.file).stem().string();
  for (auto const& [of, title] : kTitles)
    if (of == name) return std::string(title) + (to_lower(stem) == name ? "" : ": " + stem);
  return stem;
}

Result<PlotRequest> parse_plot(std::string const& text) {
  auto parsed = file_options(text);
  PlotRequest request;
  request.file = std::move(parsed.file);
  if (request.file.empty())
    return Error{ErrorKind::Usage,
                 "\"" + one_line(text, 80) + "\" names no file; write FILE:x=step,y=loss,template=linear"};
  for (auto& [name, value] : parsed.options) {
    if (name == "x")
      request.x = value;
    else if (name == "y")
      request.y.push_back(value);
    else if (name == "rev")
      request.revisions.push_back(value);
    else if (name == "template")
      request.template_name = value;
    else if (name == "title")
      request.title = value;
    else if (name == "x_label")
      request.x_label = value;
    else if (name == "y_label")
      request.y_label = value;
    else if (name == "log" && (value == "x" || value == "y" || value == "xy"))
      request.log_x = request.log_x || value != "y", request.log_y = request.log_y || value != "x";
    else if (name == "sort" && value == "x")
      request.sort_x = true;
    else if (name == "log" || name == "sort")
      return Error{ErrorKind::Usage, name + "=" + one_line(value, 20) + " is not an axis; write " +
                                         (name == "log" ? "log=y, log=x or log=xy" : "sort=x")};
    else
      return Error{ErrorKind::Usage, "a plot has no \"" + one_line(name, 40) +
                                         "\"; known are x, y, rev, template, title, x_label, y_label, log and sort"};
  }
  return request;
}

std::string_view plot_template(std::string_view name) {
  for (EmbeddedFile const& file : embedded_plots())
    if (file.name.substr(0, file.name.rfind('.')) == name) return file.bytes;
  return {};
}

std::vector<std::string> plot_templates() {
  std::vector<std::string> names;
  for (EmbeddedFile const& file : embedded_plots()) names.emplace_back(file.name.substr(0, file.name.rfind('.')));
  return names;
}

Records const* choose_table(std::vector<Records> const& tables, PlotRequest const& request) {
  auto const fits = [&](Records const& table) {
    for (std::string const& y : request.y)
      if (table.column(y) == nullptr) return false;
    return request.x.empty() || request.x == "index" || table.column(request.x) != nullptr;
  };
  for (Records const& table : tables)
    if (fits(table)) return &table;
  return nullptr;
}

Status complete(PlotRequest& request, Records const& records) {
  // Two columns of classes and nothing else said: no curve.
  if (request.template_name.empty() && request.x.empty() && request.y.empty() && records.columns.size() == 2 &&
      !found_column(records, "predicted|prediction|y_pred").empty() &&
      !found_column(records, "actual|label|y_true").empty() &&
      axis_kind({{"", records}}, records.columns[0].name) == AxisKind::Name)
    request.template_name = "confusion";
  if (request.template_name.empty()) request.template_name = "linear";
  for (Defaults const& row : kDefaults) {
    if (row.name != request.template_name) continue;
    if (request.x.empty()) request.x = found_column(records, row.x);
    if (request.y.empty())
      if (auto y = found_column(records, row.y); !y.empty()) request.y = {y};
  }
  bool const bars = request.template_name.starts_with("bar_") || request.template_name == "importance";
  for (Column const& column : records.columns) {  // Bars have names on the left and grow to the right.
    if (bars && request.y.empty() && column.name != request.x && is_text(column)) request.y = {column.name};
    if (bars && request.x.empty() && is_numeric(column) && (request.y.empty() || column.name != request.y.front()))
      request.x = column.name;
  }
  bool const histogram = request.template_name == "histogram";
  bool const line =
      request.template_name == "linear" || request.template_name == "simple" || request.template_name == "smooth";
  if (request.y.empty()) {
    // What is known to be good or bad says more than a learning rate.
    for (auto column = records.columns.rbegin(); column != records.columns.rend() && request.y.empty(); ++column)
      if (column->name != request.x && is_numeric(*column) && direction_of(column->name, {}) != Direction::Unknown)
        request.y = {column->name};
    for (auto column = records.columns.rbegin(); column != records.columns.rend() && request.y.empty(); ++column)
      if (column->name != request.x && is_numeric(*column)) request.y = {column->name};
    if (histogram && request.y.empty() && !request.x.empty()) request.y = {request.x};
    // Training and validation belong into one picture.
    if (line && !request.y.empty() && direction_of(request.y.front(), {}) != Direction::Unknown)
      request.y = of_one_measure(records, request.y.front());
  }
  if (request.x.empty() && histogram && !request.y.empty()) request.x = request.y.front();
  if (request.x.empty() && request.template_name.starts_with("scatter") && !request.y.empty())
    for (Column const& column : records.columns)
      if (request.x.empty() && column.name != request.y.front() && is_numeric(column)) request.x = column.name;
  if (request.x.empty()) {
    request.x = found_column(records, "step|epoch|iteration|index");
    for (Column const& column : records.columns)
      if (request.x.empty() && axis_kind({{"", records}}, column.name) == AxisKind::Time) request.x = column.name;
    if (request.x.empty() || (request.y.size() == 1 && request.x == request.y.front())) request.x = "index";
  }
  if (request.y.empty())
    return Error{ErrorKind::BadInput, "no column to draw; give y=COLUMN (there are: " + columns_of(records) + ")"};
  for (std::string const* name : {&request.x, &request.y.front()})
    if (*name != "index" && records.column(*name) == nullptr)
      return Error{ErrorKind::BadInput,
                   "has no column \"" + one_line(*name, 60) + "\" (there are: " + columns_of(records) + ")"};
  return ok();
}

Result<std::string> fill_template(std::string_view text, PlotRequest const& request,
                                  std::vector<PlotData> const& data) {
  if (!contains(text, "<DVC_METRIC_DATA>"))
    return Error{ErrorKind::BadInput,
                 "template " + request.template_name + " has no \"<DVC_METRIC_DATA>\"; it is where the values go"};
  std::string const y = request.y.size() > 1 ? "value" : request.y.front();
  Axes axes = axes_of(request, data);
  // A template that does not ask for the kind gets times as they are written.
  if (axes.x == AxisKind::Time && !contains(text, "<DVC_METRIC_X_KIND>")) axes.x = AxisKind::Name;
  if (axes.y == AxisKind::Time) axes.y = AxisKind::Name;
  Rows rows = rows_of(request, data, axes, text);
  json domain = json::array(), range = json::array(), dashes = json::array();
  for (std::size_t i = 0; i < rows.series.size(); ++i) {
    Series const& series = rows.series[i];
    domain.push_back(series.name);
    range.push_back(color_of(series, data.size(), request.y.size() > 1));
    dashes.push_back(json::parse(plot_dash(request.y.size() > 1 ? series.column : series.revision)));
  }
  std::string const fx = field_name(request.x), fy = field_name(y);
  json color{
      {"field", "rev"}, {"type", "nominal"}, {"title", nullptr}, {"scale", {{"domain", domain}, {"range", range}}}};
  bool const at_ends = contains(text, "<DVC_METRIC_SHOW_ENDS>") && ends_apart(request, data, axes);
  if (at_ends) color["legend"] = nullptr;
  // What the title says already need not stand at an axis, too.
  bool const ours = contains(text, "<DVC_METRIC_THEME>");
  auto const axis_title = [&](std::string const& asked, std::string const& own) {
    return asked.empty() && ours && own == request.title ? "null" : json_text(asked.empty() ? own : asked);
  };
  json const dash{
      {"field", "rev"}, {"type", "nominal"}, {"title", nullptr}, {"scale", {{"domain", domain}, {"range", dashes}}}};
  bool const needs_dashes = std::max(request.y.size(), data.size()) > plot_palette().size();
  std::string_view const x_type = type_of(data, request.x), y_type = type_of(data, y);
  // With one series alone there is nothing to tell apart: no legend.
  json const alone{{"value", std::string(plot_color(0))}};
  std::size_t const classes = count_of_classes(data, {request.x, request.y.front()}, 1000);
  std::size_t const longest = longest_name(data, request.x);
  bool const upright = longest * 7 * classes <= static_cast<std::size_t>(matrix_size(classes, data.size()));
  std::vector<std::pair<std::string_view, std::string>> const anchors{
      {"DATA", std::move(rows.text)},
      {"TITLE", json_text(cut_in_the_middle(request.title, 64))},
      {"X", json_text(fx)},
      {"Y", json_text(fy)},
      {"X_TYPE", json_text(x_type)},
      {"Y_TYPE", json_text(y_type)},
      // Where there is no room between values to shake points in, the offset goes to channels that nothing shows.
      {"X_OFFSET", x_type == "nominal" ? R"("xOffset")" : R"("key")"},
      {"Y_OFFSET", y_type == "nominal" ? R"("yOffset")" : R"("detail")"},
      {"X_LABEL", axis_title(request.x_label, in_words(request.x))},
      {"Y_LABEL",
       axis_title(request.y_label, measure_of_all(request.y) == request.title ? request.title : label_of(request.y))},
      {"COLOR", rows.series.size() > 1 ? color.dump() : alone.dump()},
      {"REVISION_COLOR", data.size() > 1 ? color_of_revisions(data).dump() : alone.dump()},
      {"X_KIND", json_text(type_name(axes.x))},
      {"X_SORT", axes.x == AxisKind::Name ? "null" : R"("ascending")"},
      {"X_SCALE", scale_of(axes.x, request.log_x).dump()},
      {"Y_SCALE", scale_of(AxisKind::Number, request.log_y).dump()},
      {"X_AXIS", axis_of(axes.x, is_whole(data, request.x), longest,
                         axes.x == AxisKind::Name ? count_of_classes(data, {request.x}, 1000) : 0)
                     .dump()},
      {"NAME_AXIS", json{{"labelLimit", 300}, {"labelExpr", kShortLabel}, {"maxExtent", 320}}.dump()},
      {"ORDER",
       json{{"field", request.sort_x ? fx : "cml_row"}, {"type", request.sort_x ? type_name(axes.x) : "quantitative"}}
           .dump()},
      {"DASH", needs_dashes ? dash.dump() : R"({"value":[1,0]})"},
      {"HEADER", json{{"title", nullptr}, {"labels", data.size() > 1}}.dump()},
      {"MATRIX_SIZE", std::to_string(matrix_size(classes, data.size()))},
      {"MATRIX_AXIS",
       json{{"labelAngle", upright ? 0 : -90}, {"labelLimit", 120}, {"labelOverlap", true}, {"labelExpr", kShortLabel}}
           .dump()},
      {"SHOW_ENDS", at_ends ? R"("true")" : R"("false")"},
      {"THEME", std::string(plot_theme())},
      // A matrix of few classes has room for the count and its share of the row.
      {"CELL", json_text(classes <= kMostShares ? "[format(datum.count, 'd'), format(datum.share, '.0%')]"
                                                : "format(datum.count, 'd')")},
      {"CELL_SHIFT", classes <= kMostShares ? "-6" : "0"},  // The middle of two lines is above the second.
      {"SHOW_FIGURES", classes <= kMostFigures ? R"("true")" : R"("false")"},
      {"SHAPE", "{}"},
      {"STROKE_DASH", "{}"},
      {"ROW", "{}"},
      {"COLUMN", rows.series.size() > 1 ? R"({"field":"rev","sort":[],"title":null})" : "{}"},
      {"PLOT_WIDTH", "300"},
      {"PLOT_HEIGHT", "300"},
      {"ZOOM_AND_PAN", R"({"name":"grid","select":"interval","bind":"scales"})"},
      {"TOOLTIP", json{{{"field", "rev"}}, {{"field", fx}}, {{"field", fy}}}.dump()},
      {"GROUP_BY", R"(["rev"])"},
      {"GROUP_BY_X", json{"rev", fx}.dump()},
      {"GROUP_BY_Y", json{"rev", fy}.dump()},
      {"PIVOT_FIELD", R"("datum.rev")"},
  };
  std::string result;
  while (true) {
    auto const at = text.find("<DVC_METRIC_");
    if (at == std::string_view::npos) break;
    auto const end = text.find('>', at);
    std::string_view const name = end == std::string_view::npos ? "" : text.substr(at + 12, end - at - 12);
    std::string const* value = nullptr;
    for (auto const& [anchor, replacement] : anchors)
      if (anchor == name) value = &replacement;
    if (value == nullptr) {
      result += text.substr(0, at + 1);
      text.remove_prefix(at + 1);
      continue;
    }
    // "<ANCHOR>" alone in its quotes becomes the value; inside a longer string it becomes the bare text.
    bool const whole = at > 0 && text[at - 1] == '"' && end + 1 < text.size() && text[end + 1] == '"';
    result += text.substr(0, whole ? at - 1 : at);
    if (whole)
      result += *value;
    else if (value->front() == '"')
      result += value->substr(1, value->size() - 2);
    else
      result += json_text(*value).substr(1, json_text(*value).size() - 2);
    text.remove_prefix(end + (whole ? 2 : 1));
  }
  return result + std::string(text);
}

std::string picture_name(PlotRequest const& request) {
  std::string name = std::filesystem::path(request.file).stem().string();
  if (name.empty()) name = "plot";
  if (!request.y.empty()) name += "-" + request.y.front();
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_')) c = '-';
  return name;
}

}  // namespace cml::report
