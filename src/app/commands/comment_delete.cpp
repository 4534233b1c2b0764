#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/result.hpp"
#include "app/session.hpp"
#include "report/post.hpp"

namespace cml {
namespace {

struct CommentDeleteOptions {
  std::string target = "auto";
  std::string watermark_title;
  bool strict = false;
};

Status dry_run(PostRequest const& request, Session& session, Context& context) {
  CML_TRY(thread, session.forge->comments(request.target, concerns_us));
  auto const own = own_comments(thread, request.mark->title);
  nlohmann::json urls = nlohmann::json::array();
  std::string text = "would delete " + std::to_string(own.size()) + (own.size() == 1 ? " comment" : " comments") +
                     " from " + describe(request.target) + " of " + session.forge->web_url() + "\n";
  for (OwnComment const& one : own) {
    urls.push_back(one.comment.url);
    text += one.comment.url + "\n";
  }
  if (!context.options.json) return context.console.out(text);
  return print_json(context, {{"dry_run", true},
                              {"target", describe(request.target)},
                              {"repository", session.forge->web_url()},
                              {"comments", urls}});
}

Status comment_delete(CommentDeleteOptions const& options, Context& context) {
  CML_TRY(wanted, parse_target(options.target));
  CML_TRY(session, open_session(context, wanted.of_this_run() ? Belongs::ToPullRequest : Belongs::ToRepository));
  tell_unreached(context, session);
  CML_TRY(target, resolve_target(context, session, wanted, ""));
  PostRequest request;
  request.target = target.target;
  request.mode = PostMode::Delete;
  request.mark->title = filled_title(context, session.ci, options.watermark_title);
  if (context.options.dry_run) return dry_run(request, session, context);
  Diagnostics diagnostics;
  auto const result = post_comment(*session.forge, request, context.clock, context.random, diagnostics);
  if (result)
    for (std::string const& text : result->not_done) diagnostics.missed("", text);
  say(context, diagnostics);
  if (!result) return Error(result.error()).while_doing("comments of " + describe(target.target));
  bool const nothing = result->action == PostResult::Action::Nothing;
  if (nothing) context.console.log(LogLevel::Info, "nothing to delete on " + describe(target.target));
  if (context.options.json)
    CML_CHECK_OK(print_json(context, {{"action", name_of(kPostActions, result->action)},
                                      {"target", describe(target.target)},
                                      {"warnings", in_json(diagnostics)}}));
  return complete(options.strict, diagnostics);
}

}  // namespace

Action declare_comment_delete(Flags& flags) {
  auto const options = std::make_shared<CommentDeleteOptions>();
  flags.text("--target", &options->target, "auto, pr, pr/N, commit, commit/SHA or issue/N (default auto)");
  flags.text("--watermark-title", &options->watermark_title, "The title under which they were posted");
  flags.boolean("--strict", &options->strict, "Exit with code 1 when a comment of cml's could not be deleted");
  return [options](Context& context) { return comment_delete(*options, context); };
}

}  // namespace cml
