// The one place that decides which local file a link may bring to the forge.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ports/file_system.hpp"

namespace cml {

// True for what can only be a local path: no scheme, no "//host", no bare fragment.
bool is_local_reference(std::string_view url);

struct Workspace {
  std::filesystem::path root;  // Absolute, links resolved: nothing outside is ever uploaded.
};
Result<Workspace> open_workspace(FileSystem&, std::filesystem::path const& root);

struct LocalFile {
  std::filesystem::path path;  // Resolved.
};
// The file of this very name. Unauthorized when it is outside, Unsupported when it is git's own, NotFound and BadInput
// when it cannot be uploaded.
Result<LocalFile> find_named_file(FileSystem&, Workspace const&, std::filesystem::path const&);
// The file that `url` means from `folder`; an Error that says in a few words why it is not uploaded.
Result<LocalFile> find_local_file(FileSystem&, Workspace const&, std::filesystem::path const& folder,
                                  std::string_view url);

}  // namespace cml
