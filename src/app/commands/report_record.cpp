// cml report record: keeps the metrics of the commit of this run for trends and baselines.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "app/commands/all.hpp"
#include "app/records.hpp"
#include "app/reporting.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

struct ReportRecordOptions {
  std::shared_ptr<ReportOptions> report = std::make_shared<ReportOptions>();
  std::string branch, remote = "origin";
};

// Table: variables by which a CI says that this run is of a tag, whose name is then where a branch's would be.
struct TagVariable {
  std::string_view name, value;  // No value: any.
};
constexpr TagVariable kTagVariables[] = {{"GITHUB_REF_TYPE", "tag"}, {"CI_COMMIT_TAG", ""}, {"BITBUCKET_TAG", ""},
                                         {"TAG_NAME", ""},           {"CIRCLE_TAG", ""},    {"BUILDKITE_TAG", ""}};

// The branch that was pushed. What a pull request brings is not on the branch yet, and may never be.
Result<std::string> pushed_branch(ReportRecordOptions const& options, Context& context, CiRun const& ci) {
  if (ci.pull_request || !ci.target_branch.empty() || !ci.fork.empty())
    return Error{ErrorKind::Usage, "metrics are recorded of what is pushed to a branch, and this run is of " +
                                       (ci.pull_request ? "pull request " + std::to_string(*ci.pull_request)
                                                        : std::string("a pull request")) +
                                       "; run cml report record in the pipeline of pushes alone"};
  if (!options.branch.empty()) return options.branch;
  for (TagVariable const& variable : kTagVariables) {
    std::string const value = context.environment.get(std::string(variable.name)).value_or("");
    if (!value.empty() && (variable.value.empty() || value == variable.value))
      return Error{ErrorKind::Usage, "this run is of a tag (" + std::string(variable.name) +
                                         "), and metrics are recorded of branches; give --branch"};
  }
  if (!ci.branch.empty()) return ci.branch;
  auto const current = git_of_run(context).current_branch();
  if (current && !current->empty()) return *current;
  return Error{ErrorKind::Usage, "no branch: neither the CI names one nor git (HEAD is detached); give --branch"};
}

// The commit's own time, so that records stand in its order whenever they are made.
std::int64_t time_of(Context& context, Git const& git, std::string const& commit) {
  auto const text = git.run({.arguments = {"log", "-1", "--format=%ct", commit, "--"}});
  auto const time = text ? parse_integer(trim(*text)) : std::nullopt;
  if (time) return *time;
  return std::chrono::duration_cast<std::chrono::seconds>(context.clock.now().time_since_epoch()).count();
}

// The numbers among the metrics.
void add_values(report::Record& record, report::Model const& model, std::string const& below) {
  for (report::Row const& row : report::metric_rows(model)) {
    auto const number = row.new_value ? metrics::number_of(*row.new_value) : std::nullopt;
    if (number) record.values[report::recorded_name(below, row.file)].emplace_back(row.name, *number);
  }
}

Status report_record(ReportRecordOptions const& options, Context& context) {
  CiRun const ci = read_ci(context.environment, context.files);
  CML_TRY(branch, pushed_branch(options, context, ci));
  CML_CHECK_OK(complete_from_config(*options.report, context, false));
  report::Settings& settings = options.report->settings;
  std::erase_if(settings.items, [](report::Item const& item) {
    return item.kind != report::Item::Kind::Metrics && item.kind != report::Item::Kind::Repeats;
  });
  if (settings.items.empty())
    return Error{ErrorKind::Usage, "nothing to record: give --metrics FILE, or a cml.yaml that names metrics"};
  // Only what is here counts.
  settings.compare = "none";
  settings.more_compares.clear();
  settings.thresholds.clear();
  settings.history = 0;
  Diagnostics diagnostics;
  CML_TRY(model, gather_report(*options.report, context, diagnostics));
  CML_TRY(opened, open_records(context, settings.records, options.remote,
                               settings.records_from_config ? Origin::Workspace : Origin::CommandLine));
  report::Record record;
  record.commit = commit_of_run(context, ci, "");
  record.branch = branch;
  if (record.commit.empty()) return Error{ErrorKind::Usage, "no commit found: run inside a git clone or a CI job"};
  record.time = time_of(context, opened->git, record.commit);
  add_values(record, model, opened->below);
  std::size_t count = 0;
  for (auto const& [file, values] : record.values) count += values.size();
  say(context, diagnostics);
  if (count == 0) return Error{ErrorKind::BadInput, "no metric with a number was found, so nothing is recorded"};
  std::string const place = report::name_of(opened->place),
                    what = std::to_string(count) + (count == 1 ? " metric of " : " metrics of ") +
                           record.commit.substr(0, 12) + " on " + one_line(branch, 80) + " in " + place;
  nlohmann::json result{{"commit", record.commit},
                        {"branch", branch},
                        {"place", place},
                        {"metrics", count},
                        {"races", 0},
                        {"dry_run", context.options.dry_run},
                        {"pushed", false},
                        {"warnings", in_json(diagnostics)}};
  if (context.options.dry_run)
    return context.options.json ? print_json(context, result) : context.console.out("would record " + what + "\n");
  CML_TRY(kept, report::keep_record(opened->place, opened->access, record));
  bool const is_ref = opened->place.kind != report::RecordPlace::Kind::Folder;
  if (is_ref && opened->access.remote.empty())
    context.console.log(LogLevel::Info, "the clone has no remote, so " + place + " is kept here alone");
  result["races"] = kept.races;
  result["pushed"] = !opened->access.remote.empty();
  CML_CHECK_OK(context.options.json ? print_json(context, result) : context.console.out("recorded " + what + "\n"));
  return complete(settings.strict, diagnostics);
}

}  // namespace

Action declare_report_record(Flags& flags) {
  auto const options = std::make_shared<ReportRecordOptions>();
  declare_report_options(flags, options->report, {"metrics", "repeats", "select", "exclude", "records", "strict"});
  flags.text("--branch", &options->branch, "The branch that the commit is of (default: that of this run)");
  flags.text("--remote", &options->remote, "Remote whose ref or branch it is, by name (default origin)");
  return [options](Context& context) { return report_record(*options, context); };
}

}  // namespace cml
