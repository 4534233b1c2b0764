// Data as a specification gives it: bytes in a named format, or inline values, to a Table. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.hpp"
#include "vega/value/table.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

// `format` is Vega's format object (type, parse, property, delimiter, feature, mesh, header) or undefined: then the
// type follows from the URL's extension, JSON without one. Fails (EngineError) with `path` when the bytes are no such
// data.
TableRef parse_data(std::string_view bytes, Value const& format, std::string_view url, std::string const& path,
                    Diagnostics& diagnostics);

// What parse_data does last: columns converted as `types`, a format's `parse`, says.
TableRef apply_types(TableRef table, Value const& types, std::string const& path);

// Inline `values`: a Table, an array, an object (with format.property or TopoJSON) or text in the format.
TableRef ingest_values(Value const& values, Value const& format, std::string const& path, Diagnostics& diagnostics);

}  // namespace cml::vega
