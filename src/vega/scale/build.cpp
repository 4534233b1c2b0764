// Building a scale from its properties, step by step as vega-encode's Scale operator does: domain, bins, range.
#include <algorithm>
#include <cmath>
#include <limits>

#include "vega/scale/scale.hpp"
#include "vega/scale/schemes.hpp"
#include "vega/scale/time_ticks.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/number_format.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {

std::optional<ScaleType> scale_type(std::string_view name) {
  static constexpr std::pair<std::string_view, ScaleType> kNames[] = {{"identity", ScaleType::Identity},
                                                                      {"linear", ScaleType::Linear},
                                                                      {"log", ScaleType::Log},
                                                                      {"pow", ScaleType::Pow},
                                                                      {"sqrt", ScaleType::Sqrt},
                                                                      {"symlog", ScaleType::Symlog},
                                                                      {"time", ScaleType::Time},
                                                                      {"utc", ScaleType::Utc},
                                                                      {"quantile", ScaleType::Quantile},
                                                                      {"quantize", ScaleType::Quantize},
                                                                      {"threshold", ScaleType::Threshold},
                                                                      {"bin-ordinal", ScaleType::BinOrdinal},
                                                                      {"ordinal", ScaleType::Ordinal},
                                                                      {"band", ScaleType::Band},
                                                                      {"point", ScaleType::Point},
                                                                      {"sequential", ScaleType::Linear}};
  for (auto const& [key, type] : kNames)
    if (key == name) return type;
  return std::nullopt;
}

double band_space(double count, double padding_inner, double padding_outer) {
  double const space = count - padding_inner + padding_outer * 2;
  return count != 0 ? (space > 0 ? space : 1) : 0;
}

namespace {

// vega-util's zoom functions about the middle of the domain.
template <class Lift, class Ground>
void zoom(double& first, double& last, double factor, Lift lift, Ground ground) {
  double const d0 = lift(first), d1 = lift(last), middle = (d0 + d1) / 2;
  first = ground(middle + (d0 - middle) * factor);
  last = ground(middle + (d1 - middle) * factor);
}

Array reversed(Array values, bool reverse) {
  if (reverse) std::reverse(values.begin(), values.end());
  return values;
}

SchemeRow const* find_scheme(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  auto const found = std::lower_bound(kSchemes.begin(), kSchemes.end(), std::string_view(name),
                                      [](SchemeRow const& row, std::string_view key) { return row.name < key; });
  return found != kSchemes.end() && found->name == name ? &*found : nullptr;
}
Array scheme_colors(SchemeRow const& row) {
  Array out;
  for (std::size_t i = 0; i + 6 <= row.colors.size(); i += 6)
    out.emplace_back("#" + std::string(row.colors.substr(i, 6)));
  return out;
}

}  // namespace

// Holds what the steps share; the only friend of Scale.
struct ScaleBuilder {
  ScaleConfig const& config;
  std::function<void(std::string)> const& warn;
  Scale scale;
  double count = 0;  // Cardinality of the domain.

  double padding_of(Value const& specific) const {
    Value const& v = specific.is_nullish() ? config.padding : specific;
    return v.is_nullish() ? 0 : v.to_number();
  }
  static bool all_strings(Array const& values) {
    return !values.empty() && std::all_of(values.begin(), values.end(), [](Value const& v) { return v.is_string(); });
  }

  void type() {
    auto const type = scale_type(config.type);
    if (!type) fail("scale \"" + config.name + "\"", "unrecognized scale type \"" + config.type + "\"");
    scale.type_ = *type == ScaleType::Sqrt && !config.exponent.is_nullish() ? ScaleType::Pow : *type;
    scale.name_ = config.name;
    bool const colors = scale.continuous() && !scale.temporal() && *type != ScaleType::Identity &&
                        (!config.scheme.is_nullish() || (config.range && all_strings(*config.range)));
    if (config.type == "sequential") {
      scale.ramp_ = Ramp::Sequential;
    } else if (colors) {
      std::size_t const n = config.domain_raw.is_array() ? config.domain_raw.size()
                            : config.domain ? config.domain->size() + (config.domain_mid.is_nullish() ? 0 : 1)
                                            : 0;
      if (n == 2)
        scale.ramp_ = Ramp::Sequential;
      else if (n == 3)
        scale.ramp_ = Ramp::Diverging;
    }
    if (!config.base.is_nullish()) scale.base_ = config.base.to_number();
    if (!config.exponent.is_nullish()) scale.exponent_ = config.exponent.to_number();
    if (!config.constant.is_nullish()) scale.constant_ = config.constant.to_number();
    scale.clamp_ = config.clamp.truthy();
    auto const unit = [](double v) { return std::max(0.0, std::min(1.0, v)); };
    scale.padding_outer_ = unit(padding_of(config.padding_outer));
    scale.padding_inner_ = scale.type_ == ScaleType::Point ? 1 : unit(padding_of(config.padding_inner));
    if (!config.align.is_nullish()) scale.align_ = unit(config.align.to_number());
  }

