// Compiled expressions, kept from picture to picture: most belong to axes and legends and are the same in all of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vega/expr/expression.hpp"

namespace cml::vega {

// The path is part of what is kept, as errors name it. The cache is the thread's own: an expression holds values.
std::shared_ptr<Expression const> compiled_expression(std::string_view text, std::string const& path);

}  // namespace cml::vega
