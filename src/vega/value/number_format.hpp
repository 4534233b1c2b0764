// Number formats by specifier, as d3-format reads them: [[fill]align][sign][symbol][0][width][,][.precision][~][type];
// and the formats of ticks, as vega-format derives them from a domain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vega/value/value.hpp"

namespace cml::vega {

struct NumberLocale {
  std::string decimal = ".";
  std::string thousands = ",";
  std::vector<int> grouping = {3};  // Empty: no grouping.
  std::string currency_prefix = "$", currency_suffix;
  std::vector<std::string> numerals;  // Empty, or ten of them.
  std::string percent = "%";
  std::string minus = "\xE2\x88\x92";
  std::string nan = "NaN";

  // A locale definition as d3 has them: members left out get d3's own defaults (no grouping without `grouping`).
  static NumberLocale from(Value const& definition);
  static std::shared_ptr<NumberLocale const> standard();
};
using NumberLocaleRef = std::shared_ptr<NumberLocale const>;

struct FormatSpecifier {
  std::string fill = " ";
  char align = '>';
  char sign = '-';
  char symbol = 0;
  bool zero = false;
  std::optional<int> width;
  bool comma = false;
  std::optional<int> precision;
  bool trim = false;
  char type = 0;

  static FormatSpecifier parse(std::string_view text);  // Fails (EngineError): "invalid format: ...".
};

class NumberFormat {
 public:
  explicit NumberFormat(std::string_view specifier, NumberLocaleRef locale = NumberLocale::standard())
      : NumberFormat(FormatSpecifier::parse(specifier), std::move(locale)) {}
  NumberFormat(FormatSpecifier specifier, NumberLocaleRef locale, std::string suffix = {});

  std::string operator()(double value) const;
  std::string operator()(Value const& value) const;  // Type "c" prints any value; others convert to a number.

  // Fixed point in units of the SI prefix that suits `reference`.
  static NumberFormat prefixed(FormatSpecifier specifier, double reference,
                               NumberLocaleRef locale = NumberLocale::standard());
  // vega-format's formatFloat: up to 12 significant digits, trailing zeros removed, unless a precision is given.
  static NumberFormat trimmed(std::string_view specifier, NumberLocaleRef locale = NumberLocale::standard());
  // The format of ticks: the precision is what tells neighbouring ticks apart (d3-scale's tickFormat).
  static NumberFormat of_ticks(double start, double stop, double count, std::optional<std::string_view> specifier,
                               NumberLocaleRef locale = NumberLocale::standard());

 private:
  std::string finish(std::string value, std::string prefix, std::string suffix) const;
  FormatSpecifier spec_;
  NumberLocaleRef locale_;
  std::string prefix_, suffix_;
  int precision_ = 6;
  double factor_ = 1;
  bool trim_zeroes_ = false;
};

double precision_fixed(double step);
double precision_prefix(double step, double value);
double precision_round(double step, double max);

// d3-array's ticks; the increment is negative for steps below one: its inverse is then exact.
namespace decimal {
double tick_increment(double start, double stop, double count);
double tick_step(double start, double stop, double count);
std::vector<double> ticks(double start, double stop, double count);
}  // namespace decimal

}  // namespace cml::vega