  void set_domain(Array const& values) {
    count = static_cast<double>(values.size());
    if (scale.discrete()) {
      scale.values_.clear();
      scale.index_.clear();
      for (auto const& v : values)
        if (scale.index_.emplace(v.is_date() ? Value(v.number()) : v, scale.values_.size()).second)
          scale.values_.push_back(v);
      return;
    }
    scale.domain_.clear();
    for (auto const& v : values)
      scale.domain_.push_back(scale.temporal() ? std::floor(v.to_number() + 0.5) : v.to_number());
    if (scale.type_ == ScaleType::Quantile) {
      std::erase_if(scale.domain_, [](double d) { return std::isnan(d); });
      std::sort(scale.domain_.begin(), scale.domain_.end());
    }
  }

  void check_log(Array const& values) const {
    if (scale.type_ != ScaleType::Log) return;
    double sum = 0;
    for (auto const& v : values) sum += v.to_number() < 0 ? -1 : v.to_number() > 0 ? 1 : 0;
    if (std::fabs(sum) != static_cast<double>(values.size()))
      warn("log scale \"" + config.name + "\" has a domain that includes zero: " + to_json(Value(values)));
  }

  void domain() {
    if (config.domain_raw.is_array()) {
      check_log(config.domain_raw.items());
      set_domain(config.domain_raw.items());
      return;
    }
    if (!config.domain) {
      if (scale.continuous() || scale.type_ == ScaleType::Quantize) {
        bool const temporal = scale.temporal();
        set_domain(temporal                        ? Array{Value(946684800000.0), Value(946771200000.0)}
                   : scale.type_ == ScaleType::Log ? Array{1, 10}
                                                   : Array{0, 1});
      } else if (scale.type_ == ScaleType::Ordinal) {
        scale.implicit_domain_ = true;
      }
      count = 0;
      return;
    }
    Array values = *config.domain;
    bool const zero_type =
        !config.bins.defined() &&
        (scale.type_ == ScaleType::Linear || scale.type_ == ScaleType::Pow || scale.type_ == ScaleType::Sqrt) &&
        scale.ramp_ == Ramp::None;
    bool const zero = config.zero.defined() ? config.zero.truthy() : zero_type;
    if (!values.empty() && (zero || !config.domain_min.is_nullish() || !config.domain_max.is_nullish() ||
                            !config.domain_mid.is_nullish())) {
      std::size_t const n = values.size() > 1 ? values.size() - 1 : 1;
      if (values.size() < 2) values.resize(2);
      if (zero) {
        if (values[0].to_number() > 0) values[0] = 0;
        if (values[n].to_number() < 0) values[n] = 0;
      }
      if (!config.domain_min.is_nullish()) values[0] = config.domain_min;
      if (!config.domain_max.is_nullish()) values[n] = config.domain_max;
      if (!config.domain_mid.is_nullish()) {
        double const mid = config.domain_mid.to_number();
        std::size_t const at = mid > values[n].to_number() ? n + 1 : mid < values[0].to_number() ? 0 : n;
        if (at != n) warn("domainMid of scale \"" + config.name + "\" lies outside its domain");
        values.insert(values.begin() + static_cast<std::ptrdiff_t>(at), Value(mid));
      }
    }
    if (scale.continuous() && config.type != "sequential" && config.padding.truthy() && values.size() > 1 &&
        values.front().to_number() != values.back().to_number())
      pad(values);
    check_log(values);
    set_domain(values);
    if (scale.type_ == ScaleType::Ordinal) scale.implicit_domain_ = config.domain_implicit.truthy();
    if (config.nice.truthy()) nice();
    count = static_cast<double>(values.size());
  }

