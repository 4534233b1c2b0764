#include "cloud/azure/bodies.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/ending.hpp"

namespace cml::cloud::azure {
namespace {

using nlohmann::json;

constexpr std::size_t kTagBytes = 256;
constexpr char const* kUser = "ubuntu";

// Azure's names of tags know no <>%&\?/.
std::string tag_name(std::string text) {
  for (char& c : text)
    if (contains("<>%&\\?/", std::string_view(&c, 1))) c = '-';
  return std::string(utf8_prefix(text, kTagBytes));
}

// Azure makes no machine without a way in. A key that is a hash has no private half, so this is none.
std::string public_key(MachineWanted const& wanted) {
  if (!wanted.ssh_public_key.empty()) return wanted.ssh_public_key;
  auto const field = [](std::string const& bytes) {
    return std::string(3, '\0') + static_cast<char>(bytes.size()) + bytes;
  };
  std::string const digits = sha256_hex("nobody holds the key of " + wanted.id);
  std::string point;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    point.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return "ssh-ed25519 " + base64_encode(field("ssh-ed25519") + field(point)) + " nobody";
}

}  // namespace

std::string Attempt::describe() const { return type + (spot ? " as spot" : "") + " in " + region; }

json tags_of(MachineWanted const& wanted) {
  json tags = json::object();
  auto const put = [&](std::string const& name, std::string const& value) {
    tags[name] = std::string(utf8_prefix(value, kTagBytes));
  };
  for (auto const& [key, value] : wanted.metadata)
    if (!key.empty()) put(tag_name(key), value);
  put("cml-id", wanted.id);
  put("cml-repo", wanted.repository);
  put("cml-labels", wanted.labels);
  put("cml-made-at", iso_time(wanted.now));
  if (wanted.max_lifetime.count() > 0) put("cml-expires-at", iso_time(wanted.now + wanted.max_lifetime));
  return tags;
}

json group_body(MachineWanted const& wanted, std::string const& region) {
  return {{"location", region}, {"tags", tags_of(wanted)}};
}

json security_body(MachineWanted const& wanted, std::string const& region) {
  json rules = json::array();
  auto const add = [&](char const* name, int priority, char const* access, char const* protocol, char const* port) {
    rules.push_back({{"name", name},
                     {"properties",
                      {{"priority", priority},
                       {"direction", "Inbound"},
                       {"access", access},
                       {"protocol", protocol},
                       {"sourceAddressPrefix", "*"},
                       {"sourcePortRange", "*"},
                       {"destinationAddressPrefix", "*"},
                       {"destinationPortRange", port}}}});
  };
  if (!wanted.ssh_public_key.empty()) add("ssh", 100, "Allow", "Tcp", "22");
  add("nothing-else", 4096, "Deny", "*", "*");
  return {{"location", region}, {"tags", tags_of(wanted)}, {"properties", {{"securityRules", rules}}}};
}

json network_body(MachineWanted const& wanted, std::string const& region, std::string const& security_id) {
  json const subnet{
      {"name", "runner"},
      {"properties", {{"addressPrefix", "10.0.0.0/24"}, {"networkSecurityGroup", {{"id", security_id}}}}}};
  return {
      {"location", region},
      {"tags", tags_of(wanted)},
      {"properties",
       {{"addressSpace", {{"addressPrefixes", json::array({"10.0.0.0/24"})}}}, {"subnets", json::array({subnet})}}}};
}

json machine_body(MachineWanted const& wanted, Attempt const& attempt, std::string const& subnet_id,
                  std::string const& security_id, std::string const& script) {
  json const address{{"name", "address"},
                     {"sku", {{"name", "Standard"}, {"tier", "Regional"}}},
                     {"properties", {{"deleteOption", "Delete"}, {"publicIPAllocationMethod", "Static"}}}};
  json const ip{
      {"name", "ip"},
      {"properties", {{"primary", true}, {"subnet", {{"id", subnet_id}}}, {"publicIPAddressConfiguration", address}}}};
  json const card{{"name", "card"},
                  {"properties",
                   {{"primary", true},
                    {"deleteOption", "Delete"},
                    {"networkSecurityGroup", {{"id", security_id}}},
                    {"ipConfigurations", json::array({ip})}}}};
  json const key{{"path", std::string("/home/") + kUser + "/.ssh/authorized_keys"}, {"keyData", public_key(wanted)}};
  json properties{{"hardwareProfile", {{"vmSize", attempt.type}}},
                  {"storageProfile",
                   {{"imageReference", attempt.image},
                    {"osDisk",
                     {{"name", wanted.id + "-disk"},
                      {"createOption", "FromImage"},
                      {"deleteOption", "Delete"},
                      {"diskSizeGB", wanted.disk_gb > 0 ? wanted.disk_gb : kDisk},
                      {"managedDisk", {{"storageAccountType", "StandardSSD_LRS"}}}}}}},
                  {"osProfile",
                   {{"computerName", wanted.id},
                    {"adminUsername", kUser},
                    {"customData", base64_encode(script)},
                    {"linuxConfiguration",
                     {{"disablePasswordAuthentication", true}, {"ssh", {{"publicKeys", json::array({key})}}}}}}},
                  {"networkProfile",
                   {{"networkApiVersion", "2020-11-01"}, {"networkInterfaceConfigurations", json::array({card})}}},
                  {"diagnosticsProfile", {{"bootDiagnostics", {{"enabled", true}}}}}};
  if (attempt.encrypt_at_host) properties["securityProfile"] = {{"encryptionAtHost", true}};
  if (attempt.spot) {
    properties["priority"] = "Spot";
    properties["evictionPolicy"] = "Delete";
    properties["billingProfile"] = {{"maxPrice", wanted.spot_price < 0 ? -1.0 : wanted.spot_price}};
  }
  json body{{"location", attempt.region}, {"tags", tags_of(wanted)}, {"properties", properties}};
  if (!wanted.permission_set.empty()) {
    json identities = json::object();
    for (std::string const& one : split(wanted.permission_set, ','))
      identities[std::string(trim(one))] = json::object();
    body["identity"] = {{"type", "UserAssigned"}, {"userAssignedIdentities", identities}};
  }
  return body;
}

Result<json> image_reference(std::string const& given) {
  if (given.substr(0, 1) == "/") return json{{"id", given}};
  auto const parts = split(given, ':');
  bool whole = parts.size() == 4;
  for (std::string const& part : parts) whole = whole && !part.empty();
  if (whole) return json{{"publisher", parts[0]}, {"offer", parts[1]}, {"sku", parts[2]}, {"version", parts[3]}};
  return Error{ErrorKind::BadInput,
               "--cloud-image \"" + one_line(given, 80) +
                   "\" must be PUBLISHER:OFFER:SKU:VERSION on Azure, or the id of an image (/subscriptions/...)"};
}

std::string with_ending(std::string const& script, std::string const& manager, std::string const& group_url,
                        std::string const& identity) {
  return cloud::with_ending(script,
                            {"Metadata: true",
                             "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                                 percent_encode(manager + "/") + "&msi_res_id=" + percent_encode(identity),
                             group_url});
}

}  // namespace cml::cloud::azure
