// gzip, for what clouds limit in size.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml::cloud {

// As small as gzip can make it.
Result<std::string> packed(std::string_view bytes);

}  // namespace cml::cloud
