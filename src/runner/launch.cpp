#include "runner/launch.hpp"

#include <algorithm>
#include <set>

#include "base/secret_names.hpp"
#include "base/text.hpp"
#include "forge/registry.hpp"
#include "runner/agents/download.hpp"
#include "runner/agents/take_back.hpp"
#include "runner/duration.hpp"
#include "runner/machine_id.hpp"
#include "runner/notices.hpp"
#include "runner/status_line.hpp"
#include "runner/supervise.hpp"

namespace cml::runner {
namespace {

constexpr std::size_t kMaxLabels = 100;
constexpr seconds kComing{1200}, kSecondLook{2};

bool has_all(RunnerForge const& forge, std::vector<std::string> const& labels, std::vector<std::string> const& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](std::string const& one) {
    return std::any_of(labels.begin(), labels.end(),
                       [&](std::string const& label) { return forge.serves(label, one); });
  });
}

// In GitHub's words; what nobody knows is left empty.
std::string architecture_here(Process& process) {
  auto const name = machine_architecture(process);
  return !name ? "x64" : *name == "amd64" ? "x64" : *name;
}

std::string joined(std::vector<std::string> const& parts) {
  std::string text;
  for (std::string const& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

Result<std::filesystem::path> work_folder(Ports const& ports, LaunchOptions const& options, std::string const& name) {
  std::filesystem::path folder = options.workdir;
  if (folder.empty()) {
    auto const home = ports.environment.get("HOME");
    if (!home || home->empty()) return Error{ErrorKind::Usage, "no folder to work in: HOME is not set; give --workdir"};
    folder = std::filesystem::path(*home) / ".cml" / name;
  }
  if (folder.is_relative()) folder = ports.files.current_directory() / folder;
  folder = folder.lexically_normal();
  CML_CHECK_OK(ports.files.make_directories(folder));
  return folder;
}

}  // namespace

Result<std::vector<std::string>> parse_labels(std::string_view text) {
  std::vector<std::string> labels;
  for (std::string const& part : split(text, ',')) {
    std::string const label(trim(part));
    if (label.empty()) continue;
    bool const bad = label.size() > 256 ||
                     std::any_of(label.begin(), label.end(), [](char c) { return static_cast<unsigned char>(c) < 32; });
    if (bad) return Error{ErrorKind::Usage, "\"" + one_line(label, 40) + "\" is not a valid label"};
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  }
  if (labels.empty())
    return Error{ErrorKind::Usage, "no label left in \"" + one_line(text, 40) + "\"; write --labels=gpu,cml"};
  if (labels.size() > kMaxLabels) return Error{ErrorKind::Usage, "more than 100 labels"};
  return labels;
}

RunnerWanted wanted_of(LaunchOptions const& options, std::string name, std::string note) {
  RunnerWanted wanted;
  wanted.name = std::move(name);
  wanted.labels = options.labels;
  wanted.single = options.single;
  wanted.idle_timeout = options.idle_timeout;
  wanted.docker_volumes = options.docker_volumes;
  wanted.docker_image = options.docker_image;
  wanted.note = std::move(note);
  wanted.run_untagged = options.run_untagged || !options.labels_given;
  wanted.group = options.group;
  wanted.max_lifetime = options.max_lifetime;
  return wanted;
}

Result<bool> reuse_existing(RunnerForge& forge, LaunchOptions const& options, Console& console, Lives const& lives) {
  if (options.reuse_idle && forge.name() == "bitbucket")
    return Error{ErrorKind::Unsupported, "cml runner flag --reuse-idle is unsupported by " + std::string(forge.name())};
  bool const look_at_all = options.reuse || options.reuse_idle;
  if (!look_at_all && options.name.empty()) return false;
  std::vector<RunnerSeen> there;
  if (look_at_all) {
    CML_TRY(all, forge.runners());
    there = std::move(all);
  } else {
    CML_TRY(one, forge.find(options.name));
    if (one) there.push_back(*one);
  }
  for (RunnerSeen const& runner : there) {
    if (options.name.empty() || runner.name != options.name) continue;
    if (!options.reuse)
      return Error{ErrorKind::Conflict,
                   "Runner name " + options.name +
                       " is already in use. Please change the name or terminate the existing runner."};
    console.log(LogLevel::Info, message_line("Reusing existing runner named " + options.name + "..."));
    return true;
  }
  for (RunnerSeen const& runner : there) {
    if (!look_at_all || !runner.online || !has_all(forge, runner.labels, options.labels)) continue;
    if (options.reuse_idle && runner.may_work()) continue;
    if (lives && !lives(runner)) continue;
    console.log(LogLevel::Info, message_line(options.reuse_idle ? "Found matching idle runner."
                                                                : "Reusing existing online runners with the " +
                                                                      joined(options.labels) + " labels..."));
    return true;
  }
  return false;
}

Result<long long> below_cap(RunnerForge& forge, LaunchOptions const& options, Ports const& ports, long long wanted,
                            Lives const& lives) {
  if (options.max_agents <= 0) return wanted;
  // A list may be late: what another launch made just now shows at the second look.
  std::set<std::string> seen;
  for (int look = 0; look < 2 && static_cast<long long>(seen.size()) < options.max_agents; ++look) {
    if (look > 0) ports.clock.sleep_for(kSecondLook);
    CML_TRY(all, forge.runners());
    for (RunnerSeen const& runner : all) {
      // One that was made just now is on its way.
      bool const coming = time_of_id(runner.name).value_or(Time()) + kComing > ports.clock.now();
      bool const online = runner.online && (!lives || lives(runner));
      if (has_all(forge, runner.labels, options.labels) && (online || coming)) seen.insert(runner.id);
    }
  }
  auto const there = static_cast<long long>(seen.size());
  long long const left = std::max(0LL, std::min(wanted, options.max_agents - there));
  if (left < wanted)
    ports.console.log(LogLevel::Info,
                      message_line(std::to_string(there) + " runners have these labels; --max-agents=" +
                                   std::to_string(options.max_agents) + " leaves room for " + std::to_string(left)));
  return left;
}

std::vector<std::string> hidden_variables(Environment const& environment) {
  // Our own tokens: a job gets what its forge gives it, not what may administer the repository.
  std::vector<std::string> names = token_variables();
  names.insert(names.end(), {kJenkinsToken, "_CML_RUNNER_SENSITIVE_ENV"});
  for (auto const& [name, value] : environment.all())
    if (name.starts_with("CML_") && is_secret_name(name)) names.push_back(name);
  for (std::string const& name : split(environment.get("_CML_RUNNER_SENSITIVE_ENV").value_or(""), ':'))
    if (!name.empty()) names.push_back(name);
  return names;
}

Status launch_here(Ports const& ports, RunnerForge& forge, LaunchOptions const& options, bool has_token) {
  RunnerWanted wanted = wanted_of(options, options.name.empty() ? random_name(ports.random, 10) : options.name,
                                  "made by cml runner launch");
  wanted.unattended = !options.machine_of.empty();
  wanted.architecture = architecture_here(ports.process);
  if (options.registration_file.empty()) {
    CML_TRY(room, below_cap(forge, options, ports, 1));
    if (room == 0) return ok();
  }
  if (!options.docker_volumes.empty() && forge.name() != "gitlab")
    ports.console.log(LogLevel::Warn, "--docker-volumes has a meaning on GitLab only");
  if (!options.docker_image.empty() && forge.name() != "gitlab")
    ports.console.log(LogLevel::Warn, "--docker-image has a meaning on GitLab only");
  CML_TRY(folder, work_folder(ports, options, wanted.name));
  wanted.folder = folder.string();
  auto const notify = [&](std::string const& line) { ports.console.log(LogLevel::Info, line); };
  Workplace const place{ports.http, ports.files, ports.process, ports.environment, folder, options.runner_path, notify};
  Registration registration;
  if (!options.registration_file.empty()) {
    CML_TRY(text, ports.files.read(options.registration_file, 1u << 20));
    CML_TRY(given, registration_from(text));
    registration = std::move(given);
  }
  // A token that may not register is told before minutes of download.
  if (options.registration_file.empty() && options.name.empty())
    if (auto const allowed = forge.find(wanted.name); !allowed && lacks_access(allowed.error().kind))
      return Error(allowed.error());
  // While the agent is fetched, which may take long, nothing is registered here yet: a signal simply ends the process.
  CML_CHECK_OK(forge.fetch(place, registration));
  CML_CHECK_OK(ports.supervisor.watch_signals());  // From here on a signal ends a life, not the process.
  if (options.registration_file.empty()) {
    CML_TRY(fresh, forge.enroll(wanted));
    registration = std::move(fresh);
  }
  // What the forge knows by now must not stay there when this machine cannot serve.
  auto const unregister = [&] {
    if (has_token) (void)take_back(forge, ports.clock, wanted.name, registration);
  };
  auto child = forge.prepare(place, wanted, registration);
  if (!child) {
    unregister();
    return std::move(child).error();
  }
  child->without = hidden_variables(ports.environment);
  Policy policy;
  // Where nobody tells this machine of jobs it cannot count its idle time itself: what the agent prints must do
  // (read_line).
  bool const hears_of_jobs = has_token || !forge.must_be_asked();
  policy.idle_timeout = hears_of_jobs ? options.idle_timeout : std::nullopt;
  policy.max_lifetime = options.max_lifetime;
  policy.job_limit = options.no_retry ? std::nullopt : forge.job_limit();
  policy.single = options.single;
  policy.retry = !options.no_retry;
  if (!time_of_id(wanted.name))
    policy.left_over = "remove " + wanted.name + " on the forge's page of runners; \"cml runner gc\" leaves it alone";
  Supervision task{ports.supervisor,
                   ports.clock,
                   ports.console,
                   forge,
                   place,
                   policy,
                   wanted.name,
                   registration,
                   has_token,
                   notices_of(options.machine_of, ports.http, ports.environment)};
  ports.console.log(LogLevel::Info, message_line("Launching " + std::string(forge.name()) + " runner " + wanted.name +
                                                 " with the labels " + joined(wanted.labels) + ", idle time-out " +
                                                 (options.idle_timeout ? describe(*options.idle_timeout) : "never")));
  auto ended = supervise(task, *child);
  if (!ended) unregister();
  // A folder that nobody named is nobody's: an agent of hundreds of megabytes would stay for each launch.
  bool const nameless = options.workdir.empty() && options.name.empty() && options.registration_file.empty();
  if (ended && nameless)
    (void)ports.process.run(
        {.arguments = {"rm", "-rf", "--one-file-system", folder.string()}, .timeout = std::chrono::seconds(300)});
  return ended;
}

}  // namespace cml::runner
