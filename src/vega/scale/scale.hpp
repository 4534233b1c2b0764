// Scales: from data values to visual values. A Scale is built once from resolved properties (d3-scale, vega-scale)
// and then only read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vega/scale/interpolate.hpp"
#include "vega/value/table.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

enum class ScaleType {
  Identity,
  Linear,
  Log,
  Pow,
  Sqrt,
  Symlog,
  Time,
  Utc,  // continuous
  Quantile,
  Quantize,
  Threshold,
  BinOrdinal,  // discretizing
  Ordinal,
  Band,
  Point,  // discrete
};
// Colour output of a continuous scale: 2 domain values make it sequential, 3 diverging (vega-encode's scaleKey).
enum class Ramp { None, Sequential, Diverging };

std::optional<ScaleType> scale_type(std::string_view name);  // "sequential" reads as linear with a ramp.

// The properties of a Vega scale with signals and data references already resolved. Unset values are undefined.
struct ScaleConfig {
  std::string name;
  std::string type = "linear";
  std::optional<Array> domain;
  Value domain_raw, domain_min, domain_max, domain_mid;
  Value zero, nice, padding, padding_inner, padding_outer, align;
  std::optional<Array> range;
  Value scheme, scheme_extent, scheme_count, range_step;
  Value round, reverse, clamp, interpolate, interpolate_gamma;
  Value base, exponent, constant, bins, domain_implicit;
};

class Scale {
 public:
  // Fails (EngineError) on an unknown type or scheme; `warn` gets what Vega would log.
  static std::shared_ptr<Scale const> make(ScaleConfig const& config, std::function<void(std::string)> const& warn);

  ScaleType type() const { return type_; }
  Ramp ramp() const { return ramp_; }
  bool continuous() const { return type_ <= ScaleType::Utc; }
  bool discretizing() const { return type_ >= ScaleType::Quantile && type_ <= ScaleType::BinOrdinal; }
  bool discrete() const { return type_ >= ScaleType::Ordinal; }
  bool temporal() const { return type_ == ScaleType::Time || type_ == ScaleType::Utc; }
  bool logarithmic() const { return type_ == ScaleType::Log; }
  // Numbers in, numbers out: the fast path of map_number is exact.
  bool numeric() const { return continuous() && ramp_ == Ramp::None && numeric_range_; }

  Value map(Value const& input) const;
  double map_number(double input) const;  // For numeric() scales; NaN in, NaN out.
  ColumnRef map_column(Column const& input) const;
  Value invert(Value const& output) const;
  Value invert_range(Value const& low, Value const& high) const;  // vega's scale.invertRange; undefined when none.
  double bandwidth() const { return bandwidth_; }                 // 0 for scales without bands.
  double step() const { return step_; }
  double base() const { return base_; }
  Array domain() const;
  Array range() const;
  std::optional<Array> const& bins() const { return bins_; }
  std::vector<double> const& thresholds() const { return thresholds_; }  // Quantile, quantize.
  Value color_at(double t) const { return interpolator_(t); }            // Ramps only.

  // Tick values for about `count` ticks, or for a time interval {"interval": name, "step": n} given as an object.
  Array ticks(Value const& count) const;
  // From domain value to its fraction of [min, max] by this scale's transform (vega's scaleFraction).
  std::function<double(double)> fraction(double min, double max) const;

 private:
  friend struct ScaleBuilder;
  double transform(double x) const;
  double untransform(double x) const;
  Value map_discrete(Value const& input) const;
  Value invert_extent(Value const& output) const;
  std::size_t bisect(double x) const;
  void rebuild_continuous();
  void rebuild_bands();

  std::string name_;
  ScaleType type_ = ScaleType::Linear;
  Ramp ramp_ = Ramp::None;
  bool clamp_ = false, numeric_range_ = true, implicit_domain_ = false, custom_interpolation_ = false;
  double base_ = 10, exponent_ = 1, constant_ = 1;
  std::vector<double> domain_;  // Continuous, discretizing: as given.
  Array range_;
  std::vector<double> range_numbers_;  // When numeric_range_.
  bool round_ = false;
  InterpolatorFactory factory_ = interpolate_values;
  std::vector<double> knots_;         // Transformed domain, ascending.
  std::vector<double> outputs_;       // Range in the knots' order, when numeric.
  std::vector<Interpolator> pieces_;  // Between knots, when not numeric.
  Interpolator interpolator_;         // Ramps.
  std::vector<double> thresholds_;
  std::optional<Array> bins_;
  Array values_;  // Discrete domain.
  std::unordered_map<Value, std::size_t, ValueHash> index_;
  std::vector<double> positions_;  // Band, point.
  double band_range_[2] = {0, 1}, padding_inner_ = 0, padding_outer_ = 0, align_ = 0.5;
  double bandwidth_ = 0, step_ = 0;
};
using ScalePtr = std::shared_ptr<Scale const>;

// Number of steps that a band scale's range holds (vega-scale's bandSpace).
double band_space(double count, double padding_inner, double padding_outer);
// d3.ticks for finite ends, with a cap on the count.
std::vector<double> number_ticks(double start, double stop, double count);
// The tick count after vega-scale's tickCount: bins and a minimum step taken into account.
Value effective_tick_count(Scale const& scale, Value const& count, Value const& min_step);
// Candidates that fall into the range, in range order, thinned to `count` (vega-scale's validTicks).
Array valid_ticks(Scale const& scale, Array const& candidates, Value const& count);
Array tick_values(Scale const& scale, Value const& count);

}  // namespace cml::vega
