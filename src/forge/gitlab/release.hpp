// Files as assets of one release: the bytes in the project's package registry, a link to each at the release.
#pragma once

#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "forge/gitlab/api.hpp"

namespace cml::gitlab {

// URLs in the order of the files. The release of the tag is made, from the default branch, when it is missing; a name
// that is linked is not sent again, as names are the content's.
Result<std::vector<std::string>> put_on_release(Api&, std::string const& web_url, std::string const& tag,
                                                std::vector<AssetFile> const&);

}  // namespace cml::gitlab
