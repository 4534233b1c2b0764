// Texts of ticks and legend entries (vega-scale's ticks and labels, vega-format's time and number formats).
#include <cmath>
#include <functional>

#include "vega/runtime/guide.hpp"

namespace cml::vega {
namespace {

using Format = std::function<std::string(Value const&)>;

std::optional<std::string> specifier_text(Value const& specifier) {
  if (specifier.is_string() || specifier.is_number()) return specifier.to_string();  // 20 is a width.
  return std::nullopt;
}
std::string plain(Value const& v) { return v.is_date() ? date_string(v.number()) : v.to_string(); }

// Which ticks of a log scale carry a label: those that stand for a power's leading digits up to the count.
std::function<bool(double)> log_filter(Scale const& scale, Value const& count) {
  auto const ticks = tick_values(scale, count);
  double const base = scale.base(), n = count.is_number() ? count.number() : 10;
  double const k = std::max(1.0, base * n / static_cast<double>(ticks.size()));
  return [base, k](double d) {
    double i = d / std::pow(base, std::floor(std::log(d) / std::log(base) + 0.5));
    if (i * base < base - 0.5) i *= base;
    return i <= k;
  };
}

Format tick_format(Scale const& scale, Value const& count, LabelFormat const& format, bool no_skip, View& view) {
  bool const utc = scale.type() == ScaleType::Utc || format.type.string_or("") == "utc";
  if (scale.type() == ScaleType::Time || utc || format.type.string_or("") == "time") {
    bool const local = scale.type() == ScaleType::Time || format.type.string_or("") == "time";
    auto const times = std::make_shared<TimeMultiFormat>(format.specifier.is_nullish() ? Value() : format.specifier,
                                                         local ? Zone::Local : Zone::Utc, view.time_locale);
    return [times](Value const& v) { return (*times)(v.is_string() ? parse_date(v.string()) : v.to_number()); };
  }
  auto const text = specifier_text(format.specifier);
  if (scale.logarithmic()) {
    auto const number = std::make_shared<NumberFormat>(NumberFormat::trimmed(text.value_or(""), view.number_locale));
    if (no_skip || scale.bins()) return [number](Value const& v) { return (*number)(v.to_number()); };
    auto const test = log_filter(scale, count);
    return [number, test](Value const& v) { return test(v.to_number()) ? (*number)(v.to_number()) : std::string(); };
  }
  if (scale.continuous() || scale.type() == ScaleType::Quantize || scale.type() == ScaleType::BinOrdinal) {
    auto const domain = scale.domain();
    double const first = domain.empty() ? 0 : domain.front().to_number(),
                 last = domain.empty() ? 1 : domain.back().to_number();
    auto const number = std::make_shared<NumberFormat>(
        NumberFormat::of_ticks(first, last, count.is_number() ? count.number() : 10,
                               text ? std::optional<std::string_view>(*text) : std::nullopt, view.number_locale));
    return [number](Value const& v) { return (*number)(v); };
  }
  if (text && !text->empty()) {
    auto const number = std::make_shared<NumberFormat>(*text, view.number_locale);
    return [number](Value const& v) { return (*number)(v); };
  }
  return plain;
}

// Thresholds are printed at the resolution of their smallest step.
Format threshold_format(Scale const& scale, LabelFormat const& format, View& view) {
  Array values;
  if (scale.type() == ScaleType::Quantile)
    for (double t : scale.thresholds()) values.emplace_back(t);
  else
    values = scale.domain();
  double step = values.empty()      ? 0
                : values.size() > 1 ? values[1].to_number() - values[0].to_number()
                                    : values[0].to_number();
  for (std::size_t i = 1; i < values.size(); ++i)
    step = std::min(step, values[i].to_number() - values[i - 1].to_number());
  auto const text = specifier_text(format.specifier);
  auto const number = std::make_shared<NumberFormat>(NumberFormat::of_ticks(
      0, step, 30, text ? std::optional<std::string_view>(*text) : std::nullopt, view.number_locale));
  return [number](Value const& v) { return (*number)(v); };
}

// The texts of what separates steps, unless they are times.
Format step_format(Scale const& scale, Value const& count, LabelFormat const& format, bool no_skip, View& view) {
  auto const type = format.type.string_or("");
  bool const numbers =
      (scale.type() == ScaleType::Quantile || scale.type() == ScaleType::Quantize) && type != "time" && type != "utc";
  return numbers ? threshold_format(scale, format, view) : tick_format(scale, count, format, no_skip, view);
}

}  // namespace

std::vector<Value> axis_labels(Scale const& scale, Array const& values, Value const& count, LabelFormat const& format,
                               bool given, View& view) {
  auto const text = tick_format(scale, count, format, given, view);
  std::vector<Value> out;
  for (auto const& v : values) {
    if (v.is_array() && scale.discrete() && format.specifier.is_nullish()) {
      Array lines;  // Array values of a discrete domain become lines of the label.
      for (auto const& part : v.items()) lines.emplace_back(plain(part));
      out.emplace_back(std::move(lines));
    } else {
      out.emplace_back(text(v));
    }
  }
  return out;
}

std::vector<Value> legend_labels(Scale const& scale, Array const& values, Value const& upper_end, Value const& count,
                                 LegendKind kind, LabelFormat const& format, bool given, View& view) {
  auto const text = step_format(scale, count, format, given || kind == LegendKind::Symbol, view);
  bool const ranges =
      kind == LegendKind::Symbol && (scale.bins() || scale.type() == ScaleType::Quantile ||
                                     scale.type() == ScaleType::Quantize || scale.type() == ScaleType::Threshold);
  std::vector<Value> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (ranges) {
      auto const finite = [&text](Value const& v) {
        return v.is_nullish() || !std::isfinite(v.to_number()) ? std::string() : text(v);
      };
      auto const low = finite(values[i]), high = finite(i + 1 < values.size() ? values[i + 1] : upper_end);
      out.emplace_back(!low.empty() && !high.empty() ? low + " \u2013 " + high
                       : !high.empty()               ? "< " + high
                                                     : "\u2265 " + low);
    } else if (kind == LegendKind::Discrete) {
      out.push_back(i ? Value(text(values[i])) : Value(nullptr));
    } else if (values[i].is_array() && scale.discrete() && format.specifier.is_nullish()) {
      Array lines;
      for (auto const& part : values[i].items()) lines.emplace_back(plain(part));
      out.emplace_back(std::move(lines));
    } else {
      out.emplace_back(text(values[i]));
    }
  }
  return out;
}

