#include "runner/provision.hpp"

#include <set>

#include "base/text.hpp"
#include "cloud/catalogue.hpp"
#include "runner/arrival.hpp"
#include "runner/launch_report.hpp"
#include "runner/machine_id.hpp"
#include "runner/machine_plan.hpp"
#include "runner/status_line.hpp"

namespace cml::runner {
namespace {

constexpr seconds kDefaultLifetime = std::chrono::hours(7 * 24);

class Launcher {
 public:
  Launcher(Ports const& ports, RunnerForge& forge, cloud::Cloud& place, LaunchOptions const& launch,
           CloudOptions const& options)
      : ports_(ports), forge_(forge), cloud_(place), launch_(launch), options_(options) {
    task_.lifetime = !launch.max_lifetime_given ? kDefaultLifetime : launch.max_lifetime.value_or(seconds(0));
    if (options_.types.empty()) options_.types = {"m"};
  }

  Status run() {
    if (options_.count < 1 || options_.count > 1000)
      return Error{ErrorKind::Usage, "--count must be between 1 and 1000"};
    CML_TRY(ssh_key, public_key());
    task_.ssh_public = std::move(ssh_key);
    long long wanted = options_.count;
    if (!options_.dry_run) {
      auto const lives = [this](RunnerSeen const& runner) { return machine_lives(runner); };
      CML_TRY(reused, reuse_existing(forge_, launch_, ports_.console, lives));
      if (reused) return nothing_made();
      CML_TRY(left, below_cap(forge_, launch_, ports_, wanted, lives));
      wanted = left;
      if (wanted == 0) return nothing_made();
      CML_CHECK_OK(ports_.supervisor.watch_signals());
    }
    CML_CHECK_OK(check_program());
    for (long long i = 0; i < wanted; ++i) {
      auto started = start_one();
      if (options_.dry_run) {
        if (!started) return std::move(started).error();
        return options_.json ? ports_.console.out(plans_json(shown_) + "\n") : ok();
      }
      if (started) {
        started_.push_back(std::move(*started));
        continue;
      }
      fail(std::move(started).error());
      break;
    }
    // Those that were made come up all the same: by now some may serve jobs.
    if (options_.wait) wait_until_online(arrival(), started_);
    auto const told = report();
    // What was left is the error, also of a launch that found room elsewhere.
    if (!left_.empty() && !failure_) failure_ = Error{ErrorKind::Network, "the launch left something behind"};
    if (!failure_) return told;
    if (wanted > 1)
      failure_->message = std::to_string(started_.size()) + " of " + std::to_string(wanted) +
                          " machines were made: " + failure_->message;
    for (std::string const& one : left_) failure_->message += "; " + one;
    return std::move(*failure_);
  }

 private:
  void log(std::string const& line) { ports_.console.log(LogLevel::Info, message_line(line)); }

  Result<std::string> public_key() {
    if (options_.ssh_private.empty()) return std::string();
    // From stdin: the key is never a file of ours, nor a word of a command line.
    std::string pem = options_.ssh_private.reveal();
    if (pem.back() != '\n') pem += "\n";
    CML_TRY(answer, ports_.process.run({.arguments = {"ssh-keygen", "-y", "-P", "", "-f", "/dev/stdin"},
                                        .input = pem,
                                        .timeout = std::chrono::seconds(20)}));
    if (answer.exit_code != 0)
      return Error{ErrorKind::Usage,
                   "--cloud-ssh-private is not a private key that ssh-keygen can read (PEM, without a passphrase)"};
    return std::string(trim(answer.out));
  }

  // Where the forge goes on calling a runner online (GitLab, for two hours), this cloud is asked for its machine. What
  // it cannot say is not held against the runner.
  bool machine_lives(RunnerSeen const& runner) {
    if (forge_.online_lasts().count() == 0 || cloud_of_id(runner.name) != options_.cloud) return true;
    if (!machines_) {
      auto const all = cloud_.machines({});
      if (!all.missing.empty()) return true;
      machines_.emplace();
      for (cloud::Machine const& machine : all.machines)
        if (!is_over(machine) && machine.state != "stray") machines_->insert(machine.id);
    }
    return machines_->count(runner.name) > 0;
  }