  void pad(Array& values) const {
    if (!config.range || config.range->size() < 2) return;
    double const span = std::fabs(config.range->back().to_number() - config.range->front().to_number());
    double const factor = span / (span - 2 * config.padding.to_number());
    double first = values.front().to_number(), last = values.back().to_number();
    switch (scale.type_) {
      case ScaleType::Log: {
        double const s = first < 0 ? -1 : 1;
        zoom(
            first, last, factor, [s](double x) { return std::log(s * x); }, [s](double x) { return s * std::exp(x); });
        break;
      }
      case ScaleType::Sqrt:
      case ScaleType::Pow: {
        double const e = scale.type_ == ScaleType::Sqrt ? 0.5 : scale.exponent_;
        zoom(
            first, last, factor, [e](double x) { return signed_power(x, e); },
            [e](double x) { return signed_power(x, 1 / e); });
        break;
      }
      case ScaleType::Symlog: {
        double const c = scale.constant_;
        zoom(
            first, last, factor, [c](double x) { return std::copysign(std::log1p(std::fabs(x / c)), x); },
            [c](double x) { return std::copysign(std::expm1(std::fabs(x)) * c, x); });
        break;
      }
      default:
        zoom(
            first, last, factor, [](double x) { return x; }, [](double x) { return x; });
    }
    values.front() = first;
    values.back() = last;
  }

  void nice() {
    if (scale.discrete() || scale.type_ == ScaleType::Threshold || scale.type_ == ScaleType::Quantile ||
        scale.type_ == ScaleType::BinOrdinal || scale.domain_.size() < 2)
      return;
    double& first = scale.domain_.front();
    double& last = scale.domain_.back();
    Value const amount = config.nice.is_boolean() ? Value() : config.nice;
    if (scale.temporal()) return time_nice(first, last, amount, scale.type_ == ScaleType::Utc);
    bool const swapped = last < first;
    double start = swapped ? last : first, stop = swapped ? first : last;
    if (scale.type_ == ScaleType::Log) {
      bool const negative = first < 0;
      double const b = scale.base_;
      auto const logs = [&](double x) {
        double const l = b == 10 ? std::log10(negative ? -x : x) : std::log(negative ? -x : x) / std::log(b);
        return negative ? -l : l;
      };
      auto const pows = [&](double x) { return negative ? -std::pow(b, -x) : std::pow(b, x); };
      start = pows(std::floor(logs(start)));
      stop = pows(std::ceil(logs(stop)));
    } else {
      double const n = amount.is_number() ? amount.number() : 10;
      double previous = std::numeric_limits<double>::quiet_NaN();
      bool settled = false;
      for (int i = 0; i < 10 && !settled; ++i) {
        double const step = decimal::tick_increment(start, stop, n);
        if (step == previous)
          settled = true;
        else if (step > 0)
          start = std::floor(start / step) * step, stop = std::ceil(stop / step) * step;
        else if (step < 0)
          start = std::ceil(start * step) / step, stop = std::floor(stop * step) / step;
        else
          break;
        previous = step;
      }
      if (!settled) return;
    }
    (swapped ? last : first) = start;
    (swapped ? first : last) = stop;
  }

  void bins() {
    if (config.bins.is_array()) {
      scale.bins_ = config.bins.items();
    } else if (config.bins.is_object()) {
      auto const domain = scale.domain();
      double const none = std::numeric_limits<double>::quiet_NaN();  // Compares false: no domain, no limits.
      double const lo = domain.empty() ? none : domain.front().to_number(),
                   hi = domain.empty() ? none : domain.back().to_number();
      double const step = config.bins["step"].to_number();
      if (!(step > 0)) fail("scale \"" + config.name + "\"", "bins need a step above zero");
      double start = config.bins["start"].is_nullish() ? lo : config.bins["start"].to_number();
      double stop = config.bins["stop"].is_nullish() ? hi : config.bins["stop"].to_number();
      if (start < lo) start = step * std::ceil(lo / step);
      if (stop > hi) stop = step * std::floor(hi / step);
      if ((stop - start) / step > 1e5) fail("scale \"" + config.name + "\"", "more than 100000 bins");
      Array out;
      double const n = std::max(0.0, std::ceil((stop + step / 2 - start) / step));
      for (double i = 0; i < n; ++i) out.emplace_back(start + i * step);
      scale.bins_ = std::move(out);
    }
    if (scale.type_ == ScaleType::BinOrdinal) {
      if (!scale.bins_) {
        scale.bins_ = scale.domain();
      } else if (!config.domain && !config.domain_raw.is_array()) {
        set_domain(*scale.bins_);
      }
    }
  }

