#include "cloud/gcp/bodies.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cloud/gcp/series.hpp"

namespace cml::cloud::gcp {
namespace {

using nlohmann::json;

constexpr long long kDisk = 35;  // GB, as CML's.
constexpr long long kRoom = 20;  // GB beside what an image holds.

// Short names of scopes, as gcloud has them.
std::string scope_url(std::string const& name) {
  struct Row {
    std::string_view name, path;
  };
  constexpr Row kRows[] = {{"storage-ro", "devstorage.read_only"},
                           {"storage-rw", "devstorage.read_write"},
                           {"storage-full", "devstorage.full_control"},
                           {"compute-ro", "compute.readonly"},
                           {"compute-rw", "compute"},
                           {"logging-write", "logging.write"},
                           {"monitoring-write", "monitoring.write"},
                           {"bigquery", "bigquery"},
                           {"cloud-platform", "cloud-platform"},
                           {"datastore", "datastore"},
                           {"pubsub", "pubsub"},
                           {"sql-admin", "sqlservice.admin"},
                           {"userinfo-email", "userinfo.email"}};
  for (Row const& row : kRows)
    if (row.name == name) return "https://www.googleapis.com/auth/" + std::string(row.path);
  return name;
}

// Labels of Google's: lower-case letters, digits, "-" and "_", 63 at most.
std::string label_text(std::string const& text) {
  std::string result = to_lower(text).substr(0, 63);
  for (char& c : result)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) c = '-';
  return result;
}

}  // namespace

std::string Attempt::describe() const {
  return type.machine + (type.gpu_count > 0 ? " with " + std::to_string(type.gpu_count) + " " + type.gpu : "") +
         (spot ? " as spot" : "") + " in " + zone;
}

long long disk_of(MachineWanted const& wanted, Image const& image) {
  return wanted.disk_gb > 0 ? wanted.disk_gb : std::max(kDisk, image.disk_gb + kRoom);
}

json machine_body(MachineWanted const& wanted, Attempt const& attempt, std::string const& script) {
  std::string const zone = "zones/" + attempt.zone;
  json labels{{"cml-id", wanted.id}};
  for (auto const& [key, value] : wanted.metadata)
    if (!key.empty()) labels[label_text(key)] = label_text(value);
  json items = json::array({{{"key", "startup-script"}, {"value", script}},
                            {{"key", "block-project-ssh-keys"}, {"value", "TRUE"}},
                            {{"key", "cml-repo"}, {"value", wanted.repository}},
                            {{"key", "cml-labels"}, {"value", wanted.labels}}});
  json tags = json::array({kTag});
  if (!wanted.ssh_public_key.empty()) {
    items.push_back({{"key", "ssh-keys"}, {"value", "ubuntu:" + wanted.ssh_public_key + " ubuntu"}});
    tags.push_back(kSshRule);
  }
  // Google moves no machine with a GPU, of metal or of some series to another host; a runner would not survive it.
  json scheduling{{"automaticRestart", false},
                  {"preemptible", attempt.spot},
                  {"provisioningModel", attempt.spot ? "SPOT" : "STANDARD"},
                  {"onHostMaintenance", "TERMINATE"}};
  if (wanted.max_lifetime.count() > 0) {
    labels["cml-expires-at"] = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>((wanted.now + wanted.max_lifetime).time_since_epoch())
            .count());
    scheduling["maxRunDuration"] = {{"seconds", std::to_string(wanted.max_lifetime.count())}};
    scheduling["instanceTerminationAction"] = "DELETE";
  } else if (attempt.spot) {
    scheduling["instanceTerminationAction"] = "DELETE";
  }
  json body{
      {"name", wanted.id},
      {"machineType", zone + "/machineTypes/" + attempt.type.machine},
      {"labels", labels},
      {"tags", {{"items", tags}}},
      {"metadata", {{"items", items}}},
      {"scheduling", scheduling},
      {"networkInterfaces",
       json::array({{{"network", "global/networks/default"},
                     {"accessConfigs", json::array({{{"type", "ONE_TO_ONE_NAT"}, {"name", "External NAT"}}})}}})},
      {"disks",
       json::array({{{"boot", true},
                     {"autoDelete", true},
                     {"initializeParams",
                      {{"sourceImage", attempt.image.link},
                       {"diskSizeGb", std::to_string(disk_of(wanted, attempt.image))},
                       {"diskType", zone + "/diskTypes/" + std::string(series_of(attempt.type.machine).disk)}}}}})}};
  if (attempt.type.gpu_count > 0 && !attempt.type.gpu.empty())
    body["guestAccelerators"] = json::array({{{"acceleratorType", zone + "/acceleratorTypes/" + attempt.type.gpu},
                                              {"acceleratorCount", attempt.type.gpu_count}}});
  // "EMAIL[,scopes=a,b]"
  if (!wanted.permission_set.empty()) {
    json scopes = json::array();
    auto const comma = wanted.permission_set.find(",scopes=");
    for (std::string const& scope :
         split(comma == std::string::npos ? "cloud-platform" : wanted.permission_set.substr(comma + 8), ','))
      if (!trim(scope).empty()) scopes.push_back(scope_url(std::string(trim(scope))));
    body["serviceAccounts"] = json::array({{{"email", wanted.permission_set.substr(0, comma)}, {"scopes", scopes}}});
  }
  return body;
}

}  // namespace cml::cloud::gcp
