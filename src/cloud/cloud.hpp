// What every cloud does for us: plan a machine, see what we have made, take it away. One folder a cloud, a row each in
// registry.cpp. Everything made is labelled: cml-id, cml-repo, cml-expires-at.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "ports/clock.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/http.hpp"
#include "ports/process.hpp"
#include "ports/signer.hpp"

namespace cml::cloud {

using Time = std::chrono::system_clock::time_point;
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct MachineWanted {
  std::string id;
  std::string region;  // Generic ("us-west") or the cloud's own.
  std::vector<std::string>
      types;  // In the order to try; generic ("m"), the cloud's own, or for Kubernetes "8-32000+nvidia*1".
  std::string gpu, image, permission_set, security_group, subnet;
  long long disk_gb = 0;                     // 0: the cloud's default.
  bool spot = false, spot_fallback = false;  // Fallback: on demand when no spot machine is to be had.
  double spot_price = -1;                    // Negative: up to the price on demand.
  Pairs metadata, node_selector;
  std::string ssh_public_key;  // Empty: no way in.
  // Bash that runs once, as root. Asked for when the machine is made: by then the runner is registered.
  std::function<Result<std::string>()> boot_script;
  std::function<std::string()> registration;  // Kubernetes keeps it in a secret, not in the script.
  // A program that a pod is handed, so that it fetches nothing; empty: it needs none. Others fetch theirs.
  std::function<Result<std::string>()> program;
  std::string repository, labels;
  std::chrono::seconds max_lifetime{0};  // 0: without end.
  Time now;
};

struct Machine {
  std::string id, cloud, region, zone, type, image, address,
      state;  // pending, running, stopped, gone, unknown, or stray: only what belonged to it is left.
  std::string native_id, repository, labels, subnet;
  long long disk_gb = 0;  // As it was asked for; 0: not known.
  bool spot = false;
  std::optional<Time> launched_at, expires_at;
  std::optional<double> hourly_price;  // US dollars, where the cloud tells.
};

struct Step {
  std::string what;  // "run m5.2xlarge as spot in us-west-1b, else us-west-1c"
  std::function<Status()> run;
  std::string undo_what;                 // Empty: nothing to undo.
  std::function<Status()> undo;          // Also called when nobody knows whether `run` took effect; so it looks first.
  std::function<std::string()> by_hand;  // The command that does what `undo` could not; empty: there is none.
};
struct Plan {
  std::vector<Step> steps;
  std::string price;                 // Of price_text(); empty: there is none to tell.
  std::shared_ptr<Machine> machine;  // Filled by the steps.
};
using Notify = std::function<void(std::string const&)>;
// Runs the steps in order; after a failure undoes those that ran, the last one first, including the one that failed.
// `stopped` is asked before each step for the reason to make no more; nothing: go on. What could not be undone is put
// into `left`, a sentence each: it may go on costing.
using Stopped = std::function<std::optional<std::string>()>;
Status execute(Plan const&, Notify const&, Stopped const& stopped, std::vector<std::string>& left);
void undo(Plan const&, Notify const&, std::vector<std::string>& left);
// "about $0.1200 an hour (WHAT)", or that no price is known, and why.
std::string price_text(Result<double> const& dollars_an_hour, std::string_view what);

// What answered, and of the rest why it did not: what is there is not known, and nothing may be taken for gone.
struct Found {
  std::vector<Machine> machines;
  std::vector<Error> missing;
};

class Cloud {
 public:
  virtual ~Cloud() = default;
  virtual std::string_view name() const = 0;
  // Looks things up and makes nothing. A region, type or image that does not exist is BadInput and names near ones.
  // TooLarge, here and from the steps: no capacity; another region may have some.
  virtual Result<Plan> plan(MachineWanted const&) = 0;
  // Everything of ours in these regions, strays included; none given: wherever the cloud lets us look.
  virtual Found machines(std::vector<std::string> const& regions) = 0;
  // The machine and all that belongs to it. What is gone already is fine.
  virtual Status remove(Machine const&) = 0;
  // What it printed while starting; for people who look for a fault.
  virtual Result<std::string> console_output(Machine const&) = 0;
  // As it is now; state "gone" when it is not there any more.
  virtual Result<Machine> look(Machine const&) = 0;
};

struct CloudSetup {
  HttpClient* http = nullptr;
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  Process* process = nullptr;
  Environment const* environment = nullptr;
  Notify notify;
  Signer* signer = nullptr;
};
struct CloudType {
  std::string_view name;
  Result<std::unique_ptr<Cloud>> (*make)(
      CloudSetup const&);  // Unauthorized when no credentials are found; says where it looked.
};
std::vector<CloudType> const& cloud_types();
Result<std::unique_ptr<Cloud>> make_cloud(std::string_view name, CloudSetup const&);

Result<std::unique_ptr<Cloud>> make_aws(CloudSetup const&);
Result<std::unique_ptr<Cloud>> make_azure(CloudSetup const&);
Result<std::unique_ptr<Cloud>> make_gcp(CloudSetup const&);
Result<std::unique_ptr<Cloud>> make_kubernetes(CloudSetup const&);

}  // namespace cml::cloud
