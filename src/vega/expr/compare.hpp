// Comparing: ==, ===, <, in and their kind.
#pragma once

#include "vega/expr/program.hpp"

namespace cml::vega {

NodePtr make_compare(Operator op, NodePtr left, NodePtr right);

}  // namespace cml::vega
