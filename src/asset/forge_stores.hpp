// Destinations on the forge itself.
#pragma once

#include <memory>

#include "asset/store.hpp"

namespace cml {

// For "auto", "native", "branch[:NAME]", "release[:TAG]" and "attachment". Usage for other words, Unsupported for what
// the forge lacks.
Result<std::unique_ptr<AssetStore>> open_forge_store(StoreRequest const&);

}  // namespace cml