  // Before anything is made: is there what the machine runs?
  Status check_program() {
    std::set<std::string> architectures;
    for (std::string const& type : options_.types) architectures.insert(architecture_for(options_, type));
    if (options_.program.url.empty()) return ok();
    for (std::string const& architecture : architectures)
      CML_CHECK_OK(ask_for_program(ports_.http, options_.program, architecture,
                                   [this](std::string const& line) { ports_.console.log(LogLevel::Warn, line); }));
    return ok();
  }

  Result<Launched> start_one() {
    RunnerWanted const wanted = runner_wanted(task_);
    Error last{ErrorKind::TooLarge, "no region was given"};
    for (std::string const& region : options_.regions) {
      auto planned = plan_machine(task_, wanted, region);
      if (!planned) {
        last = planned.error();
        if (last.kind != ErrorKind::TooLarge) return last;
        log("nothing in " + region + ": " + last.message);
        continue;
      }
      if (options_.dry_run) {
        if (!options_.json) CML_CHECK_OK(ports_.console.out(plan_text(task_, *planned)));
        shown_.push_back(std::move(*planned));
        continue;
      }
      if (!planned->plan.price.empty()) log("price: " + planned->plan.price);
      auto const done = cloud::execute(
          planned->plan, [this](std::string const& line) { log(line); }, [this] { return stopped(); }, left_);
      if (done) return std::move(*planned);
      last = done.error();
      if (last.kind != ErrorKind::TooLarge || !signal_.empty()) return last;
      log("no capacity in " + region + ": " + last.message);
    }
    if (!shown_.empty()) return shown_.back();
    return last;
  }

  // The first one is told; the others were only said.
  void fail(Error error) {
    if (failure_)
      ports_.console.log(LogLevel::Warn, error.message);
    else
      failure_ = std::move(error);
  }

  // Waits so long for a signal, which is remembered.
  std::optional<std::string> stopped(std::chrono::milliseconds at_most = std::chrono::milliseconds(0)) {
    for (SupervisorEvent const& event : ports_.supervisor.wait(at_most))
      if (auto* signal = std::get_if<SignalReceived>(&event)) signal_ = signal->name;
    if (signal_.empty()) return std::nullopt;
    return "stopped by " + signal_;
  }

  ArrivalTask arrival() {
    return {ports_,
            forge_,
            cloud_,
            [this](std::string const& line) { log(line); },
            [this](Error error) { fail(std::move(error)); },
            [this](std::chrono::milliseconds at_most) { return stopped(at_most); },
            left_};
  }

  Status nothing_made() { return options_.json ? ports_.console.out("[]\n") : ok(); }

  Status report() {
    if (started_.empty() && failure_) return ok();
    std::string all;
    for (std::string const& one : attributes(task_, started_)) {
      ports_.console.log(LogLevel::Info, message_line(one));
      all += (all.empty() ? "" : ",") + one;
    }
    return options_.json ? ports_.console.out("[" + all + "]\n") : ok();
  }

  Ports const& ports_;
  RunnerForge& forge_;
  cloud::Cloud& cloud_;
  LaunchOptions const& launch_;
  CloudOptions options_;
  PlanTask task_{ports_, forge_, cloud_, launch_, options_};
  std::string signal_;
  std::optional<Error> failure_;
  std::vector<std::string> left_;  // What could not be undone.
  std::vector<Launched> shown_;    // The plans of a dry run, a region each.
  std::vector<Launched> started_;
  std::optional<std::set<std::string>> machines_;  // Of this cloud, by id, once they were asked for.
};

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_pairs(std::vector<std::string> const& texts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string const& text : texts) {
    auto const equals = text.find('=');
    if (equals == std::string::npos)
      pairs.emplace_back(text, "");
    else
      pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

bool needs_program(RunnerForge const& forge, LaunchOptions const& launch) {
  return !forge.unaided(wanted_of(launch, launch.name, ""), {});
}

Status launch_in_cloud(Ports const& ports, RunnerForge& forge, cloud::Cloud& place, LaunchOptions const& launch,
                       CloudOptions const& options) {
  return Launcher(ports, forge, place, launch, options).run();
}

}  // namespace cml::runner
