// Files as assets of one release, and as attachments of comments.
#pragma once

#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "forge/github/api.hpp"

namespace cml::github {

// URLs in the order of the files. The release of the tag is made when it is missing; a name that is there is not sent
// again, as names are the content's.
Result<std::vector<std::string>> put_on_release(Api const&, std::string const& web_url, std::string const& tag,
                                                std::vector<AssetFile> const&);

// github.com's own attachments, as its web page makes them: personal tokens with write access only, pictures up to 10
// MiB. The forge has no documented operation for them.
Result<std::vector<std::string>> upload_attachments(Api const&, std::string const& repository_id,
                                                    std::vector<AssetFile> const&);
bool is_attachable(AssetFile const&);
// "https://github.com", where their addresses start; empty where the server has none.
std::string attachment_origin(Api const&);

}  // namespace cml::github
