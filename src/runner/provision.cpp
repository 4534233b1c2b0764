#include "runner/provision.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "runner/boot_script.hpp"
#include "runner/duration.hpp"
#include "runner/status_line.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

constexpr seconds kReadyLimit{1200}, kPollEvery{5}, kLookEvery{30};
constexpr seconds kDefaultLifetime = std::chrono::hours(7 * 24);
constexpr std::size_t kNameBytes = 28;
constexpr std::size_t kLooksAtOnce = 50;  // More machines are looked at less often: clouds count requests.
constexpr std::size_t kFew = 3;           // Awaited runners that are asked for one by one.
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kTailBytes = 4000;
constexpr std::size_t kIdTail = 8 + 1 + 8, kCheckDigits = 4;  // "TTTTTTRR-RRRRCCCC"

std::string base36(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value /= 36) text[i] = kBase36[value % 36];
  return text;
}

std::string check_of(std::string_view name, std::string_view time_and_chance, std::string_view cloud) {
  std::string const all = std::string(name) + "-" + std::string(time_and_chance) + std::string(cloud);
  return base36(std::stoull(sha256_hex(all).substr(0, 15), nullptr, 16), kCheckDigits);
}

// One machine on its way.
struct Started {
  cloud::Plan plan;
  RunnerWanted wanted;
  std::shared_ptr<Registration> registration = std::make_shared<Registration>();
  bool online = false;
};

class Launcher {
 public:
  Launcher(Ports const& ports, RunnerForge& forge, cloud::Cloud& place, LaunchOptions const& launch,
           CloudOptions const& options)
      : ports_(ports), forge_(forge), cloud_(place), launch_(launch), options_(options) {
    lifetime_ = !launch.max_lifetime_given ? kDefaultLifetime : launch.max_lifetime.value_or(seconds(0));
    if (options_.types.empty()) options_.types = {"m"};
  }

