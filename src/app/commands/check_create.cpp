#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

#include "app/commands/comment_post.hpp"
#include "app/result.hpp"
#include "base/text.hpp"
#include "report/annotations.hpp"
#include "report/compose/options.hpp"
#include "report/oversize.hpp"
#include "workspace/paths.hpp"

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
  std::shared_ptr<ReportOptions> made = std::make_shared<ReportOptions>();
  std::vector<std::string> annotations;
  std::string code_quality;
  std::string commit_sha;
  Check::Status status = Check::Status::Completed;
  std::optional<std::string_view> conclusion;
  std::string title = "CML Report";
  std::string publish_to;
  bool step_summary = false;
  bool strict = false;
};

constexpr std::uintmax_t kMaxAnnotationBytes = 64u << 20;

// What linters found and which thresholds were met. What cannot be read is said, and costs the check nothing else.
Result<report::Annotations> annotations_of(CheckCreateOptions const& options, Context& context, Report const& report,
                                           Diagnostics& diagnostics) {
  report::Annotations all;
  CML_TRY(door, open_door(context));
  std::filesystem::path const here = context.files.current_directory();
  auto const clone = clone_of_run(context);
  // Forges count paths from the repository's top.
  std::filesystem::path const top = clone ? clone->top : door.rules().root;
  for (GateFinding const& gate : report.gates) {
    CheckAnnotation one;
    std::filesystem::path const file = (here / gate.file).lexically_normal();
    if (!gate.file.empty() && is_at_or_below(top, file)) one.path = file.lexically_relative(top).generic_string();
    one.level = gate.fails ? CheckAnnotation::Level::Failure : CheckAnnotation::Level::Warning;
    one.title = gate.fails ? "Threshold" : "Warning threshold";
    one.message = clean_line(gate.text, 2000);
    (one.path.empty() ? all.unplaced : all.placed).push_back(std::move(one));
  }
  for (std::string const& file : options.annotations) {
    auto bytes = door.read(here / file, kMaxAnnotationBytes, Origin::CommandLine);
    auto read = bytes ? report::read_annotations(*bytes, door, top) : Result<report::Annotations>(bytes.error());
    if (!read) {
      bool const named = contains(read.error().message, file);
      diagnostics.missed("", "annotations " + (named ? "" : one_line(file, 120) + ": ") + read.error().message);
      continue;
    }
    for (std::string const& note : read->notes) diagnostics.warn(file, note);
    read->notes.clear();
    report::add(all, std::move(*read));
  }
  for (std::string const& note : all.notes) diagnostics.missed("annotations", note);
  return all;
}

// A gate that was met is a failure unless the line says what it is.
std::string conclusion_of(CheckCreateOptions const& options, Report const& report) {
  if (options.conclusion) return std::string(*options.conclusion);
  return report.verdict ? "success" : "failure";
}

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
  source.made = *options.made;
  source.made.settings.strict = options.strict;
  if (options.made->log_level) context.console.set_level(*options.made->log_level);
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
  check.conclusion = conclusion_of(options, report);
  check.title = options.title;
  CML_TRY(annotations, annotations_of(options, context, report, diagnostics));
  std::string const list = report::list_of_unplaced(annotations);
  std::string const body =
      with_pictures(options, context, session, report, check.sha, diagnostics) + (list.empty() ? "" : "\n\n" + list);
  check.summary = truncated(body, kMaxSummary);
  check.url = session.ci.run_url;
  if (session.forge->capabilities().annotations)
    check.annotations = annotations.placed;
  else if (!annotations.placed.empty() && options.code_quality.empty())
    diagnostics.missed("annotations", std::string(session.forge->name()) + " shows none beside lines; " +
                                          (session.choice.type->name == "gitlab"
                                               ? "--code-quality FILE writes its report, for artifacts:reports"
                                               : "they are left out"));
  if (!options.code_quality.empty() && !context.options.dry_run) {
    CML_TRY(door, open_door(context));
    CML_CHECK_OK(
        door.write(context.files.current_directory() / options.code_quality, report::code_quality(annotations)));
  }
  if (options.step_summary && !context.options.dry_run) CML_CHECK_OK(write_step_summary(context, body, diagnostics));
  say(context, diagnostics);
  std::string const status(name_of(kStatuses, options.status));
  json result{{"dry_run", context.options.dry_run},
              {"title", check.title},
              {"status", status},
              {"conclusion", check.conclusion},
              {"annotations", check.annotations.size()},
              {"commit", check.sha},
              {"repository", session.forge->web_url()},
              {"warnings", in_json(diagnostics)}};
  if (context.options.dry_run) {
    if (context.options.json) return print_json(context, result);
    return context.console.out("would create the check \"" + check.title + "\" (" + status + ") on commit " +
                               check.sha + " of " + session.forge->web_url() + ", " +
                               std::to_string(check.annotations.size()) + " annotations\n");
  }
  auto const created = session.forge->create_check(check);
  if (!created) return Error(created.error()).while_doing("check on commit " + check.sha.substr(0, 12));
  context.console.log(LogLevel::Info,
                      "created the check \"" + check.title + "\"" + (created->empty() ? "" : ": " + *created));
  result["url"] = *created;
  if (context.options.json) CML_CHECK_OK(print_json(context, result));
  CML_CHECK_OK(complete(options.strict, diagnostics));
  return report.verdict;
}

}  // namespace

Action declare_check_create(Flags& flags) {
  auto const options = std::make_shared<CheckCreateOptions>();
  flags.positional("REPORT", &options->report, 0, 1,
                   "a Markdown file, or - for the standard input; not needed when the options below say what to show");
  flags
      .list("--annotations", &options->annotations,
            "SARIF or rdjson of linters and data checks, to stand beside the lines; repeatable")
      .takes("FILE");
  flags.text("--code-quality", &options->code_quality, "Write the annotations as GitLab's code quality report")
      .takes("FILE");
  flags.boolean("--step-summary", &options->step_summary, "Write the report to the job's summary page, too");
  flags.text("--commit-sha,--head-sha", &options->commit_sha, "The commit (default: that of this run)");
  flags.choice("--conclusion", &options->conclusion, kConclusions,
               "Result of a completed check (default success, or failure when a --fail-if is met)");
  flags.choice("--status", &options->status, kStatuses, "How far the check is (default completed)");
  flags.text("--title", &options->title, "Title (default \"CML Report\")");
  flags
      .text("--publish-to", &options->publish_to,
            "Where the report's files go, as in cml comment create (default auto)")
      .takes("PLACE");
  flags.boolean("--strict", &options->strict, "Exit with code 1 when a file of the report is not shown");
  std::vector<std::string_view> shared;
  for (report::Option const& option : report::options())
    if (option.name != "title" && option.name != "strict") shared.push_back(option.name);
  declare_report_options(flags, options->made, shared);
  return [options](Context& context) { return check_create(*options, context); };
}

}  // namespace cml
