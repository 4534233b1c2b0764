#include "app/commands/all.hpp"

#include <memory>

#include "app/publishing.hpp"
#include "app/session.hpp"
#include "base/text.hpp"
#include "report/oversize.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxSummary = 65'000;  // GitHub takes 65,535 characters.

struct CheckCreateOptions {
  std::vector<std::string> report;
  std::string commit_sha;
  std::string conclusion = "success", status = "completed", title = "CML Report";
};

Status check_create(CheckCreateOptions const& options, Context& context) {
  std::string const& path = options.report.front();
  CML_TRY(door, open_door(context));
  auto text = path == "-" ? context.console.read_input(kMaxReportBytes) : read_report_file(context, door, path);
  if (!text) return std::move(text).error();
  CML_TRY(session, open_session(context));
  Check check;
  // An event like issue_comment tells the pull request alone, and the checkout is another branch.
  bool const head_unknown = options.commit_sha.empty() && session.ci.sha.empty() && session.ci.pull_request;
  if (head_unknown && !context.options.dry_run) {
    CML_TRY(head, session.forge->head_of_pull_request(*session.ci.pull_request));
    check.sha = std::move(head);
  } else {
    check.sha = commit_of_run(context, session.ci, options.commit_sha);
  }
  if (check.sha.empty())
    return Error{ErrorKind::Usage, "no commit found: run inside a git clone or a CI job, or give --commit-sha"};
  if (options.status == "queued") check.status = Check::Status::Queued;
  if (options.status == "in_progress") check.status = Check::Status::InProgress;
  check.conclusion = options.conclusion;
  check.title = options.title;
  check.summary = truncated(*text, kMaxSummary);
  check.url = session.ci.run_url;
  if (context.options.dry_run)
    return context.console.out("would create the check \"" + check.title + "\" (" + options.status + ") on commit " +
                               check.sha + " of " + session.forge->web_url() + "\n");
  auto const created = session.forge->create_check(check);
  if (!created) return Error(created.error()).while_doing("check on commit " + check.sha.substr(0, 12));
  context.console.log(LogLevel::Debug, "created " + *created);
  return ok();
}

}  // namespace

Action declare_check_create(Flags& flags) {
  auto const options = std::make_shared<CheckCreateOptions>();
  flags.positional("REPORT", &options->report, 1, 1, "a Markdown file, or - for the standard input");
  flags.text("--commit-sha,--head-sha", &options->commit_sha, "The commit (default: that of this run)");
  flags.text("--conclusion", &options->conclusion, "Result of a completed check (default success)")
      .one_of({"success", "failure", "neutral", "cancelled", "skipped", "timed_out"});
  flags.text("--status", &options->status, "queued, in_progress or completed (default)")
      .one_of({"queued", "in_progress", "completed"});
  flags.text("--title", &options->title, "Title (default \"CML Report\")");
  return [options](Context& context) { return check_create(*options, context); };
}

}  // namespace cml
