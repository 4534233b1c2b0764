// Azure: a resource group a machine, so that one request takes everything away. What is left of a kill is a tagged
// group.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/azure/bodies.hpp"
#include "cloud/azure/manager.hpp"
#include "cloud/azure/prices.hpp"
#include "cloud/catalogue.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud {
namespace {

using azure::Attempt;
using nlohmann::json;

// Versions of the interfaces, each the one that the bodies were checked against.
constexpr char const* kGroups = "?api-version=2021-04-01";
constexpr char const* kNetwork = "?api-version=2023-09-01";
constexpr char const* kCompute = "?api-version=2024-03-01";
constexpr std::size_t kScriptBytes = 65535;
constexpr std::size_t kConsoleBytes = 8u << 20;
constexpr long long kImageDisk = 30;  // GB of the default image.
constexpr std::string_view kProvider = "/providers/Microsoft.Compute";

// What a size can do: a row of "capabilities" in Azure's list.
std::string capability(json const& size, std::string_view name) {
  if (size.contains("capabilities") && size["capabilities"].is_array())
    for (json const& one : size["capabilities"])
      if (text_at(one, "/name") == name) return text_at(one, "/value");
  return "";
}

bool forbidden(json const& size) {
  if (!size.contains("restrictions") || !size["restrictions"].is_array()) return false;
  auto const& all = size["restrictions"];
  return std::any_of(all.begin(), all.end(), [](json const& one) { return text_at(one, "/type") == "Location"; });
}

// Ubuntu for this size's processor and firmware.
std::string default_image(json const& size) {
  std::string const prefix = "Canonical:ubuntu-24_04-lts:";
  if (equals_ignoring_case(capability(size, "CpuArchitectureType"), "Arm64")) return prefix + "server-arm64:latest";
  std::string const generations = capability(size, "HyperVGenerations");
  return prefix + (generations.empty() || contains(generations, "V2") ? "server:latest" : "server-gen1:latest");
}

class Azure : public Cloud {
 public:
  Azure(CloudSetup const& setup, azure::Access access) : setup_(setup), manager_(setup, std::move(access)) {}

  std::string_view name() const override { return "azure"; }

  Result<Plan> plan(MachineWanted const& wanted) override {
    CML_CHECK_OK(check_identities(wanted.permission_set));
    if (wanted.image.empty() && wanted.disk_gb > 0 && wanted.disk_gb < kImageDisk)
      return Error{ErrorKind::BadInput, "--cloud-hdd-size " + std::to_string(wanted.disk_gb) + " is less than the " +
                                            std::to_string(kImageDisk) + " GB of Azure's Ubuntu"};
    CML_TRY(region, region_of(wanted.region));
    CML_TRY(attempts, attempts_of(wanted, region));
    CML_CHECK_OK(check_image(wanted, region));
    if (wanted.permission_set.empty())
      setup_.notify(
          "without --cloud-permission-set the machine cannot delete itself: it is billed after its end until \"cml "
          "runner gc --cloud=azure\"");
    Plan plan;
    plan.machine = std::make_shared<Machine>();
    plan.machine->id = wanted.id;
    plan.machine->cloud = "azure";
    plan.machine->region = region;
    plan.machine->repository = wanted.repository;
    plan.machine->labels = wanted.labels;
    plan.machine->native_id =
        wanted.id + "-" + region;  // The region too: the group of a failed try may still be on its way out.
    std::string const group = plan.machine->native_id;
    plan.price = price_line(attempts.front());
    plan.steps.push_back(group_step(wanted, group, region));
    plan.steps.push_back(network_step(wanted, group, region));
    plan.steps.push_back(run_step(wanted, group, attempts, plan.machine));
    return plan;
  }

