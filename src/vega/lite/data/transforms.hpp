// Table of the transforms that a row describes wholly; the others (filter, bin, timeUnit, aggregate, stack,
// lookup) are parsed in parse.cpp because they look at the view around them.
#pragma once

#include <span>

#include "vega/lite/data/node.hpp"

namespace cml::vega::lite {

extern TransformType const kCalculate, kDensity, kExtent, kFlatten, kFold, kImpute, kJoinAggregate, kLoess, kLookup,
    kPivot, kQuantile, kRegression, kSample, kWindow;

// Helpers of the rows.
inline Value keep(Value spec) { return spec; }
inline Strings texts(Value const& list) {
  Strings out;
  for (auto const& item : as_array(list)) add_unique(out, item.to_string());
  return out;
}
inline Strings with_groupby(Strings fields, Value const& spec) {
  for (auto const& f : as_array(spec["groupby"])) add_unique(fields, f.to_string());
  return fields;
}
// Fills `as` with two names where the user gave none.
inline Value with_two_names(Value spec, Value const& first, Value const& second) {
  auto const as = spec["as"];
  spec.set("as", Value::array({nullish_or(as.at(0), first), nullish_or(as.at(1), second)}));
  return spec;
}

}  // namespace cml::vega::lite
