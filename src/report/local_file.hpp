// Which local file a link of a report means.
#pragma once

#include <filesystem>
#include <string_view>

#include "workspace/door.hpp"

namespace cml {

// True for what can only be a local path: no scheme, no "//host", no bare fragment.
bool is_local_reference(std::string_view url);

// The file that `url` means from `folder`, where it really lies; an Error that says in a few words why it is not
// uploaded.
Result<std::filesystem::path> find_local_file(Door const&, std::filesystem::path const& folder, std::string_view url);

}  // namespace cml
