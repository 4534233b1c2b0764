#pragma once

#include <algorithm>
#include <filesystem>

namespace cml {

// By their parts; both absolute and normal.
inline bool is_at_or_below(std::filesystem::path const& root, std::filesystem::path const& path) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

}  // namespace cml
