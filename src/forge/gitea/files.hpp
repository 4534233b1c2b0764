// Files as assets of one release, and as attachments of a pull request or an issue.
#pragma once

#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "forge/gitea/api.hpp"

namespace cml::gitea {

// URLs in the order of the files. What is there under its content's name is not sent again. The release of the tag is
// made, from the default branch, when it is missing.
Result<std::vector<std::string>> put_on_release(Api const&, std::string const& tag, std::vector<AssetFile> const&);
// `thread` is the path of the pull request or issue, "/issues/7". The server shows the files below its first post, too.
Result<std::vector<std::string>> attach(Api const&, std::string const& thread, std::vector<AssetFile> const&);

}  // namespace cml::gitea
