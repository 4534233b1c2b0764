// Images on a branch of a Gitea repository, by the contents API: all files of a call in one commit.
#pragma once

#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "forge/gitea/api.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"

namespace cml::gitea {

// URLs in the order of the files. Files that the branch's index.txt lists are not sent again; a lost race is repeated.
Result<std::vector<std::string>> put_on_branch(Api const&, Clock&, Random&, std::string const& web_url,
                                               std::string const& branch, std::vector<AssetFile> const&);

}  // namespace cml::gitea
