// Compute Engine: one insert a machine, in the first zone that has room. maxRunDuration deletes it without any
// credential on it.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <map>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/catalogue.hpp"
#include "cloud/cloud.hpp"
#include "cloud/ending.hpp"
#include "cloud/gcp/bodies.hpp"
#include "cloud/gcp/credentials.hpp"
#include "cloud/gcp/series.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud {
namespace {

using gcp::Attempt;
using gcp::Image;
using gcp::kSshRule;
using gcp::kTag;
using nlohmann::json;

constexpr char const *kImage = "ubuntu-os-cloud/ubuntu-2404-lts-amd64",
                     *kArmImage = "ubuntu-os-cloud/ubuntu-2404-lts-arm64";
constexpr char const* kClosed = "cml-runner-closed";
constexpr int kMaxPages = 100, kTries = 5, kLooks = 6;
constexpr std::chrono::seconds kOperationLimit{1800}, kPause{2}, kLookEvery{10};
constexpr std::string_view kNoRoom[] = {"ZONE_RESOURCE_POOL_EXHAUSTED", "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
                                        "QUOTA_EXCEEDED", "RESOURCE_POOL_EXHAUSTED", "STOCKOUT"};

std::string last_part(std::string const& url) { return url.substr(url.rfind('/') + 1); }

// What the steps of one plan share.
struct Launch {
  MachineWanted wanted;
  std::vector<Attempt> attempts;
  std::shared_ptr<Machine> machine;
  std::set<std::string> zones;  // In which it may be: an insert was sent there and not refused.
};

class Gcp : public Cloud {
 public:
  Gcp(CloudSetup setup, gcp::Access access) : setup_(std::move(setup)), access_(std::move(access)) {
    base_ = setup_.environment->get("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE")
                .value_or("https://compute.googleapis.com/compute/v1/");
    while (!base_.empty() && base_.back() == '/') base_.pop_back();
    base_ += "/projects/";
  }

  std::string_view name() const override { return "gcp"; }

  Result<Plan> plan(MachineWanted const& wanted) override {
    if (wanted.spot_price >= 0)
      return Error{ErrorKind::Usage,
                   "Google Cloud has no highest price for spot machines; leave --cloud-spot-price out"};
    CML_TRY(zones, zones_of(wanted.region));
    auto const launch = std::make_shared<Launch>();
    launch->wanted = wanted;
    CML_CHECK_OK(find_attempts(zones, *launch));
    Plan plan;
    launch->machine = plan.machine = std::make_shared<Machine>();
    plan.machine->id = wanted.id;
    plan.machine->cloud = "gcp";
    plan.machine->repository = wanted.repository;
    plan.machine->labels = wanted.labels;
    // Its catalogue of prices is another service with rights of its own, and knows parts of machines only.
    plan.price =
        price_text(Error{ErrorKind::NotFound,
                         "Google Cloud tells none to launchers; cloud.google.com/compute/all-pricing has them"},
                   launch->attempts.front().describe());
    plan.steps.push_back(closing_step());
    if (!wanted.ssh_public_key.empty()) plan.steps.push_back(ssh_step());
    plan.steps.push_back(run_step(launch));
    return plan;
  }

  Found machines(std::vector<std::string> const& regions) override {
    Found all = listed("labels.cml-id:*");
    if (regions.empty()) return all;
    std::erase_if(all.machines, [&](Machine const& machine) {
      return std::none_of(regions.begin(), regions.end(), [&](std::string const& region) {
        std::string const native = native_region("gcp", region);
        return machine.zone.substr(0, native.size()) == native;
      });
    });
    return all;
  }

  Status remove(Machine const& machine) override { return delete_in(machine.zone, machine.id); }

  Result<std::string> console_output(Machine const& machine) override {
    CML_TRY(body, call("GET", own("/zones/" + machine.zone + "/instances/" + machine.id + "/serialPort?port=1")));
    return text_at(body, "/contents");
  }

  Result<Machine> look(Machine const& machine) override {
    auto const found = call("GET", own("/zones/" + machine.zone + "/instances/" + machine.id));
    if (found) return read(*found);
    if (found.error().kind != ErrorKind::NotFound) return Error(found.error());
    Machine gone = machine;
    gone.state = "gone";
    return gone;
  }

