#include "report/compose/number.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace cml::report {
namespace {

constexpr int kMaxDecimals = 12;

std::string printed(char const* format, int precision, double value) {
  char text[400];
  std::snprintf(text, sizeof text, format, precision, value);
  return text;
}

std::string word_of(double value) { return std::isnan(value) ? "NaN" : value < 0 ? "-Inf" : "Inf"; }

int magnitude(double value) { return value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::fabs(value)))); }

// How the numbers of one row are written.
struct Form {
  bool scientific = false;
  int digits = 0;  // Behind the point.
  std::string operator()(double value) const {
    if (!std::isfinite(value)) return word_of(value);
    std::string text = printed(scientific ? "%.*e" : "%.*f", digits, value);
    return text.find_first_not_of("-0.") == std::string::npos && text[0] == '-' ? text.substr(1) : text;  // No "-0.00".
  }
};

int trailing_zeros(std::string const& text) {
  if (text.find('.') == std::string::npos) return 0;
  int count = 0;
  for (auto c = text.rbegin(); c != text.rend() && *c == '0'; ++c) ++count;
  return count;
}

// An accuracy of 0.99996 is not 1.
bool reads_as_whole(double value, std::string const& text) {
  if (!std::isfinite(value) || std::fabs(value - std::round(value)) < 1e-9 * std::max(1.0, std::fabs(value)))
    return false;
  double const read = std::strtod(text.c_str(), nullptr);
  return read == std::floor(read);
}

Form form_of(std::vector<double> const& values, double change) {
  double size = 0;
  bool whole = true;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    size = std::max(size, std::fabs(value));
    whole = whole && value == std::floor(value) && std::fabs(value) < 1e15;
  }
  if (whole) return {false, 0};
  bool const shows = std::isfinite(change) && change != 0;
  int digits = 3 - magnitude(size);
  if (size >= 1e9 || size < 1e-4) {
    int extra = shows ? std::clamp(magnitude(size) - magnitude(change) + 1, 3, kMaxDecimals) : 3;
    return {true, extra};
  }
  if (shows) digits = std::max(digits, 1 - magnitude(change));
  Form form{false, std::clamp(digits, 0, kMaxDecimals)};
  // Zeros that all of them end with say nothing.
  int spare = form.digits;
  for (double value : values)
    if (std::isfinite(value)) spare = std::min(spare, trailing_zeros(form(value)));
  form.digits -= spare;
  while (form.digits < kMaxDecimals && size < 1000 &&
         std::any_of(values.begin(), values.end(), [&](double value) { return reads_as_whole(value, form(value)); }))
    ++form.digits;
  return form;
}

}  // namespace

std::string plain_number(double value) {
  if (!std::isfinite(value)) return word_of(value);
  if (value == std::floor(value) && std::fabs(value) < 1e15) return printed("%.*f", 0, value == 0 ? 0 : value);
  std::string text = printed("%.*g", 6, value);
  return reads_as_whole(value, text) ? metrics::python_float(value) : text;
}

std::string exact_value(Scalar const& value) {
  if (metrics::is_null(value)) return "null";
  if (auto const* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  return metrics::to_python(value);
}

std::string plain_value(Scalar const& value) {
  if (metrics::is_null(value)) return "";
  if (auto const* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (auto const* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (auto const* number = std::get_if<double>(&value)) return form_of({*number}, 0)(*number);
  return std::get<std::string>(value);
}

RowText texts_of(Row const& row) {
  RowText text;
  auto const number = [](std::optional<Scalar> const& value) {
    return value ? metrics::number_of(*value) : std::nullopt;
  };
  auto const before = number(row.old_value), after = number(row.new_value), change = row.change();
  std::vector<double> values;
  if (before) values.push_back(*before);
  if (after) values.push_back(*after);
  Form const form = form_of(values, change.value_or(0));
  auto const write = [&](std::optional<Scalar> const& value, std::optional<double> const& as_number) {
    if (!value) return std::string();
    // Whole numbers of 64 bits are exact as text only.
    if (auto const* whole = std::get_if<std::int64_t>(&*value);
        whole != nullptr && form.digits == 0 && !form.scientific)
      return std::to_string(*whole);
    return as_number ? form(*as_number) : metrics::is_null(*value) ? "null" : plain_value(*value);
  };
  text.old_value = write(row.old_value, before);
  text.new_value = write(row.new_value, after);
  if (before && row.old_noise) text.old_value += " ± " + printed("%.*g", 2, *row.old_noise);
  if (after && row.new_noise) text.new_value += " ± " + printed("%.*g", 2, *row.new_noise);
  if (change && *change != 0 && std::isfinite(*change)) text.change = (*change > 0 ? "+" : "") + form(*change);
  if (auto const percent = row.percent(); percent && *percent != 0) {
    double const size = std::fabs(*percent);
    // What would read as zero, or as nonsense, says nothing.
    text.percent = size > 9999 || size < 0.005 ? ""
                                               : (*percent > 0 ? "+" : "") +
                                                     printed("%.*f",
                                                             size < 1     ? 2
                                                             : size < 100 ? 1
                                                                          : 0,
                                                             *percent) +
                                                     "%";
  }
  return text;
}

}  // namespace cml::report
