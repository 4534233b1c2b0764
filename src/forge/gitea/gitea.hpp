// Gitea and Forgejo, API v1, also below a sub-path.
#pragma once

#include <memory>

#include "forge/registry.hpp"

namespace cml {

std::unique_ptr<Forge> make_gitea(ForgeSetup const&);

}  // namespace cml
