// Bitbucket Cloud, API 2.0.
#pragma once

#include <memory>

#include "forge/registry.hpp"

namespace cml {

std::unique_ptr<Forge> make_bitbucket(ForgeSetup const&);

}  // namespace cml
