#include "app/commands/comment_post.hpp"

#include "app/result.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/dialect.hpp"

namespace cml {
namespace {

// Where the whole report goes when the comment holds a part of it.
Result<std::string> store_whole(CommentRequest const& request, Context& context, Session& session,
                                CommentTarget const& target, std::string const& whole) {
  CML_TRY(store, open_asset_store(context, request.destination, session.forge.get(), true, target));
  CML_TRY(urls, store->put({AssetFile{"report.md", "text/markdown", whole, sha256_hex(whole)}}));
  if (urls.at(0).empty())
    return Error{ErrorKind::Unsupported, "the whole report cannot be stored there; use another --publish-to"};
  return urls[0];
}

// What the forge made of it is told whatever comes after; then what was not done counts.
Status finish(CommentRequest const& request, Context& context, PostResult const& posted, CommentTarget const& target,
              std::size_t files, Diagnostics& diagnostics) {
  for (std::string const& text : posted.not_done) diagnostics.missed("", text);
  say(context, diagnostics);
  CML_CHECK_OK(print_result(context, posted, target, files, request.prints_address, diagnostics));
  if (posted.cut_short) return Error(*posted.cut_short).while_doing("comment on " + describe(target));
  return complete(request.made.settings.strict, diagnostics);
}

// Titles of bundles have a namespace of their own, so that no bundle changes a comment that another way has posted.
Status check_title(CommentRequest const& request, std::string const& title) {
  bool const of_bundle =
      same_title(title, kDelivered) || normal_title(title).starts_with(std::string(kDelivered) + " ");
  if (request.mode == PostMode::Delete || !of_bundle) return ok();
  return Error{ErrorKind::Usage, "--watermark-title " + one_line(title, 60) + ": titles that begin with \"" +
                                     std::string(kDelivered) + "\" belong to cml comment deliver; choose another"};
}

}  // namespace

Status post_once(CommentRequest request, Context& context, FileSystem& files) {
  Context reading{context.with_files(files), context.options};
  Diagnostics diagnostics;
  CML_TRY(report, read_or_make_report(request, reading, diagnostics));
  if (trim(report.text).empty()) {
    if (request.delete_if_empty) request.mode = PostMode::Delete;
    if (request.mode != PostMode::Delete)
      return Error{ErrorKind::BadInput, "report " + report.name +
                                            " is empty; nothing is posted (--delete-if-empty removes the old comment)"};
  }
  if (!request.bundle.empty()) return bundle_report(request, context, report, diagnostics);
  CML_TRY(session,
          open_session(context, request.target.of_this_run() ? Belongs::ToPullRequest : Belongs::ToRepository));
  if (request.title) CML_CHECK_OK(check_title(request, filled_title(context, session.ci, *request.title)));
  tell_unreached(context, session);
  bool const publishes = request.publish && request.mode != PostMode::Delete;
  bool const html = session.forge->capabilities().html;
  Publication const publication =
      publishes ? prepare_publication(request, reading, html, report, diagnostics) : Publication(report.text);
  if (!publication.files().empty() && needs_forge(request.destination)) session.forge->expect_files();
  CML_TRY(target, resolve_target(context, session, request.target, request.finds_pull_of_commit ? request.commit : ""));
  CML_CHECK_OK(post_publication(request, context, session, target, publication, diagnostics));
  return report.verdict;
}

Status post_publication(CommentRequest const& request, Context& context, Session& session, ResolvedTarget const& target,
                        Publication const& publication, Diagnostics& diagnostics) {
  bool const publishes = request.publish && request.mode != PostMode::Delete;
  PostRequest post;
  post.target = target.target;
  post.mode = request.mode;
  post.oversize = request.oversize;
  post.mark.reset();
  if (request.title)
    post.mark = Watermark{commit_of_run(context, session.ci, request.commit),
                          filled_title(context, session.ci, *request.title)};
  if (auto const possible = check_post(*session.forge, post); !possible)
    return Error(possible.error()).while_doing("comment on " + describe(target.target));
  if (publishes && (request.destination_named || context.options.dry_run)) {
    auto const place = open_asset_store(context, request.destination, session.forge.get(), true, target.target);
    if (!place && place.error().kind == ErrorKind::Usage) return Error(place.error());
    if (context.options.dry_run)
      return print_dry_run(context, request, post, target, session, publication,
                           place ? (*place)->describe() : place.error().message, diagnostics);
  } else if (context.options.dry_run) {
    return print_dry_run(context, request, post, target, session, publication, "nowhere", diagnostics);
  }

  if (request.mode != PostMode::Delete) {
    PublishedReport published = publish_report(request, context, session, publication, post, diagnostics);
    post.content =
        in_dialect(std::move(published.content), session.forge->capabilities(), session.forge->name(), diagnostics);
    post.notes = std::move(published.notes);
  }
  post.store_whole = [&](std::string const& whole) {
    return store_whole(request, context, session, target.target, whole);
  };
  if (request.step_summary) CML_CHECK_OK(write_step_summary(context, post.content, diagnostics));
  auto const posted = post_comment(*session.forge, post, context.clock, context.random, diagnostics);
  if (!posted) say(context, diagnostics);
  // A fork's token may read only: the report is not lost, and the pipeline goes on.
  if (!posted && posted.error().kind == ErrorKind::Forbidden && request.fallback != Fallback::Error) {
    std::string const warning = "not posted: " + posted.error().message;
    context.console.log(LogLevel::Warn, warning);
    diagnostics.warn("", warning);
    if (request.fallback == Fallback::Summary && !request.step_summary)
      CML_CHECK_OK(write_step_summary(context, post.content, diagnostics));
    return print_result(context, {}, target.target, 0, false, diagnostics);
  }
  if (!posted) return Error(posted.error()).while_doing("comment on " + describe(target.target));
  return finish(request, context, *posted, target.target, publication.files().size(), diagnostics);
}

}  // namespace cml
