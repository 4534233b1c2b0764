#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/git_login.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "git/git.hpp"

namespace cml {
namespace {

using nlohmann::json;

struct RepoPrepareOptions {
  long long fetch_depth = -1;  // Below zero: nothing is fetched.
  bool unshallow = false;
  std::string user_email = "olivaw@iterative.ai", user_name = "Olivaw[bot]", remote = "origin";
};

// Sets the clone's own identity and history. The token is not written into the remote's address: git asks for it when
// it pushes.
Status repo_prepare(RepoPrepareOptions const& options, Context& context) {
  CML_TRY(clone, required_clone(context));
  Git git = git_of_run(context);
  bool const unshallow = options.unshallow || options.fetch_depth == 0;
  json const result{{"dry_run", context.options.dry_run},
                    {"clone", clone.top.string()},
                    {"user_name", options.user_name},
                    {"user_email", options.user_email},
                    {"fetched", unshallow                 ? json("all")
                                : options.fetch_depth > 0 ? json(options.fetch_depth)
                                                          : json("nothing")}};
  if (context.options.dry_run) {
    if (context.options.json) return print_json(context, result);
    return context.console.out("would set the identity " + options.user_name + " <" + options.user_email + "> in " +
                               clone.top.string() + (unshallow ? " and fetch its whole history\n" : "\n"));
  }
  CML_CHECK_OK(git.set_config("user.name", options.user_name));
  CML_CHECK_OK(git.set_config("user.email", options.user_email));
  context.console.log(LogLevel::Info, "commits in " + clone.top.string() + " are made by " + options.user_name + " <" +
                                          options.user_email + ">");
  // A private repository asks for the token; without one, git's own credentials have to do.
  auto const session = open_session(context);
  bool const logs_in = session && session->choice.type->git_login != nullptr;
  if (logs_in) CML_CHECK_OK(lend_login_to_clone(context, session->choice, options.remote, git));
  if (unshallow || options.fetch_depth > 0) {
    if (logs_in) CML_CHECK_OK(give_git_login(context, session->choice, options.remote, git));
    CML_CHECK_OK(git.fetch_all(options.remote, unshallow ? 0 : options.fetch_depth));
  }
  return context.options.json ? print_json(context, result) : ok();
}

}  // namespace

Action declare_repo_prepare(Flags& flags) {
  auto const options = std::make_shared<RepoPrepareOptions>();
  flags.integer("--fetch-depth", &options->fetch_depth, "Fetch all branches and tags with this many commits; 0: all");
  flags.boolean("--unshallow", &options->unshallow, "Fetch the whole history of all branches and tags");
  flags.text("--user-email", &options->user_email, "E-mail of commits made in this clone");
  flags.text("--user-name", &options->user_name, "Name of commits made in this clone");
  flags.text("--remote", &options->remote, "The remote to fetch from (default origin)");
  return [options](Context& context) { return repo_prepare(*options, context); };
}

}  // namespace cml
