// The forge in a folder: JSON per comment, assets by content, and an HTML page as a forge would show it.
#pragma once

#include <memory>

#include "forge/registry.hpp"

namespace cml {

std::unique_ptr<Forge> make_local(ForgeSetup const&);

}  // namespace cml