  // The interpolator of a colour scheme, or its list of categories.
  void scheme_range(std::optional<Array>& range) {
    Array colors;
    bool continuous = true;
    if (config.scheme.is_array()) {
      colors = config.scheme.items();
    } else {
      auto const* row = find_scheme(config.scheme.to_string());
      if (!row) fail("scale \"" + config.name + "\"", "unrecognized scheme name \"" + config.scheme.to_string() + "\"");
      colors = scheme_colors(*row);
      continuous = row->continuous;
    }
    double n = count;
    double const wanted = config.scheme_count.is_nullish() ? 0 : config.scheme_count.to_number();
    if (scale.type_ == ScaleType::Threshold)
      n = count + 1;
    else if (scale.type_ == ScaleType::BinOrdinal)
      n = count - 1;
    else if (scale.type_ == ScaleType::Ordinal)
      n = wanted > 0 ? wanted : count > 0 ? count : 5;
    else if (scale.type_ == ScaleType::Quantile || scale.type_ == ScaleType::Quantize)
      n = wanted > 0 ? wanted : 5;
    n = std::min(n, 1e5);
    bool const ramp = scale.ramp_ != Ramp::None;
    if (continuous) {
      auto const name = config.scheme.is_array() && !config.interpolate.is_nullish() ? config.interpolate.to_string()
                                                                                     : std::string("rgb");
      double const gamma = config.scheme.is_array() && !config.interpolate_gamma.is_nullish()
                               ? config.interpolate_gamma.to_number()
                               : std::numeric_limits<double>::quiet_NaN();
      Interpolator scheme = piecewise(color_interpolation(name, gamma), colors);
      bool const flip = ramp && config.reverse.truthy();
      if (config.scheme_extent.is_array() || flip) {
        double a = config.scheme_extent.is_array() ? config.scheme_extent.at(0).to_number() : 0;
        double b = config.scheme_extent.is_array() ? config.scheme_extent.at(1).to_number() : 1;
        if (flip) std::swap(a, b);
        scheme = [scheme, a, b](double t) { return scheme(a + t * (b - a)); };
      }
      if (ramp) {
        scale.interpolator_ = scheme;
        return;
      }
      Array samples;
      for (double i = 1; i <= n; ++i) samples.push_back(scheme(i / (n + 1)));
      range = std::move(samples);
    } else if (scale.type_ == ScaleType::Ordinal || ramp) {
      range = std::move(colors);
    } else {
      if (static_cast<double>(colors.size()) > n) colors.resize(static_cast<std::size_t>(std::max(0.0, n)));
      range = std::move(colors);
    }
  }

  void range() {
    std::optional<Array> range = config.range;
    if (!config.range_step.is_nullish()) {
      if (scale.type_ != ScaleType::Band && scale.type_ != ScaleType::Point)
        fail("scale \"" + config.name + "\"", "only band and point scales support a range step");
      double const inner = scale.type_ == ScaleType::Point ? 1 : padding_of(config.padding_inner);
      range = Array{0, config.range_step.to_number() * band_space(count, inner, padding_of(config.padding_outer))};
    } else if (!config.scheme.is_nullish()) {
      scheme_range(range);
      if (scale.interpolator_) return;
    }
    bool const reverse = config.reverse.truthy();
    double const gamma = config.interpolate_gamma.is_nullish() ? std::numeric_limits<double>::quiet_NaN()
                                                               : config.interpolate_gamma.to_number();
    if (scale.ramp_ != Ramp::None) {
      if (!range) range = Array{"#000", "#fff"};
      scale.interpolator_ = piecewise(
          color_interpolation(config.interpolate.is_nullish() ? "rgb" : config.interpolate.to_string(), gamma),
          reversed(*range, reverse));
      return;
    }
    scale.round_ = config.round.truthy();
    scale.custom_interpolation_ = range && !config.interpolate.is_nullish();
    if (scale.custom_interpolation_)
      scale.factory_ = color_interpolation(config.interpolate.to_string(), gamma);
    else if (scale.round_)
      scale.factory_ = interpolate_round;
    if (range)
      scale.range_ = reversed(std::move(*range), reverse);
    else if (scale.continuous() || scale.type_ == ScaleType::Quantize)
      scale.range_ = {0, 1};
  }

