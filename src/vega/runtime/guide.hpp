// What the guide builders share (vega-parser guides/guide-util and encode/util).
#pragma once

#include <string>
#include <string_view>

#include "vega/runtime/group_scope.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

// A property of a guide: its own, else the configuration's, else the fallback; null counts as absent.
class GuideLookup {
 public:
  GuideLookup(Value const& spec, Value const& config) : spec_(spec), config_(config) {}
  Value operator()(std::string_view name, Value fallback = nullptr) const {
    if (!spec_[name].is_nullish()) return spec_[name];
    return config_[name].is_nullish() ? fallback : config_[name];
  }
  bool vertical(bool symbols) const {
    Value v = spec_["direction"];
    if (v.is_nullish())
      v = config_["direction"].truthy() ? config_["direction"]
                                        : config_[symbols ? "symbolDirection" : "gradientDirection"];
    return v.string_or("") == "vertical";
  }
  Value const& spec() const { return spec_; }
  Value const& config() const { return config_; }

 private:
  Value spec_, config_;
};

inline Value constant(Value v) { return Value::object({{"value", std::move(v)}}); }
inline Value signal_ref(std::string const& expression) { return Value::object({{"signal", Value(expression)}}); }
inline bool is_signal(Value const& v) { return v.is_object() && v["signal"].truthy(); }
// An encoder object of a value: objects are encoders already.
inline Value encoder(Value const& v) { return v.is_object() ? v : constant(v); }
// A JavaScript literal of a value, or the expression of a signal.
std::string to_expression(Value const& v);
// A property that may be a signal, or an array or object with signals in it (vega-parser's objectProperty).
Value resolve_members(Value const& v, GroupScope& scope, std::string const& path);
// vega-parser's stringValue.
std::string literal(Value const& v);

// Collects encoders into enter and update sets: objects go to update, plain values to `set`.
class GuideEncode {
 public:
  Value enter{Object()}, update{Object()};
  void add(std::string_view name, Value const& value, bool to_update = false);
  Value finish(Value const& user) const;  // With the user's encode block merged over it.
};
// Merges the sets of a user's encode block ("enter", "update", ...) over an encode object.
Value extend_encode(Value encode, Value const& user);
// A guide's mark with the user's block applied: name, style, encode.
Value guide_mark(Value mark, Value const& user);

// Labels of scale values (vega-scale labels and ticks).
struct LabelFormat {
  Value specifier, type;  // "number", "time", "utc" or undefined.
};
std::vector<Value> axis_labels(Scale const& scale, Array const& values, Value const& count, LabelFormat const& format,
                               bool given_values, View& view);
// "values from 0 to 100", "3 values: a, b, c": a scale's domain in words (vega-scale domainCaption).
std::string domain_caption(Scale const& scale, LabelFormat const& format, View& view);
enum class LegendKind { Symbol, Gradient, Discrete };
std::vector<Value> legend_labels(Scale const& scale, Array const& values, Value const& upper_end, Value const& count,
                                 LegendKind kind, LabelFormat const& format, bool given_values, View& view);

}  // namespace cml::vega
