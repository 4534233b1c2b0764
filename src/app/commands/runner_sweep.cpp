// runner list, runner stop and runner gc: one set of options, three verbs.
#include "app/commands/all.hpp"

#include <memory>

#include "app/commands/runner_common.hpp"
#include "base/text.hpp"
#include "runner/sweep.hpp"

namespace cml {
namespace {

struct SweepOptions {
  std::vector<std::string> clouds, regions, ids;
  std::optional<std::chrono::seconds> older_than = std::chrono::minutes(30);
  std::optional<std::chrono::seconds> second_look = std::chrono::minutes(1);
  std::string run;
  bool force = false, no_retry = false;
};

struct Opened {
  RunnerSession session;
  std::vector<std::unique_ptr<cloud::Cloud>> clouds;
  std::vector<Error> closed;
};

Result<Opened> open_all(SweepOptions const& options, Context& context) {
  Opened opened;
  // The forge is left out only when it was not asked for and cannot be found; its own errors are told.
  auto session = open_runner_session(context, false);
  if (session)
    opened.session = std::move(*session);
  else if (options.clouds.empty() || !context.options.repo.empty() || !context.options.token.empty())
    return std::move(session).error();
  else
    context.console.log(LogLevel::Warn, "the forge is left out, so only limits count: " + session.error().message);
  for (std::string const& name : options.clouds) {
    auto made = cloud::make_cloud(name, cloud_setup(context));
    if (made)
      opened.clouds.push_back(std::move(*made));
    else if (made.error().kind == ErrorKind::Usage)
      return std::move(made).error();  // No cloud at all.
    else
      opened.closed.push_back(std::move(made).error());
  }
  return opened;
}

using Verb = Status (*)(runner::SweepTask const&, SweepOptions const&);

Action declare_sweep(Flags& flags, std::shared_ptr<SweepOptions> options, Verb verb) {
  comma_list(flags, "--cloud", &options->clouds,
             "Clouds to look into, separated by commas: aws, azure, gcp, kubernetes; none: the forge alone");
  comma_list(flags, "--cloud-region", &options->regions,
             "Regions to look into; default: all that the cloud lets us see");
  return [options, verb](Context& context) -> Status {
    CML_TRY(opened, open_all(*options, context));
    runner::SweepTask task{context,
                           opened.session.forge.get(),
                           {},
                           std::move(opened.closed),
                           options->regions,
                           context.options.json,
                           context.options.dry_run,
                           !options->no_retry};
    for (auto const& one : opened.clouds) task.clouds.push_back(one.get());
    return verb(task, *options);
  };
}

}  // namespace

Action declare_runner_list(Flags& flags) {
  return declare_sweep(flags, std::make_shared<SweepOptions>(),
                       [](runner::SweepTask const& task, SweepOptions const&) { return runner::list_runners(task); });
}

Action declare_runner_stop(Flags& flags) {
  auto const options = std::make_shared<SweepOptions>();
  flags.positional("ID", &options->ids, 1, 100, "runners as cml runner list names them");
  flags.boolean("--force", &options->force, "Also when it is running a job; the job runs again");
  return declare_sweep(flags, options, [](runner::SweepTask const& task, SweepOptions const& given) {
    return runner::stop_runners(task, given.ids, given.force);
  });
}

Action declare_runner_gc(Flags& flags) {
  auto const options = std::make_shared<SweepOptions>();
  duration_flag(flags, "--older-than", &options->older_than, "Leave alone what is younger; default: 30 minutes");
  duration_flag(flags, "--second-look", &options->second_look,
                "Pause before a machine whose runner is missing is looked at again, and only then taken; default: 1 "
                "minute");
  flags.text("--run", &options->run,
             "Run again what was interrupted in this run (GitHub) or pipeline (GitLab, Bitbucket), and touch nothing "
             "else");
  flags.boolean("--no-retry", &options->no_retry, "Do not run interrupted jobs again");
  return declare_sweep(flags, options, [](runner::SweepTask const& task, SweepOptions const& given) -> Status {
    if (!given.run.empty()) return runner::rerun_interrupted(task, given.run);
    runner::SweepRules rules;
    rules.second_look = given.second_look.value_or(std::chrono::seconds(0));
    rules.older_than = given.older_than.value_or(std::chrono::seconds(0));
    return runner::collect_garbage(task, rules);
  });
}

}  // namespace cml
