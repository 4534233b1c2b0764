// Images on a branch that holds only assets, by the Git data API: the one place that works with the token of GitHub
// Actions and that private repositories show in comments.
#pragma once

#include "forge/forge.hpp"
#include "forge/github/api.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"

namespace cml::github {

Result<std::vector<std::string>> put_on_branch(Api const&, Clock&, Random&, std::string const& web_url,
                                               std::string const& branch, std::vector<AssetFile> const& files);

}  // namespace cml::github
