#include "runner/machine_plan.hpp"

#include "base/text.hpp"
#include "cloud/catalogue.hpp"
#include "runner/agents/take_back.hpp"
#include "runner/boot_script.hpp"
#include "runner/machine_id.hpp"

namespace cml::runner {
namespace {

constexpr char const* kPodRegistration = "/var/run/cml/registration";

// GitLab's job that makes the machine: an interrupted job needs it to run again first.
std::string maker(PlanTask const& task) {
  auto const job = task.ports.environment.get("CI_JOB_ID");
  return task.forge.name() == "gitlab" && job && parse_integer(*job) ? " by job " + *job : "";
}

cloud::MachineWanted machine_wanted(PlanTask const& task, std::string const& region, RunnerWanted const& wanted,
                                    std::shared_ptr<Registration> registration) {
  CloudOptions const& options = task.options;
  cloud::MachineWanted machine;
  machine.id = wanted.name;
  machine.region = region;
  machine.types = options.types;
  machine.gpu = options.gpu;
  machine.image = options.image;
  machine.permission_set = options.permission_set;
  machine.security_group = options.security_group;
  machine.subnet = options.subnet;
  machine.disk_gb = options.disk_gb;
  machine.spot = options.spot;
  machine.spot_fallback = options.spot_fallback;
  machine.spot_price = options.spot_price;
  machine.metadata = options.metadata;
  machine.node_selector = options.node_selector;
  machine.ssh_public_key = task.ssh_public;
  machine.repository = task.forge.web_url();
  for (std::string const& label : wanted.labels) machine.labels += (machine.labels.empty() ? "" : ",") + label;
  machine.max_lifetime = task.lifetime;
  machine.now = task.ports.clock.now();
  BootRequest boot;
  boot.id = wanted.name;
  boot.cloud = options.cloud;
  boot.driver = std::string(task.forge.name());
  boot.repository_url = task.forge.web_url();
  boot.api_url = options.api_url;
  boot.launch = task.launch;
  boot.startup_script = options.startup_script;
  boot.program = options.program;
  boot.max_lifetime = task.lifetime;
  bool const pod = options.cloud == "kubernetes";
  if (pod && machine.image.empty()) machine.image = pod_image(boot.driver);
  machine.boot_script = [boot, registration, pod, wanted, &forge = task.forge]() mutable {
    boot.unaided = forge.unaided(wanted, *registration);
    boot.registration = kept_registration(boot.unaided, *registration);
    return pod ? pod_script(boot, kPodRegistration) : machine_script(boot);
  };
  if (pod && !boot.program.url.empty())
    machine.program = [&http = task.ports.http, program = boot.program, architecture = wanted.architecture] {
      return fetch_program(http, program, architecture);
    };
  machine.registration = [registration, wanted, &forge = task.forge] {
    return kept_registration(forge.unaided(wanted, *registration), *registration);
  };
  return machine;
}

cloud::Step enroll_step(RunnerForge& forge, Clock& clock, RunnerWanted const& wanted,
                        std::shared_ptr<Registration> registration) {
  cloud::Step step;
  step.what = "register the runner " + wanted.name + " with " + forge.web_url() + (wanted.single ? " for one job" : "");
  step.run = [&forge, wanted, registration]() -> Status {
    CML_TRY(fresh, forge.enroll(wanted));
    *registration = std::move(fresh);
    return ok();
  };
  step.undo_what = "unregister the runner " + wanted.name;
  step.undo = [&forge, &clock, wanted, registration] { return take_back(forge, clock, wanted.name, *registration); };
  return step;
}

}  // namespace

std::string architecture_for(CloudOptions const& options, std::string const& type) {
  for (auto const& [key, value] : options.node_selector)
    if (options.cloud == "kubernetes" && key == "kubernetes.io/arch" && value == "arm64") return value;
  return cloud::architecture_of(options.cloud, type);
}

bool is_over(cloud::Machine const& machine) { return machine.state == "gone" || machine.state == "stopped"; }

RunnerWanted runner_wanted(PlanTask const& task) {
  CloudOptions const& options = task.options;
  RunnerWanted wanted =
      wanted_of(task.launch, make_id(task.launch.name, options.cloud, task.ports.clock.now(), task.ports.random),
                "made by cml runner launch --cloud=" + options.cloud + maker(task));
  wanted.unattended = true;
  wanted.architecture = architecture_for(options, options.types.front());
  // As the boot script has it; where a pod works is decided there.
  if (options.cloud != "kubernetes") wanted.folder = "/root/.cml/" + wanted.name;
  if (task.lifetime.count() > 0) wanted.max_lifetime = task.lifetime;
  return wanted;
}

Result<Launched> plan_machine(PlanTask const& task, RunnerWanted const& wanted, std::string const& region) {
  if (task.options.cloud == "kubernetes" && task.forge.name() == "bitbucket")
    return Error{
        ErrorKind::Unsupported,
        "Bitbucket's runner is a container, which a pod cannot start; take a machine (--cloud=aws, azure, gcp)"};
  Launched launched;
  launched.wanted = wanted;
  auto const machine = machine_wanted(task, region, wanted, launched.registration);
  CML_CHECK_OK(machine.boot_script());  // What is wrong with it is told before anything is made.
  CML_TRY(plan, task.place.plan(machine));
  launched.plan = std::move(plan);
  launched.plan.steps.insert(launched.plan.steps.begin(),
                             enroll_step(task.forge, task.ports.clock, wanted, launched.registration));
  return launched;
}

}  // namespace cml::runner
