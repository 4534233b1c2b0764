// Searching a list that is the same on every row: {"oneOf": [...]} becomes indexof([...], datum.x) !== -1, which would
// compare each row with every item. The list is made into an index once, and each row looks itself up.
#pragma once

#include "vega/expr/program.hpp"

namespace cml::vega {

// indexof(list, wanted) where `list` is a constant or a signal; what is no list goes to the function itself.
NodePtr make_index_of(FunctionType const& type, NodePtr list, NodePtr wanted);

}  // namespace cml::vega
