// TopoJSON to GeoJSON: features of an object, or the mesh of its lines (topojson-client).
#pragma once

#include <string>

#include "vega/value/value.hpp"

namespace cml::vega {

// `format` names the object by `feature` or `mesh` (with `filter` "interior" or "exterior"). Fails (EngineError) when
// the topology has no such object or its arcs are broken.
Array topojson_features(Value const& topology, Value const& format, std::string const& path);

}  // namespace cml::vega