std::string domain_caption(Scale const& scale, LabelFormat const& given, View& view) {
  LabelFormat format = given;
  if (scale.temporal() && format.specifier.is_nullish())
    format.specifier = scale.type() == ScaleType::Time ? "%A, %d %B %Y, %X" : "%A, %d %B %Y, %X UTC";
  auto const text = step_format(scale, 5, format, true, view);
  auto const listed = [&](Array const& values, std::size_t from, std::size_t to) {
    std::string out;
    for (std::size_t i = from; i < to; ++i) out += (i > from ? ", " : "") + text(values[i]);
    return out;
  };
  auto const plural = [](std::size_t n, char const* one, char const* many) {
    return std::to_string(n) + (n == 1 ? one : many);
  };
  Array const domain = scale.domain();
  if (scale.discretizing() && scale.type() != ScaleType::BinOrdinal) {
    Array values;
    if (scale.type() == ScaleType::Threshold)
      values = domain;
    else
      for (double t : scale.thresholds()) values.emplace_back(t);
    return plural(values.size(), " boundary: ", " boundaries: ") + listed(values, 0, values.size());
  }
  if (scale.discrete()) {
    constexpr std::size_t kMost = 7;
    auto const n = domain.size();
    auto const words =
        n > kMost ? listed(domain, 0, kMost - 2) + ", ending with " + text(domain.back()) : listed(domain, 0, n);
    return plural(n, " value: ", " values: ") + words;
  }
  if (domain.empty()) return {};
  return "values from " + text(domain.front()) + " to " + text(domain.back());
}

}  // namespace cml::vega