  void finish() {
    if (scale.type_ == ScaleType::Band || scale.type_ == ScaleType::Point)
      scale.rebuild_bands();
    else if (scale.continuous())
      scale.rebuild_continuous();
    else if (scale.type_ == ScaleType::Quantile) {
      double const n = std::max<double>(1, static_cast<double>(scale.range_.size()));
      auto const& d = scale.domain_;
      for (double i = 1; i < n && !d.empty(); ++i) {
        double const at = (static_cast<double>(d.size()) - 1) * i / n;
        auto const low = static_cast<std::size_t>(std::floor(at));
        double const high = low + 1 < d.size() ? d[low + 1] : d[low];
        scale.thresholds_.push_back(d[low] + (high - d[low]) * (at - std::floor(at)));
      }
    } else if (scale.type_ == ScaleType::Quantize) {
      double const n = static_cast<double>(scale.range_.size()) - 1;
      if (scale.domain_.size() > 2) scale.domain_.resize(2);
      for (double i = 0; i < n && scale.domain_.size() > 1; ++i)
        scale.thresholds_.push_back(((i + 1) * scale.domain_[1] - (i - n) * scale.domain_[0]) / (n + 1));
    } else if (!scale.discrete()) {
      scale.thresholds_ = scale.domain_;
      if (scale.type_ == ScaleType::Threshold && scale.thresholds_.size() >= scale.range_.size())
        scale.thresholds_.resize(scale.range_.empty() ? 0 : scale.range_.size() - 1);
    }
  }
};

void Scale::rebuild_bands() {
  if (range_.size() >= 2) band_range_[0] = range_[0].to_number(), band_range_[1] = range_[1].to_number();
  double const n = static_cast<double>(values_.size());
  bool const reverse = band_range_[1] < band_range_[0];
  double start = band_range_[reverse ? 1 : 0];
  double const stop = band_range_[reverse ? 0 : 1], space = band_space(n, padding_inner_, padding_outer_);
  step_ = (stop - start) / (space != 0 ? space : 1);
  if (round_) step_ = std::floor(step_);
  start += (stop - start - step_ * (n - padding_inner_)) * align_;
  bandwidth_ = step_ * (1 - padding_inner_);
  if (round_) start = std::floor(start + 0.5), bandwidth_ = std::floor(bandwidth_ + 0.5);
  positions_.resize(values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i)
    positions_[reverse ? values_.size() - 1 - i : i] = start + step_ * static_cast<double>(i);
}

void Scale::rebuild_continuous() {
  auto const n = std::min(domain_.size(), range_.size());
  if (n < 2) return;
  numeric_range_ = !custom_interpolation_ && std::all_of(range_.begin(), range_.end(), [](Value const& v) {
    return v.is_number() || v.is_null() || v.is_boolean() || v.is_undefined();
  });
  // d3's polymap and bimap: ascending knots, outputs turned with them.
  std::vector<double> d(domain_.begin(), domain_.begin() + static_cast<std::ptrdiff_t>(n));
  Array r(range_.begin(), range_.begin() + static_cast<std::ptrdiff_t>(n));
  if (d.back() < d.front()) {
    std::reverse(d.begin(), d.end());
    std::reverse(r.begin(), r.end());
  }
  knots_.clear(), outputs_.clear(), pieces_.clear();
  for (double x : d) knots_.push_back(transform(x));
  if (numeric_range_)
    for (auto const& v : r) outputs_.push_back(v.to_number());
  else
    for (std::size_t i = 0; i + 1 < n; ++i) pieces_.push_back(factory_(r[i], r[i + 1]));
}

std::shared_ptr<Scale const> Scale::make(ScaleConfig const& config, std::function<void(std::string)> const& warn) {
  ScaleBuilder builder{config, warn, {}};
  builder.type();
  builder.domain();
  builder.bins();
  builder.range();
  builder.finish();
  return std::make_shared<Scale const>(std::move(builder.scale));
}

}  // namespace cml::vega