  Found machines(std::vector<std::string> const& regions) override {
    auto const groups =
        manager_.list("/resourcegroups" + std::string(kGroups) + "&$filter=" + percent_encode("tagName eq 'cml-id'"));
    if (!groups) return {{}, {Error(groups.error())}};
    std::vector<std::string> wanted;
    for (std::string const& region : regions) wanted.push_back(native_region("azure", region));
    Found all;
    for (json const& group : *groups) {
      std::string const id = text_at(group, "/tags/cml-id"), group_name = text_at(group, "/name");
      // Somebody's own group that bears a copied tag is none of ours.
      if (id.empty() || group_name.substr(0, id.size() + 1) != id + "-" ||
          text_at(group, "/properties/provisioningState") == "Deleting")
        continue;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), text_at(group, "/location")) == wanted.end())
        continue;
      Machine machine = read_tags(group);
      machine.native_id = group_name;
      machine.region = text_at(group, "/location");
      machine.state = "stray";
      machine.type = "resource group";
      auto const found = manager_.call("GET", machine_path(group_name, id) + "&$expand=instanceView");
      if (found)
        read(*found, machine);
      else if (found.error().kind != ErrorKind::NotFound) {
        // Its group says whose it is and when it ends; that it runs is not known, and neither that it does not.
        machine.state = "unknown";
        all.missing.push_back(Error(found.error()).while_doing("looking at " + group_name));
      }
      all.machines.push_back(std::move(machine));
    }
    return all;
  }

  Status remove(Machine const& machine) override { return manager_.remove(group_path(machine.native_id)); }

  Result<std::string> console_output(Machine const& machine) override {
    CML_TRY(places, manager_.call("POST", "/resourceGroups/" + percent_encode(machine.native_id) +
                                              std::string(kProvider) + "/virtualMachines/" +
                                              percent_encode(machine.id) + "/retrieveBootDiagnosticsData" + kCompute));
    std::string const url = text_at(places, "/serialConsoleLogBlobUri");
    if (url.substr(0, 8) != "https://") return std::string();
    HttpRequest request{.url = url};  // Signed by its query; our token stays here.
    request.max_response_bytes = kConsoleBytes;
    CML_TRY(log, setup_.http->send(request));
    return log.status == 200 ? log.body : std::string();
  }

  Result<Machine> look(Machine const& machine) override {
    auto const found = manager_.call("GET", machine_path(machine.native_id, machine.id) + "&$expand=instanceView");
    Machine now = machine;
    if (found) return read(*found, now), now;
    if (found.error().kind != ErrorKind::NotFound) return Error(found.error());
    now.state = "gone";
    return now;
  }

 private:
  std::string price_line(Attempt const& first) {
    auto [known, fresh] = prices_.try_emplace(first.region + "/" + first.type + (first.spot ? "/spot" : ""), 0.0);
    if (fresh) known->second = azure::hourly_price(setup_, first.region, first.type, first.spot);
    return price_text(known->second, first.type + (first.spot ? ", spot, " : ", ") + first.region);
  }

  static std::string group_path(std::string const& group) {
    return "/resourcegroups/" + percent_encode(group) + kGroups;
  }
  static std::string machine_path(std::string const& group, std::string const& id) {
    return "/resourceGroups/" + percent_encode(group) + std::string(kProvider) + "/virtualMachines/" +
           percent_encode(id) + kCompute;
  }
  static std::string network_path(std::string const& group, std::string const& what) {
    return "/resourceGroups/" + percent_encode(group) + "/providers/Microsoft.Network/" + what;
  }

  static Status check_identities(std::string const& set) {
    if (set.empty()) return ok();
    for (std::string const& one : split(set, ','))
      if (trim(one).substr(0, 15) != "/subscriptions/" || !contains(to_lower(one), "/userassignedidentities/"))
        return Error{ErrorKind::BadInput, "--cloud-permission-set \"" + one_line(one, 80) +
                                              "\" must be ids of user-assigned identities on Azure "
                                              "(/subscriptions/.../userAssignedIdentities/NAME), separated by commas"};
    return ok();
  }

  Result<std::string> region_of(std::string const& given) const {
    std::string const native = native_region("azure", given);
    CML_TRY(locations, manager_.list("/locations?api-version=2022-12-01"));
    std::vector<std::string> names;
    for (json const& location : locations) names.push_back(text_at(location, "/name"));
    if (std::find(names.begin(), names.end(), native) != names.end()) return native;
    std::string_view const near = nearest(native, {names.begin(), names.end()});
    return Error{ErrorKind::BadInput, "Azure has no region \"" + one_line(native, 40) + "\"" +
                                          (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
  }

  // Sizes that this subscription may not use here are left out before anything is made.
  Result<std::vector<Attempt>> attempts_of(MachineWanted const& wanted, std::string const& region) const {
    CML_TRY(sizes, manager_.list(std::string(kProvider) + "/skus?api-version=2021-07-01&$filter=" +
                                 percent_encode("location eq '" + region + "'")));
    std::vector<std::string_view> names;
    std::vector<std::string> kept;
    for (json const& size : sizes)
      if (text_at(size, "/resourceType") == "virtualMachines") kept.push_back(text_at(size, "/name"));
    names.assign(kept.begin(), kept.end());
    bool const host_encryption = host_encryption_registered();
    std::vector<Attempt> attempts;
    std::string why;
    // A type that cannot be had is named even where another one can.
    auto const leave_out = [&](std::string const& type, std::string reason) {
      why = std::move(reason);
      if (wanted.types.size() > 1) setup_.notify(one_line(type, 60) + " is left out: " + why);
    };
    for (bool const spot : {true, false}) {
      if (spot != wanted.spot && !(wanted.spot && wanted.spot_fallback)) continue;
      for (std::string const& given : wanted.types) {
        CML_TRY(native, native_type("azure", given, wanted.gpu));
        auto const size = std::find_if(sizes.begin(), sizes.end(), [&](json const& one) {
          return text_at(one, "/resourceType") == "virtualMachines" &&
                 equals_ignoring_case(text_at(one, "/name"), native.machine);
        });
        if (size == sizes.end()) {
          std::string const old = retired("azure", native.machine);
          std::string_view const near = nearest(native.machine, names);
          leave_out(given, region + " has no machine type \"" + one_line(native.machine, 60) + "\"" +
                               (!old.empty()   ? "; " + old
                                : near.empty() ? ""
                                               : "; did you mean " + std::string(near) + "?"));
          continue;
        }
        if (!native.gpu.empty() && parse_integer(capability(*size, "GPUs")).value_or(0) < 1)
          return Error{ErrorKind::BadInput, "--cloud-gpu " + one_line(native.gpu, 30) + ": " + native.machine +
                                                " has no GPU; on Azure the type says it, as in Standard_NC4as_T4_v3"};
        if (forbidden(*size)) {
          leave_out(given, native.machine + " in " + region +
                               " is not open to this subscription (ask Azure for quota, or name another --cloud-type)");
          continue;
        }
        if (spot && capability(*size, "LowPriorityCapable") == "False") {
          leave_out(given, native.machine + " is never a spot machine");
          continue;
        }
        if (!native.told.empty() && spot == wanted.spot) setup_.notify(native.machine + " has " + native.told);
        CML_TRY(image, azure::image_reference(wanted.image.empty() ? default_image(*size) : wanted.image));
        attempts.push_back({region, text_at(*size, "/name"), spot, image,
                            host_encryption && capability(*size, "EncryptionAtHostSupported") == "True"});
      }
    }
    if (attempts.empty()) return Error{ErrorKind::TooLarge, why};
    return attempts;
  }

  // Disks are always encrypted at rest; this adds caches and temporary disks, where the subscription has the feature.
  bool host_encryption_registered() const {
    auto const feature = manager_.call(
        "GET",
        "/providers/Microsoft.Features/providers/Microsoft.Compute/features/EncryptionAtHost?api-version=2021-07-01");
    return feature && text_at(*feature, "/properties/state") == "Registered";
  }

  Status check_image(MachineWanted const& wanted, std::string const& region) const {
    if (wanted.image.empty() || wanted.image[0] == '/') return ok();
    auto const parts = split(wanted.image, ':');
    auto const versions = manager_.call("GET", std::string(kProvider) + "/locations/" + region + "/publishers/" +
                                                   percent_encode(parts[0]) + "/artifacttypes/vmimage/offers/" +
                                                   percent_encode(parts[1]) + "/skus/" + percent_encode(parts[2]) +
                                                   "/versions" + kCompute);
    if (!versions && versions.error().kind != ErrorKind::NotFound) return Error(versions.error());
    if (versions && versions->is_array())
      for (json const& one : *versions)
        if (parts[3] == "latest" || text_at(one, "/name") == parts[3]) return ok();
    return Error{ErrorKind::BadInput, "there is no image \"" + one_line(wanted.image, 80) + "\" in " + region +
                                          "; az vm image list --all --publisher " + one_line(parts[0], 40) +
                                          " has them"};
  }

  Step group_step(MachineWanted const& wanted, std::string const& group, std::string const& region) const {
    Step step;
    step.what = "make the resource group " + group;
    step.run = [this, wanted, group, region] {
      return manager_.put(group_path(group), azure::group_body(wanted, region));
    };
    step.undo_what = "delete the resource group " + group;
    step.undo = [this, group] { return manager_.remove(group_path(group)); };
    step.by_hand = [group] { return "az group delete --name " + group; };
    return step;
  }

  // No undo: it goes with the group.
  Step network_step(MachineWanted const& wanted, std::string const& group, std::string const& region) const {
    Step step;
    step.what =
        std::string("make its network, which lets in ") + (wanted.ssh_public_key.empty() ? "nothing" : "port 22 alone");
    step.run = [this, wanted, group, region]() -> Status {
      std::string const security = network_path(group, "networkSecurityGroups/runner");
      CML_CHECK_OK(manager_.put(security + kNetwork, azure::security_body(wanted, region)));
      return manager_.put(network_path(group, "virtualNetworks/runner") + kNetwork,
                          azure::network_body(wanted, region, manager_.id(security)));
    };
    return step;
  }

  Step run_step(MachineWanted const& wanted, std::string const& group, std::vector<Attempt> const& attempts,
                std::shared_ptr<Machine> machine) const {
    Step step;
    step.what = "run " + attempts.front().describe();
    for (std::size_t i = 1; i < attempts.size(); ++i) step.what += ", else " + attempts[i].describe();
    step.run = [this, wanted, group, attempts, machine]() -> Status {
      CML_TRY(script, script_of(wanted, group));
      std::string const path = machine_path(group, wanted.id);
      Error last{ErrorKind::TooLarge, ""};
      for (std::size_t i = 0; i < attempts.size(); ++i) {
        // The remains of a failed try would be taken for the machine, whose kind cannot be changed.
        if (i > 0) CML_CHECK_OK(manager_.remove_and_wait(path));
        auto const made = manager_.put(
            path, azure::machine_body(wanted, attempts[i],
                                      manager_.id(network_path(group, "virtualNetworks/runner/subnets/runner")),
                                      manager_.id(network_path(group, "networkSecurityGroups/runner")), script));
        if (made) {
          CML_TRY(found, manager_.call("GET", path + "&$expand=instanceView"));
          read(found, *machine);
          machine->disk_gb = wanted.disk_gb > 0 ? wanted.disk_gb : azure::kDisk;
          machine->address = address_in(group);
          return ok();
        }
        last = made.error();
        if (last.kind != ErrorKind::TooLarge) return last;
        setup_.notify("no " + attempts[i].describe() + ": " + one_line(last.message, 200));
      }
      return last;
    };
    return step;
  }

  // Azure names the address that it made for the machine as it likes. A machine without a known one is a machine all
  // the same.
  std::string address_in(std::string const& group) const {
    auto const all = manager_.list(network_path(group, "publicIPAddresses") + kNetwork);
    return all && !all->empty() ? text_at(all->front(), "/properties/ipAddress") : "";
  }

  Result<std::string> script_of(MachineWanted const& wanted, std::string const& group) const {
    CML_TRY(script, wanted.boot_script());
    if (!wanted.permission_set.empty()) {
      std::string const identity(trim(split(wanted.permission_set, ',').front()));
      script = azure::with_ending(script, manager_.access().manager,
                                  manager_.access().manager + manager_.id(group_path(group)), identity);
    }
    if (script.size() <= kScriptBytes) return script;
    return Error{ErrorKind::Usage, "the boot script has " + std::to_string(script.size()) + " bytes and Azure takes " +
                                       std::to_string(kScriptBytes) +
                                       "; let --cloud-startup-script fetch its larger part"};
  }

  static Machine read_tags(json const& resource) {
    Machine m;
    m.cloud = "azure";
    m.id = text_at(resource, "/tags/cml-id");
    m.repository = text_at(resource, "/tags/cml-repo");
    m.labels = text_at(resource, "/tags/cml-labels");
    if (auto const when = parse_iso_time(text_at(resource, "/tags/cml-made-at"))) m.launched_at = *when;
    if (auto const when = parse_iso_time(text_at(resource, "/tags/cml-expires-at"))) m.expires_at = *when;
    return m;
  }

  static void read(json const& resource, Machine& m) {
    m.type = text_at(resource, "/properties/hardwareProfile/vmSize");
    m.spot = text_at(resource, "/properties/priority") == "Spot";
    std::string const image = "/properties/storageProfile/imageReference";
    m.image = text_at(resource, image + "/id");
    if (m.image.empty())
      m.image = text_at(resource, image + "/publisher") + ":" + text_at(resource, image + "/offer") + ":" +
                text_at(resource, image + "/sku") + ":" + text_at(resource, image + "/version");
    if (auto const when = parse_iso_time(text_at(resource, "/properties/timeCreated"))) m.launched_at = *when;
    std::string power;
    json::json_pointer const statuses("/properties/instanceView/statuses");
    if (resource.contains(statuses) && resource.at(statuses).is_array())
      for (json const& status : resource.at(statuses))
        if (std::string const code = text_at(status, "/code"); code.substr(0, 11) == "PowerState/")
          power = code.substr(11);
    bool const failed = text_at(resource, "/properties/provisioningState") == "Failed";
    m.state = power == "running"                                  ? "running"
              : power == "starting" || (power.empty() && !failed) ? "pending"
                                                                  : "stopped";
  }

  CloudSetup setup_;
  azure::Manager manager_;
  std::map<std::string, Result<double>> prices_;  // By "REGION/SIZE[/spot]".
};

}  // namespace

Result<std::unique_ptr<Cloud>> make_azure(CloudSetup const& setup) {
  CML_TRY(access, azure::find_access(setup));
  return std::unique_ptr<Cloud>(std::make_unique<Azure>(setup, std::move(access)));
}

}  // namespace cml::cloud
