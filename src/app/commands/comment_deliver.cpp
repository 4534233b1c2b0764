// cml comment deliver: posts what a job without a token has bundled. Whose pull request it is, this run alone says.
#include "app/commands/all.hpp"
#include "app/commands/comment_post.hpp"

#include <memory>

#include "base/text.hpp"
#include "report/bundle.hpp"
#include "report/dialect.hpp"
#include "report/harmless.hpp"

namespace cml {
namespace {

struct DeliverOptions {
  std::vector<std::string> folder;
  std::string target;
  std::optional<PostMode> mode;
  std::optional<Oversize> on_oversize;
  std::string watermark_title;
  bool publish = true;
  std::string publish_to;
  bool allow_mentions = false;
  bool step_summary = false;
  Fallback fallback = Fallback::Error;
  bool strict = false;
};

// Titles of a bundle are in a namespace of their own: no bundle changes a comment that another way has posted.
std::string delivered_title(std::string const& title) {
  return std::string(kDelivered) + (title.empty() ? "" : " " + title);
}

Result<CommentRequest> request_of(DeliverOptions const& options, Context& context, Bundle const& bundle) {
  CommentRequest request;
  CML_TRY(asked, parse_target(options.target.empty() ? bundle.target : options.target));
  request.target = asked;
  // A bundle may ask for the pull request or the commit of the run, and for no other.
  if (options.target.empty() && asked.kind == TargetRequest::Kind::Exact) request.target = {};
  request.mode = options.mode.value_or(bundle.mode);
  request.oversize = options.on_oversize.value_or(bundle.oversize);
  request.title = options.watermark_title.empty() ? delivered_title(bundle.title) : options.watermark_title;
  request.publish = options.publish;
  request.destination = asset_destination(context, options.publish_to, "", false);
  request.destination_named = !options.publish_to.empty();
  request.step_summary = options.step_summary;
  request.fallback = options.fallback;
  request.made.settings.strict = options.strict;
  return request;
}

// What the bundle says about its run only catches mix-ups with files of another run.
Status check_origin(Bundle const& bundle, CommentRequest const& request, std::string const& commit, bool in_ci,
                    ResolvedTarget const& target, Diagnostics& diagnostics) {
  bool const of_this_run = request.target.kind != TargetRequest::Kind::Exact;
  if (in_ci && of_this_run && !bundle.commit.empty() && !commit.empty() && bundle.commit != to_lower(commit))
    return Error{ErrorKind::BadInput, "the bundle is of commit " + bundle.commit.substr(0, 12) +
                                          ", and this run of commit " + commit.substr(0, 12) +
                                          "; nothing is posted (--target pr/NUMBER names where it belongs)"};
  auto const* pull = std::get_if<PullRequestTarget>(&target.target);
  auto const tell = [&](std::string const& asked) {
    diagnostics.warn(
        "", "the bundle asks for " + asked + "; it goes to " + describe(target.target) + " [" + target.why + "]");
  };
  auto const wanted = parse_target(bundle.target);
  bool const other = wanted && wanted->kind == TargetRequest::Kind::Exact && !(wanted->exact == target.target);
  if (other)
    tell(describe(wanted->exact));
  else if (bundle.pull_request && pull != nullptr && *bundle.pull_request != pull->number)
    tell("pull request " + std::to_string(*bundle.pull_request));
  return ok();
}

bool grows(PostMode mode) { return mode == PostMode::Append || mode == PostMode::Prepend; }

// The report's text as this forge may show it.
std::string harmless_report(Bundle const& bundle, DeliverOptions const& options, CommentRequest const& request,
                            Forge const& forge, Diagnostics& diagnostics) {
  HarmlessRules rules;
  for (AssetFile const& file : bundle.pictures) rules.pictures.insert(file.name);
  rules.mentions = options.allow_mentions;
  constexpr std::size_t kGrowth = 4096, kLongestAddress = 512;  // What addresses of pictures and marks add.
  std::size_t const longest = bundle.report.size() + kGrowth + kLongestAddress * bundle.pictures.size();
  Capabilities const& can = forge.capabilities();
  // Who shows no HTML reads Markdown in other ways, too.
  rules.also_in_code = grows(request.mode) || longest > can.comment_limit || !can.html;
  // Where HTML becomes Markdown, it does so before it is looked at.
  return made_harmless(in_dialect(bundle.report, can, forge.name(), diagnostics), rules, diagnostics);
}

Status comment_deliver(DeliverOptions const& options, Context& context) {
  std::string const& folder = options.folder.front();
  CML_TRY(door, open_door(context));
  CML_TRY(bundle, read_bundle(door, folder));
  CML_TRY(request, request_of(options, context, bundle));
  if (trim(bundle.report).empty() && request.mode != PostMode::Delete)
    return Error{ErrorKind::BadInput, "the report of bundle " + clean_line(folder, 200) + " is empty"};
  CML_TRY(session,
          open_session(context, request.target.of_this_run() ? Belongs::ToPullRequest : Belongs::ToRepository));
  tell_unreached(context, session);
  Diagnostics diagnostics;
  Publication publication;
  if (request.mode != PostMode::Delete) {
    std::string const text = harmless_report(bundle, options, request, *session.forge, diagnostics);
    PublishRequest asked;
    asked.markdown = text;
    asked.name = "the bundle's report";
    asked.given = &bundle.pictures;
    publication = Publication::prepare(asked, diagnostics);
    if (!request.publish) publication = Publication(publication.markdown_without_files());
  }
  if (!publication.files().empty() && needs_forge(request.destination)) session.forge->expect_files();
  CML_TRY(target, resolve_target(context, session, request.target, ""));
  CML_CHECK_OK(
      check_origin(bundle, request, commit_of_run(context, session.ci, ""), session.ci.in_ci, target, diagnostics));
  return post_publication(request, context, session, target, publication, diagnostics);
}

}  // namespace

Action declare_comment_deliver(Flags& flags) {
  auto const options = std::make_shared<DeliverOptions>();
  flags.positional("DIR", &options->folder, 1, 1, "the folder that cml comment create --bundle has written");
  flags.text("--target", &options->target,
             "auto, pr, pr/N, commit, commit/SHA or issue/N (default: the pull request or commit of this run)");
  flags.choice("--mode", &options->mode, kPostModes,
               "What becomes of older comments with the same title (default: as the bundle asks)");
  flags.text("--watermark-title", &options->watermark_title,
             "Title instead of \"delivered\" and the bundle's; {workflow} and {run} are filled in");
  flags.choice("--on-oversize", &options->on_oversize, kOversizes,
               "For a report longer than the forge takes (default: as the bundle asks)");
  flags.boolean("--publish", &options->publish, "Publish the bundle's pictures (default true)");
  flags.text("--publish-to", &options->publish_to, "Where pictures go, as in cml comment create (default auto)")
      .takes("PLACE");
  flags.boolean("--allow-mentions", &options->allow_mentions, "Let the report mention people and refer to issues");
  flags.boolean("--step-summary", &options->step_summary, "Write the report to the job's summary page, too");
  flags.choice("--fallback", &options->fallback, kFallbacks,
               "When the token may not comment: fail, write the job's summary page, or do nothing (default error)");
  flags.boolean("--strict", &options->strict, "Exit with code 1 when something of the report is not shown");
  return [options](Context& context) { return comment_deliver(*options, context); };
}

}  // namespace cml
