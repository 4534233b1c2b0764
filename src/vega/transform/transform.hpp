// Data transforms: pure functions from table and parameters to table. One file each, one row in registry.cpp.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostics.hpp"
#include "vega/expr/scope.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {

struct TransformContext {
  Scope& scope;
  std::string path;  // JSON path of the transform, for messages.
  Diagnostics& diagnostics;
  Value signal;  // Set by a transform that also yields a value (extent, bin, ...): published when `signal` names one.
};

struct TransformType {
  std::string_view name;
  // Parameters the transform knows; others are warned about.
  std::span<std::string_view const> parameters;
  // `parameters` is the transform's JSON object; use the readers of parameters.hpp, which resolve {signal}, {expr},
  // {field}.
  TableRef (*apply)(TableRef input, Value const& parameters, TransformContext& context);
};

std::span<TransformType const* const> all_transforms();
TransformType const* find_transform(std::string_view name);  // Null when unknown.

// Runs one transform of a spec: looks it up, warns of unknown parameters, fails naming an unknown type.
TableRef apply_transform(TableRef input, Value const& transform, TransformContext& context);

}  // namespace cml::vega