 private:
  std::string own(std::string const& path) const { return base_ + percent_encode(access_.project) + path; }

  Result<json> call(std::string method, std::string url, json const& body = json(),
                    Repeat repeat = Repeat::Safe) const {
    HttpRequest request{.method = std::move(method), .url = std::move(url)};
    request.headers = {{"Accept", "application/json"}};
    request.credential_header = "Authorization";
    request.credential = access_.authorization;
    request.repeat = repeat;
    request.timeout = std::chrono::seconds(150);  // operations/wait holds its answer for two minutes.
    if (!body.is_null()) {
      request.headers.emplace_back("Content-Type", "application/json");
      request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    CML_TRY(response, setup_.http->send(request));
    if (response.status == 401 && renew()) {
      request.credential = access_.authorization;
      CML_TRY(again, setup_.http->send(request));
      response = std::move(again);
    }
    // Too many requests are a 403 here, with a reason of its own.
    for (int tries = 1; tries < kTries && response.status == 403 && contains(response.body, "ateLimitExceeded");
         ++tries) {
      setup_.clock->sleep_for(std::chrono::seconds(1 << tries));
      CML_TRY(again, setup_.http->send(request));
      response = std::move(again);
    }
    json answer = json::parse(response.body, nullptr, false);
    if (response.status >= 200 && response.status < 300) {
      if (answer.is_object()) return answer;
      return Error{ErrorKind::Network,
                   request.method + " " + safe_url(request.url) + ": no JSON; is this Google's API?"};
    }
    std::string const message = answer.is_object() ? text_at(answer, "/error/message") : "",
                      reason = answer.is_object() ? text_at(answer, "/error/errors/0/reason") : "";
    ErrorKind kind = ErrorKind::BadInput;
    std::string hint;
    if (response.status == 401)
      kind = ErrorKind::Unauthorized,
      hint = "; the credentials of " + access_.source + " are not accepted or have expired";
    if (response.status == 403) kind = ErrorKind::Unauthorized, hint = "; docs/clouds/gcp.md has the role";
    if (response.status == 404) kind = ErrorKind::NotFound;
    if (response.status == 409) kind = ErrorKind::Conflict;
    bool const too_often = response.status == 429 || contains(reason, "ateLimitExceeded");
    if (too_often) kind = ErrorKind::RateLimited, hint = "";
    if (response.status >= 500) kind = ErrorKind::Network;
    if (!too_often && (reason == "quotaExceeded" || contains(message, "Quota "))) kind = ErrorKind::TooLarge, hint = "";
    // "Invalid value for field ... machineTypes/x": not in this zone, or nowhere.
    if (response.status == 400 && contains(message, "machineType")) kind = ErrorKind::TooLarge;
    return Error{kind, request.method + " " + safe_url(request.url) + " answered " + std::to_string(response.status) +
                           ": " + clean_line(message) + hint};
  }

  // A token lives for an hour; a launch of many machines may take longer. False: there is no other one.
  bool renew() const {
    auto fresh = gcp::find_access(setup_);
    if (!fresh || fresh->authorization.reveal() == access_.authorization.reveal()) return false;
    access_ = std::move(*fresh);
    return true;
  }

  // A zone stands for itself; a region for its zones.
  Result<std::vector<std::string>> zones_of(std::string const& given) const {
    std::string const native = native_region("gcp", given);
    CML_TRY(body, call("GET", own("/zones?maxResults=500")));
    std::vector<std::string> zones, all;
    if (body.contains("items") && body["items"].is_array())
      for (json const& zone : body["items"]) {
        std::string const zone_name = text_at(zone, "/name");
        all.push_back(zone_name);
        all.push_back(last_part(text_at(zone, "/region")));
        if (zone_name == native || last_part(text_at(zone, "/region")) == native) zones.push_back(zone_name);
      }
    std::sort(zones.begin(), zones.end());
    if (!zones.empty()) return zones;
    std::vector<std::string_view> const views(all.begin(), all.end());
    std::string_view const near = nearest(native, views);
    return Error{ErrorKind::BadInput, "Google Cloud has no region or zone \"" + one_line(native, 40) + "\"" +
                                          (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
  }

  // Every type in every zone that offers it, with the image of its processor.
  Status find_attempts(std::vector<std::string> const& zones, Launch& launch) {
    MachineWanted const& wanted = launch.wanted;
    Error none{ErrorKind::TooLarge, "no machine type was given"};
    for (std::string const& type : wanted.types) {
      CML_TRY(native, type_of(type, wanted.gpu));
      if (!native.told.empty()) setup_.notify(native.machine + " has " + native.told);
      auto fitting = offering("machineTypes", "machine type", native.machine, zones);
      if (fitting && !native.gpu.empty()) fitting = offering("acceleratorTypes", "GPU", native.gpu, *fitting);
      if (!fitting) {
        none = std::move(fitting).error();
        if (wanted.types.size() > 1) setup_.notify(one_line(type, 60) + " is left out: " + none.message);
        continue;
      }
      CML_TRY(image, image_for(wanted, native.machine));
      for (std::string const& zone : *fitting) launch.attempts.push_back({zone, native, wanted.spot, image});
    }
    if (launch.attempts.empty()) return none;
    if (wanted.spot && wanted.spot_fallback)
      for (std::size_t i = 0, spots = launch.attempts.size(); i < spots; ++i) {
        launch.attempts.push_back(launch.attempts[i]);
        launch.attempts.back().spot = false;
      }
    return ok();
  }

  Result<Image> image_for(MachineWanted const& wanted, std::string const& machine) {
    bool const arm = gcp::series_of(machine).arm;
    std::string const family = !wanted.image.empty() ? wanted.image : arm ? kArmImage : kImage;
    auto known = images_.find(family);
    if (known == images_.end()) {
      CML_TRY(fresh, image_of(family));
      known = images_.emplace(family, fresh).first;
    }
    Image const& image = known->second;
    if (image.arm != arm)
      return Error{ErrorKind::BadInput, "the image \"" + one_line(family, 60) + "\" is for " +
                                            (image.arm ? "ARM" : "x86-64") + " and " + machine + " is " +
                                            (arm ? "ARM" : "x86-64")};
    if (wanted.disk_gb > 0 && wanted.disk_gb < image.disk_gb)
      return Error{ErrorKind::BadInput, "--cloud-hdd-size " + std::to_string(wanted.disk_gb) + " is less than the " +
                                            std::to_string(image.disk_gb) + " GB of the image \"" +
                                            one_line(family, 60) + "\""};
    return image;
  }

  Result<Image> image_of(std::string const& family) const {
    auto const slash = family.find('/');
    if (slash == std::string::npos)
      return Error{ErrorKind::BadInput,
                   "--cloud-image \"" + one_line(family, 60) + "\" must be PROJECT/FAMILY on Google Cloud"};
    auto const found = call("GET", base_ + percent_encode(family.substr(0, slash)) + "/global/images/family/" +
                                       percent_encode(family.substr(slash + 1)));
    if (!found && found.error().kind == ErrorKind::NotFound)
      return Error{ErrorKind::BadInput,
                   "there is no image family \"" + one_line(family, 60) + "\"; give --cloud-image PROJECT/FAMILY"};
    if (!found) return Error(found.error());
    return Image{text_at(*found, "/selfLink"), parse_integer(text_at(*found, "/diskSizeGb")).value_or(0),
                 text_at(*found, "/architecture") == "ARM64"};
  }

  // Those of the zones that have it. TooLarge, with a near name, when none has: another region may. Custom types are in
  // no list, and without the permission to list nobody knows.
  Result<std::vector<std::string>> offering(std::string const& list, std::string_view what, std::string const& wanted,
                                            std::vector<std::string> const& zones) {
    if (contains(wanted, "custom-")) return zones;
    std::vector<std::string> found;
    std::set<std::string> all;
    for (std::string const& zone : zones) {
      std::set<std::string>& names = offers_[zone + "/" + list];
      if (names.empty()) {
        std::string page;
        for (int i = 0; i < kMaxPages && (i == 0 || !page.empty());
             ++i) {  // A large zone has more than a page of them.
          auto const body = call("GET", own("/zones/" + zone + "/" + list + "?maxResults=500" +
                                            (page.empty() ? "" : "&pageToken=" + percent_encode(page))));
          if (!body && body.error().kind == ErrorKind::Unauthorized) return zones;
          if (!body) return Error(body.error());
          if (body->contains("items") && (*body)["items"].is_array())
            for (json const& item : (*body)["items"]) names.insert(text_at(item, "/name"));
          page = text_at(*body, "/nextPageToken");
        }
      }
      if (names.count(wanted) > 0) found.push_back(zone);
      all.insert(names.begin(), names.end());
    }
    if (!found.empty()) return found;
    if (std::string const why = retired("gcp", wanted); !why.empty())
      return Error{ErrorKind::TooLarge, zones.front() + " has no " + wanted + "; " + why};
    std::vector<std::string_view> const views(all.begin(), all.end());
    std::string_view const near = nearest(wanted, views);
    return Error{ErrorKind::TooLarge, "Google Cloud has no " + std::string(what) + " \"" + one_line(wanted, 60) +
                                          "\" in " + zones.front() +
                                          (zones.size() > 1 ? " and the other zones of its region" : "") +
                                          (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
  }

  // "MACHINE+ACCELERATOR*COUNT", a generic size, or a machine type with --cloud-gpu.
  static Result<NativeType> type_of(std::string const& given, std::string const& gpu) {
    auto const plus = given.find('+'), star = given.find('*');
    if (plus != std::string::npos && star != std::string::npos && star > plus) {
      auto const count = parse_integer(given.substr(star + 1));
      if (!count || *count < 1 || *count > 16)
        return Error{ErrorKind::BadInput,
                     "--cloud-type \"" + one_line(given, 60) + "\": write MACHINE+ACCELERATOR*COUNT"};
      return NativeType{given.substr(0, plus), "", given.substr(plus + 1, star - plus - 1), static_cast<int>(*count),
                        ""};
    }
    CML_TRY(type, native_type("gcp", given, gpu));
    for (char const* known : {"k80", "v100", "t4", "p100", "p4", "a100"})
      if (type.gpu == known) type.gpu = std::string("nvidia-tesla-") + known;
    if (type.gpu == "l4") type.gpu = "nvidia-l4";
    return type;
  }

  // A rule of the network that all machines of ours share; it costs nothing and stays.
  Status ensure_rule(json const& rule) const {
    auto const made = call("POST", own("/global/firewalls"), rule);
    if (made || made.error().kind == ErrorKind::Conflict) return ok();
    return Error(made.error());
  }

  // The network "default" lets SSH in of itself.
  Step closing_step() const {
    Step step;
    step.what = "let nothing in to machines of cml (firewall " + std::string(kClosed) + ")";
    step.run = [this]() -> Status {
      auto const closed = ensure_rule({{"name", kClosed},
                                       {"network", "global/networks/default"},
                                       {"direction", "INGRESS"},
                                       {"priority", 900},
                                       {"sourceRanges", {"0.0.0.0/0"}},
                                       {"targetTags", {kTag}},
                                       {"denied", json::array({{{"IPProtocol", "all"}}})}});
      if (closed || closed.error().kind != ErrorKind::Unauthorized) return closed;
      setup_.notify("what the network's own rules let in reaches the machine, though nobody holds a key of it: " +
                    closed.error().message);
      return ok();
    };
    return step;
  }

  Step ssh_step() const {
    Step step;
    step.what = "open port 22 to machines with --cloud-ssh-private (firewall " + std::string(kSshRule) + ")";
    step.run = [this] {
      return ensure_rule({{"name", kSshRule},
                          {"network", "global/networks/default"},
                          {"direction", "INGRESS"},
                          {"priority", 800},
                          {"sourceRanges", {"0.0.0.0/0"}},
                          {"targetTags", {kSshRule}},
                          {"allowed", json::array({{{"IPProtocol", "tcp"}, {"ports", {"22"}}}})}});
    };
    return step;
  }

  Step run_step(std::shared_ptr<Launch> const& launch) const {
    auto const& attempts = launch->attempts;
    Step step;
    step.what = "run " + attempts.front().describe();
    for (std::size_t i = 1; i < attempts.size(); ++i) step.what += ", else " + attempts[i].describe();
    step.run = [this, launch]() -> Status {
      CML_TRY(script, launch->wanted.boot_script());
      Error last{ErrorKind::TooLarge, ""};
      for (Attempt const& attempt : launch->attempts) {
        auto made = insert(*launch, attempt, script);
        if (made) {
          *launch->machine = std::move(*made);
          launch->machine->disk_gb = gcp::disk_of(launch->wanted, attempt.image);
          return ok();
        }
        last = made.error();
        if (last.kind != ErrorKind::TooLarge) return last;
        setup_.notify("no " + attempt.describe() + ": " + one_line(last.message, 200));
      }
      return last;
    };
    std::string const id = launch->wanted.id;
    step.undo_what = "delete the machine " + id;
    step.undo = [this, launch] { return end_machine(*launch); };
    step.by_hand = [this, launch, id] {
      std::string const zone = launch->zones.empty() ? "" : " --zone " + *launch->zones.begin();
      return "gcloud compute instances delete " + id + zone + " --project " + access_.project;
    };
    return step;
  }

  // By its name, in the zones where it may be: lists come later than machines. One that is not there may still be on
  // its way, unless it was seen.
  Status end_machine(Launch const& launch) const {
    bool const seen = !launch.machine->native_id.empty();
    for (std::string const& zone : launch.zones)
      for (int looks = 1; looks <= (seen ? 1 : kLooks); ++looks) {
        if (looks > 1) setup_.clock->sleep_for(kLookEvery);
        auto const gone = call("DELETE", own("/zones/" + zone + "/instances/" + launch.wanted.id));
        if (gone) break;
        if (gone.error().kind != ErrorKind::NotFound) return Error(gone.error());
      }
    return ok();
  }

  // Google keeps the disk of a machine that is only powered off: with an account of its own the machine deletes itself.
  std::string ending_of(MachineWanted const& wanted, Attempt const& attempt, std::string const& script) const {
    if (wanted.permission_set.empty()) return script;
    return with_ending(script,
                       {"Metadata-Flavor: Google",
                        "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
                        own("/zones/" + attempt.zone + "/instances/" + wanted.id)});
  }

  Result<Machine> insert(Launch& launch, Attempt const& attempt, std::string const& script) const {
    MachineWanted const& wanted = launch.wanted;
    // The same request id makes a repetition harmless.
    std::string const hash = sha256_hex(wanted.id + attempt.describe());
    std::string const request_id = hash.substr(0, 8) + "-" + hash.substr(8, 4) + "-4" + hash.substr(13, 3) + "-8" +
                                   hash.substr(17, 3) + "-" + hash.substr(20, 12);
    std::string const instances = own("/zones/" + attempt.zone + "/instances");
    launch.zones.insert(attempt.zone);
    auto operation = call("POST", instances + "?requestId=" + request_id,
                          gcp::machine_body(wanted, attempt, ending_of(wanted, attempt, script)));
    if (!operation && operation.error().kind != ErrorKind::Conflict) {
      if (operation.error().kind != ErrorKind::Network) launch.zones.erase(attempt.zone);  // Refused, or never sent.
      return std::move(operation).error();
    }
    if (operation) {
      CML_TRY(done, wait_for(attempt.zone, std::move(*operation)));
      if (auto const made = outcome_of(done); !made) return launch.zones.erase(attempt.zone), Error(made.error());
    }
    CML_TRY(made, call("GET", instances + "/" + wanted.id));
    Machine machine = read(made);
    if (machine.id == wanted.id) return machine;
    launch.zones.erase(attempt.zone);
    return Error{ErrorKind::Conflict, "a machine " + wanted.id + " is there that was not made by cml"};
  }

  // "wait" may answer at once: the clock says when it is enough.
  Result<json> wait_for(std::string const& zone, json operation) const {
    auto const began = setup_.clock->now();
    while (text_at(operation, "/status") != "DONE") {
      std::string const operation_name = text_at(operation, "/name");
      if (setup_.clock->now() - began >= kOperationLimit)
        return Error{ErrorKind::Network, "the operation " + operation_name + " does not end"};
      setup_.clock->sleep_for(kPause);
      CML_TRY(next, call("POST", own("/zones/" + zone + "/operations/" + operation_name + "/wait")));
      operation = std::move(next);
    }
    return operation;
  }

  // DONE may still be a failure: the operation itself tells.
  static Status outcome_of(json const& operation) {
    std::string const code = text_at(operation, "/error/errors/0/code");
    if (code.empty()) return ok();
    bool const no_room = std::find(std::begin(kNoRoom), std::end(kNoRoom), code) != std::end(kNoRoom);
    return Error{no_room ? ErrorKind::TooLarge : ErrorKind::BadInput,
                 code + ": " + clean_line(text_at(operation, "/error/errors/0/message"))};
  }

  // Zones that are away are named; without the wish for the rest, all would be refused.
  Found listed(std::string const& filter) const {
    Found all;
    std::string page;
    for (int i = 0; i < kMaxPages; ++i) {
      auto const body =
          call("GET", own("/aggregated/instances?returnPartialSuccess=true&filter=" + percent_encode(filter) +
                          (page.empty() ? "" : "&pageToken=" + percent_encode(page))));
      if (!body) {
        all.missing.push_back(body.error());
        break;
      }
      if (body->contains("items") && (*body)["items"].is_object())
        for (auto const& [place, part] : (*body)["items"].items()) {
          if (part.contains("instances") && part["instances"].is_array())
            for (json const& instance : part["instances"]) all.machines.push_back(read(instance));
          if (text_at(part, "/warning/code") == "UNREACHABLE") away(last_part(place), all.missing);
        }
      if (body->contains("unreachables") && (*body)["unreachables"].is_array())
        for (json const& place : (*body)["unreachables"])
          if (place.is_string()) away(last_part(place.get<std::string>()), all.missing);
      page = text_at(*body, "/nextPageToken");
      if (page.empty()) break;
    }
    return all;
  }

  static void away(std::string const& zone, std::vector<Error>& missing) {
    Error const error{ErrorKind::Network, "Google Cloud says that " + one_line(zone, 40) + " cannot be reached"};
    if (std::none_of(missing.begin(), missing.end(), [&](Error const& one) { return one.message == error.message; }))
      missing.push_back(error);
  }

  Status delete_in(std::string const& zone, std::string const& id) const {
    auto const gone = call("DELETE", own("/zones/" + zone + "/instances/" + id));
    if (gone || gone.error().kind == ErrorKind::NotFound) return ok();
    return Error(gone.error());
  }

  static Machine read(json const& instance) {
    Machine m;
    m.cloud = "gcp";
    m.id = text_at(instance, "/labels/cml-id");
    m.native_id = text_at(instance, "/name");
    m.zone = last_part(text_at(instance, "/zone"));
    m.region = m.zone.substr(0, m.zone.rfind('-'));
    m.type = last_part(text_at(instance, "/machineType"));
    m.image = last_part(text_at(instance, "/disks/0/licenses/0"));
    m.address = text_at(instance, "/networkInterfaces/0/accessConfigs/0/natIP");
    m.spot = text_at(instance, "/scheduling/provisioningModel") == "SPOT";
    std::string const status = text_at(instance, "/status");
    m.state = status == "RUNNING" ? "running" : status == "PROVISIONING" || status == "STAGING" ? "pending" : "stopped";
    if (auto const when = parse_iso_time(text_at(instance, "/creationTimestamp"))) m.launched_at = *when;
    if (auto const when = parse_integer(text_at(instance, "/labels/cml-expires-at")))
      m.expires_at = Time() + std::chrono::seconds(*when);
    if (instance.contains("metadata") && instance["metadata"].contains("items") &&
        instance["metadata"]["items"].is_array())
      for (json const& item : instance["metadata"]["items"]) {
        if (text_at(item, "/key") == "cml-repo") m.repository = text_at(item, "/value");
        if (text_at(item, "/key") == "cml-labels") m.labels = text_at(item, "/value");
      }
    return m;
  }

  CloudSetup setup_;
  mutable gcp::Access access_;
  std::string base_;
  std::map<std::string, Image> images_;                  // By PROJECT/FAMILY.
  std::map<std::string, std::set<std::string>> offers_;  // Names, by "ZONE/LIST".
};

}  // namespace

Result<std::unique_ptr<Cloud>> make_gcp(CloudSetup const& setup) {
  CML_TRY(access, gcp::find_access(setup));
  return std::unique_ptr<Cloud>(std::make_unique<Gcp>(setup, std::move(access)));
}

}  // namespace cml::cloud
