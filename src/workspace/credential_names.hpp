// Names of files that hold credentials. A pull request may ask for any file of the workspace; those of these names that
// git does not track were put there by the job (a cloud login, a package manager's token) and are not for a comment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cml {

// `path` is relative to the workspace; the case of letters does not matter.
bool may_hold_credentials(std::filesystem::path const& path);
// Whether one of --allow-file's globs means it, by its whole path or by its name.
bool is_allowed_name(std::vector<std::string> const& globs, std::filesystem::path const& path);

}  // namespace cml
