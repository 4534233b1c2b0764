// The forge that a command talks to, found from options, CI and git.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/context.hpp"
#include "forge/registry.hpp"
#include "forge/target.hpp"
#include "git/git.hpp"
#include "workspace/clone.hpp"
#include "workspace/door.hpp"

namespace cml {

struct Session {
  CiRun ci;
  ForgeChoice choice;
  std::unique_ptr<Forge> forge;
  // The clone's remote, where there was neither a CI nor a token to reach it with, so that the forge is the local one.
  std::string unreached;
};

// Runners may belong to an owner (an organisation, a workspace); a comment to the repository that the run's pull
// request goes to, which in a fork's own pipeline is another one; everything else to the repository.
enum class Belongs { ToRepository, ToOwnerToo, ToPullRequest };
Result<Session> open_session(Context&, Belongs = Belongs::ToRepository);
// Says that what is done reaches the local forge alone, where the clone's remote suggests another.
void tell_unreached(Context&, Session const&);
// A title with {workflow} and {run} filled in, with a line where the run has none.
std::string filled_title(Context&, CiRun const&, std::string const& title);

// The commit of this run: given, from the CI, or git's HEAD. Empty when there is none; names and short ones are
// resolved by git.
std::string commit_of_run(Context&, CiRun const&, std::string const& given);
// The clone around the current folder. NotFound: none; Unauthorized: one that is not believed (workspace/clone.hpp).
Result<Clone> clone_of_run(Context&);
// The same for commands that do nothing without one: Usage when there is none.
Result<Clone> required_clone(Context&);
// git in the current folder; without a clone that is believed every command fails with the reason.
Git git_of_run(Context&);
Git git_at_top(Context&, Clone const&);
// Fills in what git says of files below the rules' root; git is asked only when it matters.
void let_git_answer(Context&, DoorRules&);
// The door to the files of this run: below `given`, else the CI's workspace, else the clone, else the current folder.
// Unauthorized when the clone is not believed.
Result<Door> open_door(Context&, std::string const& given = "");

struct ResolvedTarget {
  CommentTarget target = PullRequestTarget{};
  std::string why;  // For --dry-run: how it was found.
};
// Asks the forge for the commit's pull request only when nothing nearer knows it.
Result<ResolvedTarget> resolve_target(Context&, Session&, TargetRequest const&, std::string const& given_sha);

}  // namespace cml
