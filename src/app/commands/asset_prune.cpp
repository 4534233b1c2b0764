#include <memory>

#include "app/commands/all.hpp"
#include "app/git_login.hpp"
#include "app/session.hpp"
#include "asset/prune.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

struct AssetPruneOptions {
  std::string older_than, branch = "cml-assets", remote = "origin";
};

Status asset_prune(AssetPruneOptions const& options, Context& context) {
  auto const age = parse_age(options.older_than);
  if (!age)
    return Error{ErrorKind::Usage,
                 options.older_than.empty()
                     ? std::string("how old? give --older-than, e.g. 90d")
                     : "--older-than is not an age: " + one_line(options.older_than, 40) + "; write 12h, 90d or 4w"};
  CML_TRY(clone, required_clone(context));
  CML_TRY(session, open_session(context));
  Git git = git_at_top(context, clone);
  CML_CHECK_OK(give_git_login(context, session.choice, options.remote, git));
  PruneRequest request;
  request.remote = options.remote;
  request.branch = options.branch;
  request.before = context.clock.now() - *age;
  request.dry_run = context.options.dry_run;
  CML_TRY(result, prune_branch(git, context.files, request));
  std::string const facts = std::to_string(result.removed) + (result.removed == 1 ? " file" : " files") +
                            " stored more than " + options.older_than + " ago, " + std::to_string(result.kept) +
                            " kept on " + options.branch;
  if (context.options.json)
    return context.console.out("{\"removed\":" + std::to_string(result.removed) +
                               ",\"kept\":" + std::to_string(result.kept) + "}\n");
  return context.console.out((context.options.dry_run ? "would remove " : "removed ") + facts + "\n");
}

}  // namespace

Action declare_asset_prune(Flags& flags) {
  auto const options = std::make_shared<AssetPruneOptions>();
  flags.text("--older-than", &options->older_than, "Remove files stored longer ago: 12h, 90d, 4w");
  flags.text("--branch", &options->branch, "The asset branch (default cml-assets)");
  flags.text("--remote", &options->remote, "Remote it is on, by name or address (default origin)");
  return [options](Context& context) { return asset_prune(*options, context); };
}

}  // namespace cml