  Status run() {
    if (options_.count < 1 || options_.count > 1000)
      return Error{ErrorKind::Usage, "--count must be between 1 and 1000"};
    CML_TRY(ssh_key, public_key());
    ssh_public_ = std::move(ssh_key);
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
    for (long long i = 0; i < wanted; ++i) {
      auto started = start_one();
      if (options_.dry_run) {
        if (!started) return std::move(started).error();
        return options_.json ? ports_.console.out(json{{"dry_run", true}, {"plans", shown_}}.dump() + "\n") : ok();
      }
      if (started) {
        started_.push_back(std::move(*started));
        continue;
      }
      fail(std::move(started).error());
      break;
    }
    // Those that were made come up all the same: by now some may serve jobs.
    if (options_.wait) wait_until_online();
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

  cloud::MachineWanted machine_wanted(std::string const& id, std::string const& region, RunnerWanted const& wanted,
                                      std::shared_ptr<Registration> registration) {
    cloud::MachineWanted machine;
    machine.id = id;
    machine.region = region;
    machine.types = options_.types;
    machine.gpu = options_.gpu;
    machine.image = options_.image;
    machine.permission_set = options_.permission_set;
    machine.security_group = options_.security_group;
    machine.subnet = options_.subnet;
    machine.disk_gb = options_.disk_gb;
    machine.spot = options_.spot;
    machine.spot_fallback = options_.spot_fallback;
    machine.spot_price = options_.spot_price;
    machine.metadata = options_.metadata;
    machine.node_selector = options_.node_selector;
    machine.ssh_public_key = ssh_public_;
    machine.repository = forge_.web_url();
    for (std::string const& label : wanted.labels) machine.labels += (machine.labels.empty() ? "" : ",") + label;
    machine.max_lifetime = lifetime_;
    machine.now = ports_.clock.now();
    BootRequest boot;
    boot.id = id;
    boot.cloud = options_.cloud;
    boot.driver = std::string(forge_.name());
    boot.repository_url = forge_.web_url();
    boot.api_url = options_.api_url;
    boot.launch = launch_;
    boot.startup_script = options_.startup_script;
    boot.cml_url = options_.cml_url;
    boot.max_lifetime = lifetime_;
    bool const pod = options_.cloud == "kubernetes";
    if (pod && machine.image.empty()) machine.image = pod_image(boot.driver);
    machine.boot_script = [boot, registration, pod]() mutable {
      boot.registration = to_text(*registration);
      return pod ? pod_script(boot, "/var/run/cml/registration.json") : machine_script(boot);
    };
    machine.registration = [registration] { return to_text(*registration); };
    return machine;
  }

  cloud::Step enroll_step(RunnerWanted const& wanted, std::shared_ptr<Registration> registration) {
    cloud::Step step;
    step.what =
        "register the runner " + wanted.name + " with " + forge_.web_url() + (wanted.single ? " for one job" : "");
    step.run = [this, wanted, registration]() -> Status {
      CML_TRY(fresh, forge_.enroll(wanted));
      *registration = std::move(fresh);
      return ok();
    };
    step.undo_what = "unregister the runner " + wanted.name;
    step.undo = [this, wanted]() -> Status {
      CML_TRY(found, forge_.find(wanted.name));
      return found ? forge_.unregister(*found) : ok();
    };
    return step;
  }

  // GitLab's job that makes the machine: an interrupted job needs it to run again first.
  std::string maker() const {
    auto const job = ports_.environment.get("CI_JOB_ID");
    return forge_.name() == "gitlab" && job && parse_integer(*job) ? " by job " + *job : "";
  }

  Result<Started> start_one() {
    RunnerWanted wanted = wanted_of(launch_, make_id(launch_.name, options_.cloud, ports_.clock.now(), ports_.random),
                                    "made by cml runner launch --cloud=" + options_.cloud + maker());
    wanted.unattended = true;
    wanted.architecture = architecture_of(options_.cloud, options_.types.front());
    // As the boot script has it; where a pod works is decided there.
    if (options_.cloud != "kubernetes") wanted.folder = "/root/.cml/" + wanted.name;
    if (lifetime_.count() > 0) wanted.max_lifetime = lifetime_;
    Error last{ErrorKind::TooLarge, "no region was given"};
    std::optional<Started> shown;  // Of a dry run.
    for (std::string const& region : options_.regions) {
      Started started;
      started.wanted = wanted;
      auto const machine = machine_wanted(wanted.name, region, wanted, started.registration);
      CML_CHECK_OK(machine.boot_script());  // What is wrong with it is told before anything is made.
      auto planned = cloud_.plan(machine);
      if (!planned) {
        last = planned.error();
        if (last.kind != ErrorKind::TooLarge) return last;
        log("nothing in " + region + ": " + last.message);
        continue;
      }
      started.plan = std::move(*planned);
      started.plan.steps.insert(started.plan.steps.begin(), enroll_step(wanted, started.registration));
      if (options_.dry_run) {
        CML_CHECK_OK(print(started));
        shown = std::move(started);
        continue;
      }
      if (!started.plan.price.empty()) log("price: " + started.plan.price);
      auto const done = cloud::execute(
          started.plan, [this](std::string const& line) { log(line); }, [this] { return stopped(); }, left_);
      if (done) return started;
      last = done.error();
      if (last.kind != ErrorKind::TooLarge || !signal_.empty()) return last;
      log("no capacity in " + region + ": " + last.message);
    }
    if (shown) return std::move(*shown);
    return last;
  }

  Status print(Started const& started) {
    if (options_.json) {
      json steps = json::array();
      for (cloud::Step const& step : started.plan.steps) steps.push_back({{"do", step.what}, {"undo", step.undo_what}});
      shown_.push_back({{"id", started.wanted.name}, {"price", started.plan.price}, {"steps", steps}});
      return ok();
    }
    std::string text = "would make " + std::to_string(options_.count) + " of these:\n";
    for (cloud::Step const& step : started.plan.steps)
      text +=
          "  " + step.what + (step.undo_what.empty() ? "" : "\n    when a later step fails: " + step.undo_what) + "\n";
    if (!started.plan.price.empty()) text += "  price: " + started.plan.price + "\n";
    if (lifetime_.count() > 0) text += "  the machine ends itself after " + describe(lifetime_) + " at the latest\n";
    return ports_.console.out(text);
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

  // The forge is asked, not the machine: no port of it needs to be open. One that does not come up is taken away; the
  // others, which may be running jobs by then, stay and end by themselves.
  void wait_until_online() {
    Time const began = ports_.clock.now();
    Time next_look = began + kLookEvery;
    while (true) {
      auto const asked = mark_online();
      if (!asked) fail(asked.error());
      if (awaited() == 0) return;
      Time const now = ports_.clock.now();
      if (!asked) break;
      if (auto const signal = stopped()) {
        fail({ErrorKind::Conflict, *signal + " before the runner was online"});
        break;
      }
      if (now >= next_look) {
        next_look = now + kLookEvery * (1 + static_cast<long long>(awaited() / kLooksAtOnce));
        take_failures_away();
      }
      if (now - began >= kReadyLimit) {
        if (awaited() > 0) fail(gave_up(*first_awaited(), "was not online after " + runner::describe(kReadyLimit)));
        break;
      }
      (void)stopped(kPollEvery);
    }
    take_away([](Started const& started) { return !started.online; });
  }

  void take_away(std::function<bool(Started const&)> const& which) {
    for (Started const& started : started_)
      if (which(started))
        cloud::undo(
            started.plan, [this](std::string const& line) { log(line); }, left_);
    started_.erase(std::remove_if(started_.begin(), started_.end(), which), started_.end());
  }

  std::vector<Started>::const_iterator first_awaited() const {
    return std::find_if(started_.begin(), started_.end(), [](Started const& started) { return !started.online; });
  }

  std::size_t awaited() const {
    return static_cast<std::size_t>(
        std::count_if(started_.begin(), started_.end(), [](Started const& started) { return !started.online; }));
  }

  // One filtered request a runner, or the whole list when many are awaited. A forge that is away for a moment is no
  // failure.
  Status mark_online() {
    std::size_t const waiting = awaited();
    auto const mark = [&](Started& started, RunnerSeen const& runner) {
      if (!runner.online || started.online) return;
      started.online = true;
      log("the runner " + started.wanted.name + " is online");
    };
    if (waiting > kFew) {
      auto const all = forge_.presence();
      if (!all) return tolerate(all.error());
      for (RunnerSeen const& runner : *all)
        for (Started& started : started_)
          if (started.wanted.name == runner.name) mark(started, runner);
      return ok();
    }
    for (Started& started : started_) {
      if (started.online) continue;
      auto const found = forge_.find(started.wanted.name);
      if (!found) return tolerate(found.error());
      if (*found) mark(started, **found);
    }
    return ok();
  }

  Status tolerate(Error const& error) {
    if (lacks_access(error.kind)) return error;
    ports_.console.log(LogLevel::Debug, error.message);
    return ok();
  }

  // Many are looked for in the cloud's list first, and only those that are not well there are looked at.
  void take_failures_away() {
    std::set<std::string> well, over;
    if (awaited() > kFew) {
      std::set<std::string> regions;
      for (Started const& started : started_)
        if (!started.plan.machine->region.empty()) regions.insert(started.plan.machine->region);
      cloud::Found const all = cloud_.machines({regions.begin(), regions.end()});
      for (Error const& error : all.missing) ports_.console.log(LogLevel::Debug, error.message);
      if (!all.missing.empty()) return;
      for (cloud::Machine const& machine : all.machines)
        if (!is_over(machine) && machine.state != "stray") well.insert(machine.id);
    }
    for (Started& started : started_) {
      if (started.online || well.count(started.wanted.name) > 0) continue;
      auto const now = cloud_.look(*started.plan.machine);
      bool const no_room = !now && now.error().kind == ErrorKind::TooLarge;
      if (!no_room && !(now && is_over(*now))) continue;
      if (!no_room && has_served(started)) {
        started.online = true;
        log("the runner " + started.wanted.name + " has served its job and is gone");
        continue;
      }
      over.insert(started.wanted.name);
      fail(no_room ? now.error() : gave_up(started, "ended before its runner was online"));
    }
    take_away([&](Started const& started) { return over.count(started.wanted.name) > 0; });
  }
  // A short job may be over between two questions. The forge forgets a runner for one job only after that.
  bool has_served(Started const& started) {
    if (!started.wanted.single || started.registration->id.empty()) return false;
    auto const found = forge_.find(started.wanted.name);
    return found && !*found;
  }
  static bool is_over(cloud::Machine const& machine) { return machine.state == "gone" || machine.state == "stopped"; }

  Error gave_up(Started const& started, std::string const& what) {
    auto const output = cloud_.console_output(*started.plan.machine);
    if (output && !output->empty()) {
      std::string const tail = output->size() > kTailBytes ? output->substr(output->size() - kTailBytes) : *output;
      for (std::string const& line : split(tail, '\n'))
        if (!trim(line).empty()) ports_.console.log(LogLevel::Warn, started.wanted.name + "| " + clean_line(line, 300));
    } else if (!output) {
      ports_.console.log(LogLevel::Debug, output.error().message);
    }
    return {ErrorKind::Network, "the machine " + started.wanted.name + " " + what +
                                    "; its last output is above if the cloud keeps it. Can it reach the forge and the "
                                    "releases of cml (NAT, proxy, --cml-url)?"};
  }

  Status nothing_made() { return options_.json ? ports_.console.out("[]\n") : ok(); }

  // CML's attributes, under its names: one line whose message is itself JSON.
  json attributes(Started const& started) const {
    cloud::Machine const& machine = *started.plan.machine;
    json labels = json::array(), metadata = json::object(), selector = json::object();
    for (std::string const& label : launch_.labels) labels.push_back(label);
    for (auto const& [name, value] : options_.metadata) metadata[name] = value;
    for (auto const& [name, value] : options_.node_selector) selector[name] = value;
    json result{{"awsSecurityGroup", options_.security_group},
                {"awsSubnetId", machine.subnet.empty() ? options_.subnet : machine.subnet},
                {"cloud", options_.cloud},
                {"driver", forge_.name()},
                {"id", machine.id},
                {"idleTimeout", launch_.idle_timeout ? launch_.idle_timeout->count() : -1},
                {"image", machine.image},
                {"instanceGpu", options_.gpu},
                {"instanceHddSize", machine.disk_gb > 0 ? machine.disk_gb : options_.disk_gb},
                {"instanceIp", machine.address},
                {"instanceLaunchTime", machine.launched_at ? iso_time(*machine.launched_at) : ""},
                {"instanceType", machine.type},
                {"instancePermissionSet", options_.permission_set},
                {"labels", labels},
                {"cmlVersion", options_.cml_version},
                {"metadata", metadata},
                {"name", launch_.name},
                {"region", machine.region},
                {"repo", forge_.web_url()},
                {"single", launch_.single},
                {"spot", machine.spot},
                {"spotPrice", options_.spot_price < 0 ? json(-1) : json(options_.spot_price)},
                {"timeouts", nullptr},
                {"kubernetesNodeSelector", selector}};
    if (!machine.native_id.empty()) result["instanceId"] = machine.native_id;
    if (!machine.zone.empty()) result["zone"] = machine.zone;
    if (machine.hourly_price) result["hourlyPrice"] = *machine.hourly_price;
    return result;
  }

  Status report() {
    if (started_.empty() && failure_) return ok();
    json all = json::array();
    for (Started const& started : started_) {
      json const one = attributes(started);
      ports_.console.log(LogLevel::Info, message_line(one.dump(-1, ' ', false, json::error_handler_t::replace)));
      all.push_back(one);
    }
    return options_.json ? ports_.console.out(all.dump() + "\n") : ok();
  }

  Ports const& ports_;
  RunnerForge& forge_;
  cloud::Cloud& cloud_;
  LaunchOptions const& launch_;
  CloudOptions options_;
  seconds lifetime_{0};
  std::string ssh_public_, signal_;
  std::optional<Error> failure_;
  std::vector<std::string> left_;  // What could not be undone.
  json shown_ = json::array();     // The plans of a dry run, a region each.
  std::vector<Started> started_;
  std::optional<std::set<std::string>> machines_;  // Of this cloud, by id, once they were asked for.
};

}  // namespace

std::string architecture_of(std::string_view cloud, std::string_view type) {
  std::string const name = to_lower(type);
  auto const begins = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
  bool arm = false;
  if (cloud == "aws") {  // "m6g.large", "c7gn.xlarge": g after the generation; in "g4dn" it is the family.
    auto const after = name.find_first_not_of("0123456789", name.find_first_of("0123456789"));
    arm = begins("a1.") || (after != std::string::npos && after > 0 && name[after] == 'g');
  } else if (cloud == "gcp") {
    arm = begins("t2a-") || begins("c4a-") || begins("n4a-") || begins("a4x-");
  } else if (cloud == "azure") {  // "Standard_D8ps_v5": p among the letters after the number.
    auto const at = name.find('_'), digit = name.find_first_of("0123456789", at == std::string::npos ? 0 : at);
    auto const letters = name.find_first_not_of("0123456789", digit);
    if (digit != std::string::npos && letters != std::string::npos)
      arm = name.substr(letters, name.find('_', letters) - letters).find('p') != std::string::npos;
  }
  return arm ? "arm64" : "x64";
}

std::string make_id(std::string_view given, std::string_view cloud, Time now, Random& random) {
  std::string name;
  for (char c : to_lower(given.empty() ? random_name(random, 6) : std::string(given))) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      name.push_back(c);
    else if (!name.empty() && name.back() != '-')
      name.push_back('-');
  }
  name = name.substr(0, kNameBytes);
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) name = "runner";
  auto const second = static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
  std::string const time_and_chance = base36(second, 6) + base36(random.next(), 2) + "-" + base36(random.next(), 4);
  return "cml-" + name + "-" + time_and_chance + check_of(name, time_and_chance, cloud);
}

