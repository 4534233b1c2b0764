#include "app/commands/all.hpp"

#include <memory>

#include "app/session.hpp"
#include "report/post.hpp"

namespace cml {
namespace {

struct CommentDeleteOptions {
  std::string target = "auto";
  std::string watermark_title;
};

Status comment_delete(CommentDeleteOptions const& options, Context& context) {
  CML_TRY(wanted, parse_target(options.target));
  CML_TRY(session, open_session(context));
  CML_TRY(target, resolve_target(context, session, wanted, ""));
  PostRequest request;
  request.target = target.target;
  request.mode = PostMode::Delete;
  request.mark.title = fill_title(options.watermark_title, session.ci.workflow, session.ci.run);
  if (context.options.dry_run)
    return context.console.out("would delete cml's comments from " + describe(target.target) + " of " +
                               session.forge->web_url() + "\n");
  Diagnostics diagnostics;
  CML_TRY(result, post_comment(*session.forge, request, diagnostics));
  if (result.action == PostResult::Action::Nothing)
    context.console.log(LogLevel::Info, "nothing to delete on " + describe(target.target));
  return ok();
}

}  // namespace

Action declare_comment_delete(Flags& flags) {
  auto const options = std::make_shared<CommentDeleteOptions>();
  flags.text("--target", &options->target, "auto, pr, pr/N, commit, commit/SHA or issue/N (default auto)");
  flags.text("--watermark-title", &options->watermark_title, "The title under which they were posted");
  return [options](Context& context) { return comment_delete(*options, context); };
}

}  // namespace cml
