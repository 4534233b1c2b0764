// GitLab.com and self-managed GitLab, also below a sub-path.
#pragma once

#include <memory>

#include "forge/registry.hpp"

namespace cml {

std::unique_ptr<Forge> make_gitlab(ForgeSetup const&);

}  // namespace cml
