// Contents that git has only a note of: objects of Git LFS and of DVC's cache, as far as they are on this machine. What
// is found counts only when its hash is the one noted, for anybody may write into a cache.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/dvc_outs.hpp"
#include "workspace/door.hpp"

namespace cml::report {

// The SHA-256 that a file of Git LFS stands for; nothing when `bytes` are no such pointer.
std::optional<std::string> lfs_pointer(std::string_view bytes);
// BadInput says what to run.
Result<std::string> lfs_object(Door const&, std::string const& sha256, std::uintmax_t max_bytes);

// From .dvc/cache above `path`, which counts from `folder`, and from the folders of --dvc-cache. BadInput says what to
// run.
Result<std::string> dvc_object(Door const&, std::filesystem::path const& folder, std::string const& path,
                               metrics::DvcNote const&, std::uintmax_t max_bytes);

// The files of a folder that DVC keeps, or of one in it, as paths that begin with `path`. Nothing when the note is of a
// file.
Result<std::optional<std::vector<std::string>>> dvc_folder(Door const&, std::filesystem::path const& folder,
                                                           std::string const& path, metrics::DvcNote const&,
                                                           std::uintmax_t max_bytes);

}  // namespace cml::report
