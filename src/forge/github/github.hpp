// GitHub and GitHub Enterprise Server.
#pragma once

#include <memory>

#include "forge/registry.hpp"

namespace cml {

std::unique_ptr<Forge> make_github(ForgeSetup const&);

}  // namespace cml
