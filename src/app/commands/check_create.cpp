#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/commands/comment_post.hpp"
#include "app/result.hpp"
#include "base/text.hpp"
#include "report/oversize.hpp"

namespace cml {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSummary = 65'000;  // GitHub takes 65,535 characters.

// Table: --status.
constexpr Choice<Check::Status> kStatuses[] = {{"queued", Check::Status::Queued},
                                               {"in_progress", Check::Status::InProgress},
                                               {"completed", Check::Status::Completed}};
// Table: --conclusion. GitHub's words.
constexpr Choice<std::string_view> kConclusions[] = {{"success", "success"}, {"failure", "failure"},
                                                     {"neutral", "neutral"}, {"cancelled", "cancelled"},
                                                     {"skipped", "skipped"}, {"timed_out", "timed_out"}};

struct CheckCreateOptions {
  std::vector<std::string> report;
  std::string commit_sha;
  Check::Status status = Check::Status::Completed;
  std::string_view conclusion = "success";
  std::string title = "CML Report";
  std::string publish_to;
  bool strict = false;
};

// What the check shows is published as a comment's pictures are.
std::string with_pictures(CheckCreateOptions const& options, Context& context, Session& session, Report const& report,
                          std::string const& sha, Diagnostics& diagnostics) {
  CommentRequest request;
  request.destination = asset_destination(context, options.publish_to, "", false);
  Publication const publication =
      prepare_publication(request, context, session.forge->capabilities().html, report, diagnostics);
  if (context.options.dry_run) return report.text;
  PostRequest place;
  place.target = CommitTarget{sha};
  return publish_report(request, context, session, publication, place, diagnostics).content;
}

Status check_create(CheckCreateOptions const& options, Context& context) {
  CommentRequest source;
  source.report = options.report;
  Diagnostics diagnostics;
  CML_TRY(report, read_or_make_report(source, context, diagnostics));
  CML_TRY(session, open_session(context));
  tell_unreached(context, session);
  // Before anything is asked or published, so that a dry run says it, too.
  if (!session.forge->capabilities().checks) return session.forge->create_check({}).error();
  Check check;
  // An event like issue_comment tells the pull request alone, and the checkout is another branch.
  if (options.commit_sha.empty() && session.ci.sha.empty() && session.ci.pull_request) {
    CML_TRY(head, session.forge->head_of_pull_request(*session.ci.pull_request));
    check.sha = std::move(head);
  } else {
    check.sha = commit_of_run(context, session.ci, options.commit_sha);
  }
  if (check.sha.empty())
    return Error{ErrorKind::Usage, "no commit found: run inside a git clone or a CI job, or give --commit-sha"};
  check.status = options.status;
  check.conclusion = options.conclusion;
  check.title = options.title;
  check.summary = truncated(with_pictures(options, context, session, report, check.sha, diagnostics), kMaxSummary);
  check.url = session.ci.run_url;
  say(context, diagnostics);
  std::string const status(name_of(kStatuses, options.status));
  json result{{"dry_run", context.options.dry_run}, {"title", check.title}, {"status", status},
              {"conclusion", check.conclusion},     {"commit", check.sha},  {"repository", session.forge->web_url()},
              {"warnings", in_json(diagnostics)}};
  if (context.options.dry_run) {
    if (context.options.json) return print_json(context, result);
    return context.console.out("would create the check \"" + check.title + "\" (" + status + ") on commit " +
                               check.sha + " of " + session.forge->web_url() + "\n");
  }
  auto const created = session.forge->create_check(check);
  if (!created) return Error(created.error()).while_doing("check on commit " + check.sha.substr(0, 12));
  context.console.log(LogLevel::Info,
                      "created the check \"" + check.title + "\"" + (created->empty() ? "" : ": " + *created));
  result["url"] = *created;
  if (context.options.json) CML_CHECK_OK(print_json(context, result));
  return complete(options.strict, diagnostics);
}

}  // namespace

Action declare_check_create(Flags& flags) {
  auto const options = std::make_shared<CheckCreateOptions>();
  flags.positional("REPORT", &options->report, 1, 1, "a Markdown file, or - for the standard input");
  flags.text("--commit-sha,--head-sha", &options->commit_sha, "The commit (default: that of this run)");
  flags.choice("--conclusion", &options->conclusion, kConclusions, "Result of a completed check (default success)");
  flags.choice("--status", &options->status, kStatuses, "How far the check is (default completed)");
  flags.text("--title", &options->title, "Title (default \"CML Report\")");
  flags
      .text("--publish-to", &options->publish_to,
            "Where the report's files go, as in cml comment create (default auto)")
      .takes("PLACE");
  flags.boolean("--strict", &options->strict, "Exit with code 1 when a file of the report is not shown");
  return [options](Context& context) { return check_create(*options, context); };
}

}  // namespace cml
