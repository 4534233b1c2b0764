// What an expression can see of the chart around it. The runtime implements it; tests use a small fake.
#pragma once

#include <limits>
#include <string_view>

#include "vega/value/number_format.hpp"
#include "vega/value/table.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

class Projection;  // vega/geo; expressions only pass it by name, transforms ask for it.

// One row: of a table (by base row), or any object value. Neither: datum reads as undefined.
struct Datum {
  Table const* table = nullptr;
  std::uint32_t base_row = 0;
  Value const* object = nullptr;
};

// What is counted over a whole picture, whichever scope asks.
struct RunState {
  // sampleNormal makes numbers in pairs; the second waits here. NaN: none waits.
  double spare_normal = std::numeric_limits<double>::quiet_NaN();
  double identifier = 0;  // The last number that identifier transforms gave away.
};

class Scope {
 public:
  virtual ~Scope() = default;
  virtual Value signal(std::string_view name) = 0;   // Fails (EngineError) for an unknown or cyclic signal.
  virtual TableRef data(std::string_view name) = 0;  // Null when there is no such dataset.
  // What data() answers from now on: for transforms that change another dataset than their own.
  virtual void replace_data(std::string_view name, TableRef table) = 0;

  // Scales by name. An unknown scale answers undefined, as Vega does.
  virtual Value scale(std::string_view name, Value const& input) = 0;
  virtual Value invert(std::string_view name, Value const& output) = 0;
  virtual Value domain(std::string_view name) = 0;
  virtual Value range(std::string_view name) = 0;
  virtual Value bandwidth(std::string_view name) = 0;
  // vega's scaleGradient: {gradient, stops, x1, y1, x2, y2} or undefined.
  virtual Value gradient(std::string_view scale, Value const& p0, Value const& p1, double count) = 0;
  // "area", "bounds", "centroid", "scale", "translate" or "shape" of a GeoJSON feature through a named projection (""
  // is none).
  virtual Value geo(std::string_view measure, std::string_view projection, Value const& feature) = 0;

  // A map projection by name; null when there is none of that name.
  virtual Projection const* projection(std::string_view) { return nullptr; }

  virtual double random() = 0;  // Uniform in [0, 1), from the seeded generator.
  virtual double now() = 0;     // Milliseconds; frozen for one picture.
  virtual void warn(std::string_view text) = 0;

  // Locales of format() and timeFormat(): the chart's configuration may set its own.
  virtual NumberLocaleRef number_locale() { return NumberLocale::standard(); }
  virtual TimeLocaleRef time_locale() { return TimeLocale::standard(); }
  virtual RunState& run_state() = 0;
};

}  // namespace cml::vega
