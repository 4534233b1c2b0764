#include "app/commands/all.hpp"

#include <nlohmann/json.hpp>

#include <memory>

#include "app/result.hpp"
#include "app/session.hpp"

namespace cml {
namespace {

struct WorkflowRerunOptions {
  std::string id;
};

Status workflow_rerun(WorkflowRerunOptions const& options, Context& context) {
  CML_TRY(session, open_session(context));
  // Where a forge runs pipelines, that is what CML calls the workflow.
  std::string id = options.id;
  bool const pipelines = session.ci.forge == "gitlab" || session.ci.forge == "bitbucket";
  if (id.empty()) id = pipelines ? session.ci.workflow : session.ci.run;
  if (id.empty()) return Error{ErrorKind::Usage, "no run found: run inside a CI job, or give --id"};
  nlohmann::json const result{
      {"dry_run", context.options.dry_run}, {"id", id}, {"repository", session.forge->web_url()}};
  if (context.options.dry_run && !context.options.json)
    return context.console.out("would run " + id + " of " + session.forge->web_url() + " again\n");
  if (context.options.dry_run) return print_json(context, result);
  auto const rerun = session.forge->rerun(id);
  if (!rerun) return Error(rerun.error()).while_doing("running " + id + " again");
  return context.options.json ? print_json(context, result) : ok();
}

}  // namespace

Action declare_workflow_rerun(Flags& flags) {
  auto const options = std::make_shared<WorkflowRerunOptions>();
  flags.text("--id", &options->id, "The run (GitHub) or pipeline (GitLab); default: this one");
  return [options](Context& context) { return workflow_rerun(*options, context); };
}

}  // namespace cml
