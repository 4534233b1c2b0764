// The boot script as EC2 takes it.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cml::cloud::aws {

// As it is, or packed by gzip where it would be too long: cloud-init unpacks it. BadInput when it is too long even so.
Result<std::string> user_data(std::string const& script, std::size_t limit);

}  // namespace cml::cloud::aws
