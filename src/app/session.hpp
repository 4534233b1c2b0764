// The forge that a command talks to, found from options, CI and git.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/context.hpp"
#include "forge/registry.hpp"
#include "forge/target.hpp"

namespace cml {

struct Session {
  CiRun ci;
  ForgeChoice choice;
  std::unique_ptr<Forge> forge;
};

// Runners may belong to an owner (an organisation, a workspace); everything else to a repository.
enum class Belongs { ToRepository, ToOwnerToo };
Result<Session> open_session(Context&, Belongs = Belongs::ToRepository);

// The commit of this run: given, from the CI, or git's HEAD. Empty when there is none; names and short ones are
// resolved by git.
std::string commit_of_run(Context&, CiRun const&, std::string const& given);
// The folder that files may be published from: given, git's top level around the current folder, or the current folder.
std::filesystem::path workspace_of(Context&, std::string const& given);

struct ResolvedTarget {
  CommentTarget target = PullRequestTarget{};
  std::string why;  // For --dry-run: how it was found.
};
// Asks the forge for the commit's pull request only when nothing nearer knows it, and never in a dry run.
Result<ResolvedTarget> resolve_target(Context&, Session&, TargetRequest const&, std::string const& given_sha);

}  // namespace cml
