#include "app/commands/all.hpp"

#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/runner_common.hpp"
#include "app/commands/runner_hints.hpp"
#include "app/program.hpp"
#include "app/result.hpp"
#include "base/base64.hpp"
#include "base/home.hpp"
#include "base/text.hpp"
#include "runner/provision.hpp"

namespace cml {
namespace {

struct RunnerLaunchOptions {
  runner::LaunchOptions launch;
  runner::CloudOptions cloud;
  std::vector<std::string> metadata, node_selector;
  std::string tf_resource, ignored;
};

// What CML's Terraform provider handed to the machine: base64 of {"instances": [{"attributes": {"cloud": ...}}]}. No
// Terraform is needed.
Status read_tf_resource(std::string const& text, runner::LaunchOptions& launch) {
  if (text.empty()) return ok();
  auto const decoded = base64_decode(text);
  auto const body = decoded ? nlohmann::json::parse(*decoded, nullptr, false) : nlohmann::json();
  if (!body.is_object()) return Error{ErrorKind::Usage, "--tf-resource is not the base64 of a JSON object"};
  nlohmann::json::json_pointer const where("/instances/0/attributes/cloud");
  if (launch.machine_of.empty() && body.contains(where) && body.at(where).is_string())
    launch.machine_of = body.at(where).get<std::string>();
  return ok();
}

// CML's lists take all words up to the next option.
void words(Flags& flags, std::string_view name, std::vector<std::string>* target, std::string help) {
  flags.each(name, Flag::Kind::Words, std::move(help),
             [target](std::string const& word) { return target->push_back(word), ok(); });
}

Status runner_launch(RunnerLaunchOptions options, Context& context) {
  runner::LaunchOptions& launch = options.launch;
  runner::CloudOptions& cloud = options.cloud;
  if (launch.single && (launch.reuse || launch.reuse_idle))
    return Error{ErrorKind::Usage, std::string("Arguments single and ") + (launch.reuse ? "reuse" : "reuse-idle") +
                                       " are mutually exclusive"};
  if (launch.reuse && launch.reuse_idle)
    return Error{ErrorKind::Usage, "Arguments reuse and reuse-idle are mutually exclusive"};
  if (launch.name.empty() && context.environment.get("RUNNER_NAME"))
    context.console.log(LogLevel::Warn,
                        "ignoring RUNNER_NAME environment variable, use CML_RUNNER_NAME or --name instead");
  CML_CHECK_OK(read_tf_resource(options.tf_resource, launch));
  bool const registered = !launch.registration_file.empty();
  CML_TRY(session, open_runner_session(context, registered));
  if (!launch.group.empty() && session.forge->name() != "github")
    return Error{ErrorKind::Usage, "--runner-group has a meaning on GitHub only"};
  if (launch.run_untagged && session.forge->name() != "gitlab")
    context.console.log(LogLevel::Warn, "--run-untagged has a meaning on GitLab only");
  if (cloud.disk_gb < 0)
    return Error{ErrorKind::Usage, "--cloud-hdd-size is a number of gigabytes, not " + std::to_string(cloud.disk_gb)};
  if (launch.max_agents < 0)
    return Error{ErrorKind::Usage, "--max-agents is a number of runners, not " + std::to_string(launch.max_agents)};
  if (cloud.spot_price == 0) cloud.spot_price = -1;  // As in CML: no price was given.
  if (equals_ignoring_case(cloud.gpu, "tesla"))
    context.console.log(LogLevel::Warn, "--cloud-gpu=tesla means v100; write that");
  if (!registered) advise_on_launch(context, session.forge->name(), launch, !cloud.cloud.empty() && cloud.spot);
  if (!cloud.cloud.empty()) {
    cloud.metadata = runner::parse_pairs(options.metadata);
    cloud.node_selector = runner::parse_pairs(options.node_selector);
    cloud.dry_run = context.options.dry_run;
    cloud.json = context.options.json;
    cloud.api_url = session.api_url;
    // Pipelines name versions, branches and packages of the program that this one replaces: the machine has no use for
    // that.
    if (!cloud.cml_version.empty() && cloud.cml_version != version())
      context.console.log(LogLevel::Warn, "--cml-version=" + one_line(cloud.cml_version, 60) +
                                              " is not this program's: the machine gets " + std::string(version()) +
                                              "; --cml-url names another place to fetch it from");
    cloud.cml_version = std::string(version());
    bool const needed = runner::needs_program(*session.forge, launch);
    if (needed || !cloud.cml_url.empty()) {
      CML_TRY(program, runner::machine_program(cloud.cml_url, home(), version(), runner::built_in_sums()));
      if (needed) cloud.program = std::move(program);
    }
    if (!needed && !cloud.cml_url.empty())
      context.console.log(LogLevel::Info, "--cml-url is not used: a machine for " + std::string(session.forge->name()) +
                                              " needs no cml");
    CML_TRY(made, cloud::make_cloud(cloud.cloud, cloud_setup(context)));
    return runner::launch_in_cloud(context, *session.forge, *made, launch, cloud);
  }
  if (!registered) {
    CML_TRY(reused, runner::reuse_existing(*session.forge, launch, context.console));
    if (reused) return ok();
  }
  if (context.options.dry_run && context.options.json)
    return print_json(context, {{"dry_run", true}, {"repository", session.forge->web_url()}});
  if (context.options.dry_run)
    return context.console.out("would register a runner with " + session.forge->web_url() +
                               " and serve jobs on this machine\n");
  return runner::launch_here(context, *session.forge, launch, session.has_token);
}

}  // namespace

namespace {

std::vector<std::string> cloud_names() {
  std::vector<std::string> names;
  for (cloud::CloudType const& row : cloud::cloud_types()) names.emplace_back(row.name);
  return names;
}

}  // namespace

Action declare_runner_launch(Flags& flags) {
  auto const options = std::make_shared<RunnerLaunchOptions>();
  runner::LaunchOptions& launch = options->launch;
  runner::CloudOptions& cloud = options->cloud;
  flags.text("--labels", nullptr, "Labels that jobs ask for, separated by commas").apply =
      [&launch](std::string const& value) -> Status {
    CML_TRY(labels, runner::parse_labels(value));
    launch.labels_given = true;
    return launch.labels = std::move(labels), ok();
  };
  flags.boolean("--run-untagged", &launch.run_untagged,
                "Also take jobs that ask for no label (GitLab); without --labels that is so anyway");
  flags.text("--runner-group", &launch.group, "Group of an organisation's or enterprise's runners (GitHub)");
  flags.text("--name", &launch.name, "Name of the runner; in a cloud it becomes part of a longer one");
  duration_flag(flags, "--idle-timeout", &launch.idle_timeout,
                "Stop after this long without a job: seconds, \"5 minutes\" or never");
  Flag& lifetime =
      duration_flag(flags, "--max-lifetime", &launch.max_lifetime,
                    "Stop after this long, even during a job (it runs again elsewhere); default in a cloud: 7 days");
  lifetime.apply = [inner = lifetime.apply, &launch](std::string const& value) {
    return launch.max_lifetime_given = true, inner(value);
  };
  flags.boolean("--no-retry", &launch.no_retry, "Do not run interrupted jobs again");
  flags.boolean("--single", &launch.single, "Stop after one job");
  flags.boolean("--reuse", &launch.reuse, "Do nothing when an online runner has the name or all labels");
  flags.boolean("--reuse-idle", &launch.reuse_idle, "The same, but only when that runner is idle");
  flags.text("--workdir,--path", &launch.workdir, "Folder of the agent and its jobs; default: ~/.cml/NAME");
  flags.text("--docker-image", &launch.docker_image,
             "Image of jobs that name none (GitLab; default: docker.io/gitlab/gitlab-runner:v17.10.0)");
  words(flags, "--docker-volumes", &launch.docker_volumes, "Volumes for the jobs' containers (GitLab)");
  flags.text("--cloud", &cloud.cloud, "Make a machine there instead of serving on this one").one_of(cloud_names());
  comma_list(flags, "--cloud-region", &cloud.regions,
             "Regions to try in order: us-west, us-east, eu-west, eu-north or the cloud's own");
  comma_list(flags, "--cloud-type", &cloud.types, "Machine types to try in order: m, l, xl or the cloud's own");
  flags.text("--cloud-permission-set", &cloud.permission_set,
             "What the machine may do: instance profile, service account, identity");
  words(flags, "--cloud-metadata", &options->metadata, "KEY=VALUE tag of the machine");
  flags.text("--cloud-gpu", &cloud.gpu, "GPU: t4, a10g, l4, l40s, a100, h100, h200, b200, nogpu or the cloud's own");
  flags.integer("--cloud-hdd-size", &cloud.disk_gb, "Disk in GB");
  flags.secret("--cloud-ssh-private", &cloud.ssh_private,
               "Private key (PEM) whose public half may log in; without it there is no way in");
  flags.boolean("--cloud-spot", &cloud.spot, "A spot machine");
  flags.number("--cloud-spot-price", &cloud.spot_price,
               "Highest price an hour for a spot machine; default: the price on demand");
  flags.text("--cloud-spot-fallback", nullptr, "\"on-demand\": so, when no spot machine is to be had").apply =
      [&cloud](std::string const& value) -> Status {
    auto const parsed = value == "on-demand" ? true : parse_boolean(value);
    if (!parsed) return Error{ErrorKind::Usage, "\"" + one_line(value, 40) + "\" is not on-demand, true or false"};
    return cloud.spot_fallback = *parsed, ok();
  };
  flags.text("--cloud-startup-script", &cloud.startup_script, "Base64 of a shell script that runs before the agent");
  flags.text("--cloud-aws-security-group", &cloud.security_group,
             "Security group (id or name) instead of one without inbound rules");
  flags.text("--cloud-aws-subnet,--cloud-aws-subnet-id", &cloud.subnet, "Subnet");
  words(flags, "--cloud-kubernetes-node-selector", &options->node_selector, "KEY=VALUE that the node must have");
  flags.text("--cloud-image", &cloud.image,
             "Image: AMI or OWNER/NAME, PROJECT/FAMILY, PUBLISHER:OFFER:SKU:VERSION, container");
  flags.integer("--count", &cloud.count, "Number of machines (default 1)");
  flags.integer("--max-agents", &launch.max_agents,
                "Most runners that may have these labels, those that exist included");
  flags.boolean("--wait", &cloud.wait, "Wait until the runner is online (--no-wait: only until the machine is there)");
  flags.text("--runner-path", &launch.runner_path, "Folder or program of an agent that is there already").hide();
  flags.text("--cml-version", &cloud.cml_version, "Accepted for CML's sake; the machine gets this version").hide();
  flags.text(
      "--cml-url", &cloud.cml_url,
      "Where a machine for Gitea or Jenkins fetches cml-agent: {arch} becomes x64 or arm64, #sha256=HEX is compared");
  flags.text("--registration", &launch.registration_file, "File with a registration made elsewhere").hide();
  flags.text("--machine-of", &launch.machine_of, "Cloud that this machine belongs to").hide();
  flags.text("--tf-resource,--tf_resource", &options->tf_resource, "Accepted; no Terraform is needed").hide();
  for (char const* name : {"--tpi-version", "--gcp-access-token", "--destroy-delay"})
    flags.text(name, &options->ignored, "Accepted for CML's sake, without effect").hide();
  return [options](Context& context) { return runner_launch(*options, context); };
}

}  // namespace cml
