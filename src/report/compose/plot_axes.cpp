#include "report/compose/plot_axes.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml::report {
namespace {

using metrics::Column;
using metrics::Scalar;

constexpr std::size_t kLookedAt = 1000;  // Values that tell what a column is.
constexpr std::size_t kMostBars = 25;    // Of the template importance.

// Table: what our own templates need; "any" takes numbers, times and names.
struct Needs {
  std::string_view name;
  bool any_x, any_y;
};
constexpr Needs kNeeds[] = {
    {"linear", true, false},        {"simple", true, false},
    {"smooth", false, false},       {"scatter", true, false},
    {"scatter_jitter", true, true}, {"roc", false, false},
    {"pr", false, false},           {"calibration", false, false},
    {"histogram", false, true},     {"bar_horizontal", false, true},
    {"importance", false, true},    {"bar_horizontal_sorted", false, true},
    {"confusion", true, true},      {"confusion_normalized", true, true},
};

Needs needs_of(std::string_view name) {
  for (Needs const& row : kNeeds)
    if (row.name == name) return row;
  return {name, true, true};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool looks_like_date(std::string_view text) {
  if (text.size() < 10 || (text[4] != '-' && text[4] != '/') || text[7] != text[4]) return false;
  for (std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (!is_digit(text[i])) return false;
  return text.size() == 10 || text[10] == ' ' || text[10] == 'T';
}

bool named_for_time(std::string_view column) {
  std::string const name = to_lower(column);
  return contains(name, "time") || contains(name, "date");
}

struct Kinds {
  std::size_t numbers = 0, times = 0, texts = 0, epochs = 0;
};

Kinds kinds_of(Column const& column, std::size_t most) {
  Kinds kinds;
  for (std::size_t i = 0; i < std::min(column.size(), most); ++i) {
    Scalar const cell = column.at(i);
    if (auto const number = metrics::number_of(cell)) {
      ++kinds.numbers;
      kinds.epochs += (*number > 9e8 && *number < 4.2e9) || (*number > 9e11 && *number < 4.2e12);
    } else if (auto const* text = std::get_if<std::string>(&cell)) {
      ++(looks_like_date(*text) ? kinds.times : kinds.texts);
    } else if (!metrics::is_null(cell)) {
      ++kinds.texts;
    }
  }
  return kinds;
}

std::string_view noun_of(AxisKind kind) { return kind == AxisKind::Time ? "times" : "text"; }

struct Tally {
  std::size_t drawn = 0, bad = 0, below_zero = 0, rows = 0;
};

Tally tally_of(metrics::Records const& records, std::string const& x, std::string const& y, Axes const& axes) {
  Tally tally;
  Column const *across = records.column(x), *up = records.column(y);
  for (std::size_t i = 0; i < records.rows(); ++i) {
    Scalar const up_cell = up != nullptr ? up->at(i) : Scalar{};
    Scalar const across_cell = across != nullptr ? across->at(i) : Scalar{static_cast<std::int64_t>(i)};
    ++tally.rows;
    Scalar const px = on_axis(across_cell, axes.x), py = on_axis(up_cell, axes.y);
    if (axes.shown(px, py))
      ++tally.drawn;
    else if (!metrics::is_null(px) && !metrics::is_null(py))
      ++tally.below_zero;
    else if ((!metrics::is_null(up_cell) && metrics::is_null(py)) ||
             (!metrics::is_null(across_cell) && metrics::is_null(px)))
      ++tally.bad;
  }
  return tally;
}

}  // namespace

std::optional<double> time_of(Scalar const& value) {
  if (auto const number = metrics::number_of(value)) {
    if (!std::isfinite(*number)) return std::nullopt;
    return *number < 4.2e9 ? *number * 1000 : *number;
  }
  auto const* raw = std::get_if<std::string>(&value);
  if (raw == nullptr || !looks_like_date(*raw)) return std::nullopt;
  std::string text = replace_all(replace_all(*raw, "/", "-"), ",", ".");
  if (text.size() == 10) text += "T00:00:00";
  text[10] = 'T';
  auto const zone = std::min(text.find_first_of("Z+-", 11), text.size());
  std::string time = text.substr(11, zone - 11);
  time.erase(time.find_last_not_of(' ') + 1);
  if (time.size() == 5) time += ":00";
  auto const at = parse_iso_time(text.substr(0, 11) + time + (zone < text.size() ? text.substr(zone) : "Z"));
  if (!at) return std::nullopt;
  return static_cast<double>(at->time_since_epoch().count()) * 1000;
}

AxisKind axis_kind(std::vector<PlotData> const& data, std::string const& name) {
  Kinds all;
  for (PlotData const& part : data) {
    Column const* column = part.records.column(name);
    if (column == nullptr) continue;
    Kinds const kinds = kinds_of(*column, kLookedAt);
    all.numbers += kinds.numbers, all.times += kinds.times, all.texts += kinds.texts, all.epochs += kinds.epochs;
  }
  if (all.numbers > 0 && all.epochs == all.numbers && all.texts == 0 && named_for_time(name)) return AxisKind::Time;
  if (all.numbers >= all.times + all.texts) return AxisKind::Number;
  return all.times > all.texts ? AxisKind::Time : AxisKind::Name;
}

Scalar on_axis(Scalar const& value, AxisKind kind) {
  if (kind == AxisKind::Name) return value;
  if (kind == AxisKind::Time) {
    auto const time = time_of(value);
    return time ? Scalar{*time} : Scalar{};
  }
  auto const number = metrics::number_of(value);
  return number && std::isfinite(*number) ? value : Scalar{};
}

bool Axes::shown(Scalar const& x_value, Scalar const& y_value) const {
  if (metrics::is_null(x_value) || metrics::is_null(y_value)) return false;
  auto const positive = [](Scalar const& value) { return metrics::number_of(value).value_or(1) > 0; };
  return (!log_x || positive(x_value)) && (!log_y || positive(y_value));
}

Axes axes_of(PlotRequest const& request, std::vector<PlotData> const& data) {
  Needs const needs = needs_of(request.template_name);
  Axes axes;
  axes.log_x = request.log_x;
  axes.log_y = request.log_y;
  axes.x = needs.any_x ? axis_kind(data, request.x) : AxisKind::Number;
  axes.y = needs.any_y ? axis_kind(data, request.y.front()) : AxisKind::Number;
  return axes;
}

Result<std::vector<std::string>> look_over(PlotRequest const& request, std::vector<PlotData> const& data) {
  Axes const axes = axes_of(request, data);
  std::vector<std::string> notes;
  std::size_t drawn = 0, below_zero = 0;
  for (PlotData const& part : data) {
    std::string const where = data.size() > 1 ? part.revision + ", " : "";
    for (std::string const& y : request.y) {
      if (request.y.size() > 1 && part.records.column(y) == nullptr) continue;
      Tally const tally = tally_of(part.records, request.x, y, axes);
      drawn += tally.drawn;
      below_zero += tally.below_zero;
      if (tally.bad > 0 && tally.drawn > 0)
        notes.push_back(where + y + ": " + std::to_string(tally.bad) + " of " + std::to_string(tally.rows) +
                        " values are no numbers and leave gaps");
      if (tally.below_zero > 0)
        notes.push_back(where + y + ": " + std::to_string(tally.below_zero) +
                        " values are not above zero, which a logarithmic axis cannot show");
      if (tally.drawn == 0 && request.y.size() * data.size() > 1)
        notes.push_back(where + y + ": there is nothing to draw");
    }
  }
  if (drawn == 0) {
    std::string why;
    for (std::string const& name : {request.x, request.y.front()}) {
      AxisKind const kind = axis_kind(data, name);
      bool const wrong = kind != AxisKind::Number && (name == request.x ? axes.x : axes.y) == AxisKind::Number;
      if (wrong && why.empty()) why = "\"" + one_line(name, 60) + "\" holds " + std::string(noun_of(kind));
    }
    if (why.empty() && below_zero > 0) why = "a logarithmic axis shows only what is above zero";
    if (why.empty()) why = "\"" + one_line(request.y.front(), 60) + "\" has no value with a place on the x axis";
    return Error{ErrorKind::BadInput, "no point can be drawn: " + why + " (template " + request.template_name + ")"};
  }
  constexpr std::size_t kMostLines = 12;
  if (std::size_t const lines = request.y.size() * data.size();
      lines > kMostLines && (request.template_name == "linear" || request.template_name == "simple"))
    notes.push_back(std::to_string(lines) + " lines in one picture; template=multiples gives each column its own");
  if (request.template_name == "importance") {
    std::size_t const all = count_of_classes(data, {request.y.front()}, 100'000);
    if (all > kMostBars) notes.push_back("the first " + std::to_string(kMostBars) + " of " + std::to_string(all));
  }
  return notes;
}

std::size_t count_of_classes(std::vector<PlotData> const& data, std::vector<std::string> const& columns,
                             std::size_t most) {
  std::set<std::string> classes;
  for (PlotData const& part : data) {
    for (std::string const& name : columns) {
      Column const* column = part.records.column(name);
      for (std::size_t i = 0; column != nullptr && i < column->size() && classes.size() < most; ++i)
        if (Scalar const cell = column->at(i); !metrics::is_null(cell)) classes.insert(metrics::to_python(cell));
    }
  }
  return classes.size();
}

std::size_t longest_name(std::vector<PlotData> const& data, std::string const& name) {
  std::size_t longest = 0;
  for (PlotData const& part : data) {
    Column const* column = part.records.column(name);
    for (std::size_t i = 0; column != nullptr && i < std::min<std::size_t>(column->size(), 100'000); ++i)
      longest = std::max(longest, utf8_length(metrics::to_python(column->at(i))));
  }
  return longest;
}

std::string cut_in_the_middle(std::string const& text, std::size_t most) {
  if (utf8_length(text) <= most || most < 8) return text;
  std::size_t const half = (most - 1) / 2;
  std::string_view const head = utf8_prefix(text, half);
  std::size_t from = text.size() - half;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  return std::string(head) + "…" + text.substr(from);
}

}  // namespace cml::report
