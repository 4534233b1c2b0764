// Lends git the forge's token for calls to a remote.
#pragma once

#include <string>

#include "app/context.hpp"
#include "forge/registry.hpp"
#include "git/git.hpp"

namespace cml {

// git's own word for the clone it stands in: the local forge's branches are there.
constexpr char const* kThisClone = ".";

// `remote`: a name or an address. Only an https remote (or http on this machine) at the forge's own host gets the
// token; SSH has keys of its own. Usage when there is no such remote, or it would show the token to the network.
Status give_git_login(Context&, ForgeChoice const&, std::string const& remote, Git&);

}  // namespace cml
