#include "app/commands/comment_post.hpp"

#include "app/result.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

bool is_set(std::string const& optional) { return !optional.empty() && parse_boolean(optional) != false; }

Result<TargetRequest> target_of(CommentOptions const& options, Context& context) {
  auto const deprecated = [&](std::string const& text) {
    context.console.log(LogLevel::Warn, "Deprecation warning: " + text);
  };
  bool const pr = is_set(options.pr);
  if ((pr || !options.commit_sha.empty()) && !equals_ignoring_case(options.target, "auto"))
    return Error{ErrorKind::Usage,
                 std::string(pr ? "--pr" : "--commit-sha") + " and --target exclude each other; use --target alone"};
  if (pr) {
    if (auto const number = parse_integer(options.pr); number && *number > 1) {
      deprecated("use --target=pr/" + options.pr + " instead of --pr=" + options.pr);
      return parse_target("pr/" + options.pr);
    }
    deprecated("use --target=pr instead of --pr");
    return parse_target("pr");
  }
  if (!options.commit_sha.empty()) {
    deprecated("use --target=\"commit/<sha>\" instead of --commit-sha=<sha>");
    return parse_target("commit/" + options.commit_sha);
  }
  return parse_target(options.target);
}

Status post_report(CommentOptions const& options, Context& context) {
  CML_TRY(request, request_of(options, context));
  if (request.made.log_level) context.console.set_level(*request.made.log_level);
  auto posted = is_set(options.watch) ? post_and_watch(std::move(request), options.trigger_file, context)
                                      : post_once(std::move(request), context, context.files);
  if (posted || options.fail) return posted;
  context.console.log(LogLevel::Warn, posted.error().message);
  return context.options.json && !context.printed_json ? context.console.out(error_in_json(posted.error(), 0)) : ok();
}

}  // namespace

Result<CommentRequest> request_of(CommentOptions const& options, Context& context) {
  if (options.rm_watermark && !options.watermark_title.empty())
    return Error{ErrorKind::Usage, "--rm-watermark and --watermark-title exclude each other; leave one of them out"};
  if (!options.bundle.empty() && options.rm_watermark)
    return Error{ErrorKind::Usage, "--bundle needs the watermark; leave --rm-watermark out"};
  if (!options.bundle.empty() && is_set(options.watch))
    return Error{ErrorKind::Usage, "--bundle and --watch exclude each other; leave one of them out"};
  CommentRequest request;
  CML_TRY(target, target_of(options, context));
  request.target = target;
  request.target_named =
      !equals_ignoring_case(options.target, "auto") || is_set(options.pr) || !options.commit_sha.empty();
  request.title_named = options.rm_watermark || !options.watermark_title.empty();
  request.report = options.report;
  request.made = *options.made;
  request.workspace = options.workspace;
  request.commit = options.commit_sha;
  request.finds_pull_of_commit = is_set(options.pr) && !options.commit_sha.empty();
  request.mode = options.mode                                ? *options.mode
                 : options.update || options.updates_by_name ? PostMode::Update
                                                             : PostMode::New;
  request.oversize = options.on_oversize;
  if (!options.rm_watermark) request.title = options.watermark_title;
  request.delete_if_empty = options.delete_if_empty;
  request.publish = options.publish;
  request.destination = asset_destination(context, options.publish_to, options.publish_url, options.native);
  request.destination_named = !options.publish_to.empty();
  request.step_summary = options.step_summary;
  request.fallback = options.fallback;
  request.bundle = options.bundle;
  return request;
}

Action declare_comment(Flags& flags, bool update) {
  auto const options = std::make_shared<CommentOptions>();
  options->updates_by_name = update;
  flags.positional("REPORT", &options->report, 0, 1,
                   "a Markdown file, or - for the standard input; not needed when the options below say what to show");
  flags.text("--target", &options->target, "auto, pr, pr/N, commit, commit/SHA or issue/N (default auto)");
  flags.boolean("--publish", &options->publish, "Publish the local files that the report shows (default true)");
  flags
      .text("--publish-to", &options->publish_to,
            "Where files go: auto, native, branch, branch:NAME, release, attachment, s3://BUCKET/PREFIX, "
            "https://SERVER, dir:PATH")
      .takes("PLACE");
  flags.text("--publish-url", &options->publish_url, "An asset server that speaks CML's upload protocol");
  flags.boolean("--publish-native,--native", &options->native, "Use the forge's own storage, as auto does");
  flags.choice("--mode", &options->mode, kPostModes, "What becomes of older comments with the same title");
  flags.text("--watermark-title", &options->watermark_title,
             "Tells several comments of one thread apart; {workflow} and {run} are filled in");
  flags.boolean("--rm-watermark", &options->rm_watermark, "Leave the watermark out; the comment cannot be updated then")
      .hide();
  flags.choice("--on-oversize", &options->on_oversize, kOversizes,
               "For a report longer than the forge takes (default truncate)");
  flags.boolean("--delete-if-empty", &options->delete_if_empty, "Delete the comment when the report is empty");
  flags.boolean("--step-summary", &options->step_summary, "Write the report to the job's summary page, too");
  flags.choice("--fallback", &options->fallback, kFallbacks,
               "When the token may not comment: fail, write the job's summary page, or do nothing (default error)");
  flags
      .text("--bundle", &options->bundle,
            "Write the report into this new folder instead, for cml comment deliver in a job that has a token")
      .takes("DIR");
  flags.boolean("--fail", &options->fail, "Errors fail the job (default true); --no-fail makes them warnings");
  flags.optional_text("--watch", &options->watch,
                      "Post at once, then again after every change of the report or its files");
  flags
      .text("--trigger-file", &options->trigger_file,
            "With --watch: post when this file appears or changes; it is then removed")
      .hide();
  declare_report_options(flags, options->made);
  flags.text("--workspace", &options->workspace, "Only files below this folder are published (default: the git clone)");
  flags.optional_text("--pr", &options->pr, "Deprecated: use --target pr").hide();
  flags.text("--commit-sha,--head-sha", &options->commit_sha, "Deprecated: use --target commit/SHA").hide();
  flags.boolean("--update", &options->update, "Deprecated: use cml comment update").hide();
  flags.hint("--body-file", "the report is the argument itself: cml comment create report.md");
  flags.hint("--file", "the report is the argument itself: cml comment create report.md");
  flags.hint("--issue", "use --target issue/NUMBER");
  flags.hint("--target-pull-request", "use --target pr/NUMBER");
  for (char const* name : {"--label", "--comment-tag", "--watermark-label", "--tag", "--id"})
    flags.hint(name, "use --watermark-title");
  flags.hint("--reuse", "use cml comment update");
  flags.hint("--watermark", "use --rm-watermark, or --watermark-title TITLE");
  flags.hint("--verbose", "use --log debug");
  return [options](Context& context) { return post_report(*options, context); };
}

}  // namespace cml
