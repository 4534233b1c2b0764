#include "app/commands/comment_post.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "app/plotter.hpp"
#include "app/publishing.hpp"
#include "app/session.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "report/memory.hpp"
#include "report/post.hpp"
#include "report/publish.hpp"

namespace cml {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Table: --mode.
struct ModeName {
  std::string_view name;
  PostMode mode;
};
constexpr ModeName kModes[] = {
    {"new", PostMode::New},           {"update", PostMode::Update},
    {"recreate", PostMode::Recreate}, {"hide-and-new", PostMode::HideAndNew},
    {"append", PostMode::Append},     {"prepend", PostMode::Prepend},
    {"delete", PostMode::Delete},
};

PostMode mode_of(CommentOptions const& options) {
  for (ModeName const& row : kModes)
    if (row.name == options.mode) return row.mode;
  return options.update || options.updates_by_name ? PostMode::Update : PostMode::New;
}

struct Report {
  std::string text;
  std::string name;
  fs::path folder;
};

Result<Report> read_report(CommentOptions const& options, Context& context) {
  std::string const& path = options.report.front();
  fs::path const here = context.files.current_directory();
  if (path == "-") {
    CML_TRY(text, context.console.read_input(kMaxReportBytes));
    return Report{std::move(text), "standard input", here};
  }
  CML_TRY(door, open_door(context, options.workspace));
  CML_TRY(text, read_report_file(context, door, path));
  if (text.find('\0') != std::string::npos)
    return Error{ErrorKind::BadInput, "report " + path + " is no text; to show a picture write ![](" + path +
                                          ") into a Markdown file, or use cml asset publish --md"};
  // Links count from the report's own folder; what comes through /dev/stdin counts from here.
  bool const device = path.substr(0, 5) == "/dev/";
  return Report{std::move(text), path, device ? here : (here / path).parent_path()};
}

// The file's text, then what the report options name; `verdict_of_report` gets what --fail-if says once the report is
// out.
Result<Report> make_report(CommentOptions const& options, Context& context, Diagnostics& diagnostics,
                           Status& verdict_of_report) {
  Report report{"", "report", context.files.current_directory()};
  if (!options.report.empty()) {
    CML_TRY(given, read_report(options, context));
    report = std::move(given);
    if (!asks_for_report(*options.made)) return report;
  }
  for (report::Item const& item : options.made->settings.items)
    if (options.report.empty() && std::filesystem::path(item.value).extension() == ".md" &&
        item.kind != report::Item::Kind::Text && item.kind != report::Item::Kind::Log &&
        item.kind != report::Item::Kind::Markdown)
      return Error{ErrorKind::Usage,
                   one_line(item.value, 80) +
                       " was taken as a value of the option before it; put the report first, or behind --"};
  CML_CHECK_OK(complete_from_config(*options.made, context, false));
  if (!asks_for_report(*options.made))
    return Error{ErrorKind::Usage,
                 "cml comment needs REPORT: a Markdown file, - for the standard input, or options that say what to "
                 "show (--metrics FILE, --plot FILE)"};
  CML_TRY(model, gather_report(*options.made, context, diagnostics));
  verdict_of_report = verdict(model);
  CML_TRY(door, open_door(context, options.workspace));
  CML_TRY(text, render_report(*options.made, model, inline_pictures(context, door), context));
  report.text += (report.text.empty() ? "" : "\n") + text;
  return report;
}

Result<TargetRequest> target_of(CommentOptions const& options, Context& context) {
  auto const deprecated = [&](std::string const& text) {
    context.console.log(LogLevel::Warn, "Deprecation warning: " + text);
  };
  bool const pr = !options.pr.empty() && parse_boolean(options.pr) != false;
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

void say(Context& context, Diagnostics const& diagnostics) {
  for (Warning const& warning : diagnostics.warnings())
    context.console.log(LogLevel::Warn, warning.where.empty() ? warning.text : warning.where + ": " + warning.text);
}

// What the report shows, read and drawn.
Result<Publication> prepare(CommentOptions const& options, Context& context, Report const& report,
                            Diagnostics& diagnostics) {
  CML_TRY(door, open_door(context, options.workspace));
  PublishRequest asked;
  asked.markdown = report.text;
  asked.name = report.name;
  asked.folder = report.folder;
  asked.strict = options.made->settings.strict;
  asked.plotter = make_plotter(context, door);
  if (options.made->settings.dark) asked.dark_plotter = make_plotter(context, door, PlotLook::Dark);
  asked.door = &door;
  asked.mime = &context.mime;
  return Publication::prepare(asked, diagnostics);
}

// Uploads what the report shows. When no destination takes it, the report goes without its images and says why.
Result<std::string> publish(CommentOptions const& options, Context& context, Session& session, PostRequest& request,
                            Report const& report, Publication const& publication, std::string const& destination,
                            Diagnostics& diagnostics) {
  if (publication.files().empty()) return report.text;
  CML_TRY(store, open_asset_store(context, destination, session.forge.get(), true, request.target));
  std::size_t const count = publication.files().size();
  context.console.progress("publishing " + std::to_string(count) + (count == 1 ? " file to " : " files to ") +
                           store->describe());
  RememberedFiles known;
  if (searches(request.mode) && request.watermark) {
    // A thread that cannot be read is an error of the posting, not of the files.
    if (auto comments = session.forge->comments(request.target)) request.existing = std::move(comments).value();
    auto const thread = request.existing.value_or(std::vector<Comment>{});
    for (auto comment = thread.rbegin(); comment != thread.rend(); ++comment)  // The newest address counts.
      if (has_any_watermark(comment->body)) known.merge(remembered_files(comment->body));
  }
  auto urls = put_unknown(*store, publication.files(), known);
  if (urls) {
    auto const homeless = std::count(urls->begin(), urls->end(), std::string());
    if (homeless > 0) {
      std::string const text = std::to_string(homeless) + (homeless == 1 ? " file" : " files") +
                               " that attachments do not take could not be stored; the token needs " +
                               std::string(session.forge->capabilities().storing_needs);
      if (options.made->settings.strict) return Error{ErrorKind::Unauthorized, text};
      diagnostics.warn("", text);
    }
    std::string const memory = request.watermark ? memory_of(publication.files(), *urls, *store) : "";
    return publication.markdown(*urls) + (memory.empty() ? "" : "\n\n" + memory);
  }
  Error error = std::move(urls).error();
  if (!lacks_access(error.kind) || options.made->settings.strict) return error;
  diagnostics.warn("", "images are not shown: " + error.message);
  return publication.markdown_without_files() + "\n\n*" +
         std::string(count == 1 ? "One image is" : std::to_string(count) + " images are") +
         " not shown: the token may not store files; it needs " +
         std::string(session.forge->capabilities().storing_needs) + ".*\n";
}

// The job's summary page: what a run can always write to.
Status write_step_summary(Context& context, std::string const& body) {
  std::string const path = context.environment.get("GITHUB_STEP_SUMMARY").value_or("");
  if (path.empty())
    return Error{ErrorKind::Unsupported,
                 "there is no step summary here: GITHUB_STEP_SUMMARY is not set (GitHub and Gitea Actions set it)"};
  std::string before;
  if (context.files.kind(path) == FileKind::Regular) {
    CML_TRY(text, context.files.read(path, 64u << 20));
    before = std::move(text);
  }
  if (!before.empty() && before.back() != '\n') before += "\n";
  return context.files.write(path, before + without_secrets(body) + "\n");
}

Status print(Context& context, PostResult const& result, CommentTarget const& target, std::size_t files,
             Diagnostics const& diagnostics) {
  if (!context.options.json) {
    bool const silent = result.action == PostResult::Action::Deleted || result.action == PostResult::Action::Nothing;
    return silent ? ok() : context.console.out(result.comment.url + "\n");
  }
  json warnings = json::array();
  for (Warning const& warning : diagnostics.warnings())
    warnings.push_back(warning.where.empty() ? warning.text : warning.where + ": " + warning.text);
  json const object{{"action", name_of(result.action)},
                    {"url", result.comment.url},
                    {"id", result.comment.id},
                    {"target", describe(target)},
                    {"files", files},
                    {"parts", result.parts},
                    {"warnings", warnings}};
  return context.console.out(object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

Status print_dry_run(Context& context, PostRequest const& request, ResolvedTarget const& target, Session const& session,
                     Publication const& publication, std::string const& destination) {
  std::vector<std::string> placeholders;
  for (AssetFile const& file : publication.files()) placeholders.push_back("published:" + content_address(file));
  std::string const body = publication.markdown(placeholders);
  std::string const final_body = request.watermark ? with_watermark(body, request.mark) : body;
  std::string_view mode;
  for (ModeName const& row : kModes)
    if (row.mode == request.mode) mode = row.name;
  if (context.options.json) {
    json files = json::array();
    for (AssetFile const& file : publication.files())
      files.push_back(
          {{"name", file.name}, {"type", file.mime}, {"bytes", file.bytes.size()}, {"sha256", file.sha256}});
    json const object{{"dry_run", true},
                      {"mode", mode},
                      {"target", describe(target.target)},
                      {"repository", session.forge->web_url()},
                      {"destination", destination},
                      {"files", files},
                      {"body", final_body}};
    return context.console.out(object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  }
  std::string text = "would post (" + std::string(mode) + ") on " + describe(target.target) + " of " +
                     session.forge->web_url() + " [" + target.why + "]\n";
  for (AssetFile const& file : publication.files())
    text += "would publish " + file.name + " (" + file.mime + ", " + std::to_string(file.bytes.size()) + " bytes) to " +
            destination + "\n";
  return context.console.out(text + "\n" + final_body + "\n");
}

}  // namespace

Status post_once(CommentOptions options, Context& context, FileSystem& files) {
  options.made =
      std::make_shared<ReportOptions>(*options.made);  // A cml.yaml is added to it, in every round of --watch again.
  Context reading{context.with_files(files), context.options};
  if (!options.made->log_level.empty()) context.console.set_level(level_of(options.made->log_level));
  CML_TRY(wanted, target_of(options, context));
  if (options.rm_watermark && !options.watermark_title.empty())
    return Error{ErrorKind::Usage, "--rm-watermark and --watermark-title exclude each other; leave one of them out"};
  Diagnostics diagnostics;
  Status verdict_of_report = ok();
  CML_TRY(report, make_report(options, reading, diagnostics, verdict_of_report));
  PostRequest request;
  request.mode = mode_of(options);
  bool const empty = trim(report.text).empty();
  if (empty && options.delete_if_empty) request.mode = PostMode::Delete;
  if (empty && request.mode != PostMode::Delete)
    return Error{ErrorKind::BadInput,
                 "report " + report.name + " is empty; nothing is posted (--delete-if-empty removes the old comment)"};
  CML_TRY(session, open_session(context));
  Publication publication(report.text);
  if (options.publish && request.mode != PostMode::Delete) {
    CML_TRY(prepared, prepare(options, reading, report, diagnostics));
    publication = std::move(prepared);
  }
  std::string const destination = asset_destination(context, options.publish_to, options.publish_url, options.native);
  if (!publication.files().empty() && needs_forge(destination)) session.forge->expect_files();
  bool const pr_with_sha = !options.pr.empty() && parse_boolean(options.pr) != false && !options.commit_sha.empty();
  CML_TRY(target, resolve_target(context, session, wanted, pr_with_sha ? options.commit_sha : ""));
  if (options.publish && !options.publish_to.empty()) {  // A mistyped one is said at once, not with the first picture.
    auto const place = open_asset_store(context, destination, session.forge.get(), true, target.target);
    if (!place && place.error().kind == ErrorKind::Usage) return Error(place.error());
  }

  request.target = target.target;
  request.watermark = !options.rm_watermark;
  request.mark.title = fill_title(options.watermark_title, session.ci.workflow, session.ci.run);
  request.mark.sha = commit_of_run(context, session.ci, options.commit_sha);
  if (options.on_oversize == "split") request.oversize = Oversize::Split;
  if (options.on_oversize == "collapse") request.oversize = Oversize::Collapse;
  if (options.on_oversize == "attach") request.oversize = Oversize::Attach;
  if (options.on_oversize == "error") request.oversize = Oversize::Error;
  PostRequest asked = request;
  bool const may_be_pull = wanted.kind == TargetRequest::Kind::Auto || wanted.kind == TargetRequest::Kind::PullRequest;
  if (context.options.dry_run && may_be_pull) asked.target = PullRequestTarget{};  // Nobody was asked which.
  if (auto const possible = check_post(*session.forge, asked); !possible)
    return Error(possible.error()).while_doing("comment on " + describe(target.target));
  if (context.options.dry_run) {
    say(context, diagnostics);
    return print_dry_run(context, request, target, session, publication, destination);
  }
  if (request.mode != PostMode::Delete) {
    CML_TRY(body, publish(options, context, session, request, report, publication, destination, diagnostics));
    request.body = std::move(body);
  }
  request.attach = [&](std::string const& body) -> Result<std::string> {
    CML_TRY(store, open_asset_store(context, destination, session.forge.get(), true, request.target));
    CML_TRY(urls, store->put({AssetFile{"report.md", "text/markdown", body, sha256_hex(body)}}));
    if (urls.at(0).empty())
      return Error{ErrorKind::Unsupported, "the whole report cannot be stored there; use another --publish-to"};
    return urls[0];
  };
  if (options.step_summary) CML_CHECK_OK(write_step_summary(context, request.body));
  auto const posted = post_comment(*session.forge, request, diagnostics);
  say(context, diagnostics);
  // A fork's token may read only: the report is not lost, and the pipeline goes on.
  if (!posted && posted.error().kind == ErrorKind::Forbidden && options.fallback != "error") {
    context.console.log(LogLevel::Warn, "not posted: " + posted.error().message);
    return options.fallback == "summary" && !options.step_summary ? write_step_summary(context, request.body) : ok();
  }
  if (!posted) return Error(posted.error()).while_doing("comment on " + describe(target.target));
  if (!options.quiet || context.options.json)
    CML_CHECK_OK(print(context, *posted, target.target, publication.files().size(), diagnostics));
  return verdict_of_report;
}

Status post_report(CommentOptions const& options, Context& context) {
  bool const watch = !options.watch.empty() && parse_boolean(options.watch) != false;
  auto posted = watch ? post_and_watch(options, context) : post_once(options, context, context.files);
  if (posted || options.fail) return posted;
  context.console.log(LogLevel::Warn, posted.error().message);
  return ok();
}

Action declare_comment(Flags& flags, bool update) {
  auto const options = std::make_shared<CommentOptions>();
  options->updates_by_name = update;
  flags.positional("REPORT", &options->report, 0, 1,
                   "a Markdown file, or - for the standard input; not needed when the options below say what to show");
  flags.text("--target", &options->target, "auto, pr, pr/N, commit, commit/SHA or issue/N (default auto)");
  flags.boolean("--publish", &options->publish, "Publish the local files that the report shows (default true)");
  flags.text("--publish-to", &options->publish_to,
             "Where files go: auto, native, branch, branch:NAME, release, attachment, s3://BUCKET/PREFIX, "
             "https://SERVER, dir:PATH");
  flags.text("--publish-url", &options->publish_url, "An asset server that speaks CML's upload protocol");
  flags.boolean("--publish-native,--native", &options->native, "Use the forge's own storage, as auto does");
  flags.text("--mode", &options->mode, "new, update, recreate, hide-and-new, append, prepend or delete")
      .one_of({"new", "update", "recreate", "hide-and-new", "append", "prepend", "delete"});
  flags.text("--watermark-title", &options->watermark_title,
             "Tells several comments of one thread apart; {workflow} and {run} are filled in");
  flags.boolean("--rm-watermark", &options->rm_watermark, "Leave the watermark out; the comment cannot be updated then")
      .hide();
  flags
      .text("--on-oversize", &options->on_oversize,
            "For a report longer than the forge takes: truncate, split, collapse, attach or error")
      .one_of({"truncate", "split", "collapse", "attach", "error"});
  flags.boolean("--delete-if-empty", &options->delete_if_empty, "Delete the comment when the report is empty");
  flags.boolean("--step-summary", &options->step_summary, "Write the report to the job's summary page, too");
  flags
      .text("--fallback", &options->fallback,
            "When the token may not comment: error, summary (the job's summary page) or none")
      .one_of({"error", "summary", "none"});
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
