// The clouds' names, apart from the clouds: what only reads a machine's name needs no more of them.
#pragma once

#include <string_view>

namespace cml::cloud {

// As the rows of registry.cpp.
inline constexpr std::string_view kCloudNames[] = {"aws", "azure", "gcp", "kubernetes"};

}  // namespace cml::cloud
