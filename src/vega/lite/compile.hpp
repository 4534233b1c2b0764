// The face of the Vega-Lite compiler: a Vega-Lite specification becomes the Vega specification that means the
// same.
#pragma once

#include "base/diagnostics.hpp"
#include "base/result.hpp"
#include "vega/value/value.hpp"

namespace cml::vega::lite {

struct CompileOptions {
  Value config;  // Merged below the specification's own `config`.
};

// By $schema, else by shape: a list of `marks` is Vega; mark, layer, facet, concat, repeat or spec is
// Vega-Lite.
bool is_vega_lite(Value const& spec);

// Inline data (tables) pass through untouched. Recoverable trouble becomes warnings with JSON paths.
Result<Value> compile(Value const& vega_lite_spec, CompileOptions const& options, Diagnostics& diagnostics);

}  // namespace cml::vega::lite
