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

// Lets git itself, in later steps of the job, log in at the forge's host: a credential helper in the clone's own
// configuration that takes the token from the environment when git asks. No token is written. Does nothing where the
// environment holds none, where another login is configured, and where the remote is not the forge's by https.
Status lend_login_to_clone(Context&, ForgeChoice const&, std::string const& remote, Git const&);

}  // namespace cml