std::optional<Time> time_of_id(std::string_view id) {
  if (cloud_of_id(id).empty()) return std::nullopt;
  std::uint64_t second = 0;
  for (char c : id.substr(id.size() - kIdTail, 6)) second = second * 36 + kBase36.find(c);
  return Time() + seconds(static_cast<long long>(second));
}

std::string cloud_of_id(std::string_view id) {
  if (id.substr(0, 4) != "cml-" || id.size() < 4 + 1 + 1 + kIdTail || id[id.size() - 9] != '-' ||
      id[id.size() - kIdTail - 1] != '-')
    return "";
  std::string_view const tail = id.substr(id.size() - kIdTail), name = id.substr(4, id.size() - 5 - kIdTail);
  if (tail.substr(0, 8).find_first_not_of(kBase36) != std::string_view::npos) return "";
  for (cloud::CloudType const& type : cloud::cloud_types())
    if (check_of(name, tail.substr(0, kIdTail - kCheckDigits), type.name) == tail.substr(kIdTail - kCheckDigits))
      return std::string(type.name);
  return "";
}

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

Status launch_in_cloud(Ports const& ports, RunnerForge& forge, cloud::Cloud& place, LaunchOptions const& launch,
                       CloudOptions const& options) {
  return Launcher(ports, forge, place, launch, options).run();
}

}  // namespace cml::runner
