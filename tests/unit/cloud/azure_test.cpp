// Azure Resource Manager against a fake in memory, its bodies against the mappers of Azure's own SDK where
// CML_AZURE_SDK_DIR is a folder with its node_modules.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/base64.hpp"
#include "cloud/azure/bodies.hpp"
#include "cloud/azure/credentials.hpp"
#include "platform/spawned_process.hpp"
#include "support/runner_world.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

constexpr char const* kManager = "https://management.azure.com";
constexpr char const* kIdentity =
    "/subscriptions/s1/resourceGroups/shared/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ender";

struct AzureWorld : World {
  AzureWorld() {
    options.cloud = "azure";
    options.cml_version = "1.0.0";
    options.permission_set = kIdentity;
    environment.variables = {{"AZURE_CLIENT_ID", "app"},
                             {"AZURE_TENANT_ID", "t1"},
                             {"AZURE_CLIENT_SECRET", "fake"},
                             {"AZURE_SUBSCRIPTION_ID", "s1"}};
    http.cloud = [this](HttpRequest const& request) { return handle(request); };
  }

  static HttpResponse failure(int status, std::string const& code, std::string const& message = "said so") {
    return json_response(status, json{{"error", {{"code", code}, {"message", message}}}}.dump());
  }
  static json size(std::string const& name, json const& restrictions = json::array(), std::string const& gpus = "0",
                   std::string const& generations = "V1,V2") {
    json const capabilities = json::array({{{"name", "HyperVGenerations"}, {"value", generations}},
                                           {{"name", "GPUs"}, {"value", gpus}},
                                           {{"name", "LowPriorityCapable"}, {"value", "True"}},
                                           {{"name", "EncryptionAtHostSupported"}, {"value", "True"}}});
    return {{"name", name},
            {"resourceType", "virtualMachines"},
            {"restrictions", restrictions},
            {"capabilities", capabilities}};
  }

  // The actions that Azure's descriptions name for each of our calls, what a machine's body makes in one go included.
  static std::vector<std::string> actions_of(HttpRequest const& request, std::vector<std::string> const& parts) {
    std::string const verb = request.method == "PUT"      ? "write"
                             : request.method == "DELETE" ? "delete"
                             : request.method == "POST"   ? "action"
                                                          : "read";
    std::string const compute = "Microsoft.Compute/", network = "Microsoft.Network/",
                      groups = "Microsoft.Resources/subscriptions/resourceGroups/";
    if (parts[0] == "locations") return {"Microsoft.Resources/subscriptions/locations/read"};
    if (parts[0] == "operations") return {};
    if (parts.back() == "skus") return {compute + "skus/read"};
    if (parts.back() == "EncryptionAtHost") return {"Microsoft.Features/providers/features/read"};
    if (parts.back() == "versions") return {compute + "locations/publishers/artifacttypes/offers/skus/versions/read"};
    std::vector<std::string> deleted;
    if (parts.size() <= 2 && verb == "delete")
      for (char const* kind : {"Network/networkSecurityGroups", "Network/virtualNetworks", "Network/networkInterfaces",
                               "Network/publicIPAddresses", "Compute/disks", "Compute/virtualMachines"})
        deleted.push_back("Microsoft." + std::string(kind) + "/delete");
    if (parts.size() <= 2) return deleted.push_back(groups + verb), deleted;
    if (parts.back() == "retrieveBootDiagnosticsData")
      return {compute + "virtualMachines/retrieveBootDiagnosticsData/action"};
    std::string const kind = parts[4];
    if (kind != "virtualMachines" || verb != "write") {
      std::vector<std::string> some{parts[3] + "/" + kind + "/" + verb};
      if (kind == "virtualNetworks" && verb == "write") some.push_back(network + "networkSecurityGroups/join/action");
      return some;
    }
    std::vector<std::string> all{compute + "virtualMachines/write", compute + "disks/write", compute + "disks/read",
                                 network + "virtualNetworks/subnets/join/action",
                                 network + "networkSecurityGroups/join/action"};
    for (char const* one : {"networkInterfaces", "publicIPAddresses"})
      for (char const* right : {"/write", "/read", "/join/action"}) all.push_back(network + one + right);
    if (contains(request.body, "UserAssigned"))
      all.push_back("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action");
    return all;
  }

  Result<HttpResponse> handle(HttpRequest const& request) {
    if (request.url == "https://login.microsoftonline.com/t1/oauth2/v2.0/token") {
      if (!contains(request.body, "client_secret=fake"))
        return json_response(
            401,
            R"({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})");
      REQUIRE(
          contains(request.body,
                   "grant_type=client_credentials&client_id=app&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"));
      return json_response(200, R"({"access_token": ")" + token + "\"}");
    }
    if (request.url.substr(0, 46) == "https://prices.azure.com/api/retail/prices?$fi") {
      REQUIRE(request.credential.empty());
      if (prices.empty()) return HttpResponse{503, {}, ""};
      return json_response(200, prices);
    }
    if (request.url == "https://logs.example.test/console?sig=1") {
      REQUIRE(request.credential.empty());
      return HttpResponse{200, {}, "cml: powering off: no package lists\n"};
    }
    std::string const base = std::string(kManager) + "/subscriptions/s1/";
    REQUIRE(request.url.substr(0, base.size()) == base);
    REQUIRE(contains(request.url, "api-version="));
    calls.push_back(request.method + " " + request.url.substr(base.size(), request.url.find('?') - base.size()));
    if (expired || request.credential.reveal() != "Bearer " + token) return failure(401, "ExpiredAuthenticationToken");
    std::string const path = calls.back().substr(calls.back().find(' ') + 1);
    auto const parts = split(path, '/');
    for (std::string const& needed : actions_of(request, parts)) {
      used.insert(needed);
      if (!permitted.empty() && permitted.count(needed) == 0)
        return failure(403, "AuthorizationFailed", "no authorization to perform action '" + needed + "'");
    }
    if (path == "locations") return json_response(200, R"({"value": [{"name": "westus2"}, {"name": "eastus"}]})");
    if (parts[0] == "providers" && parts.back() == "skus") {
      if (contains(request.url, "page=2"))
        return json_response(200, json{{"value", json::array({size("Standard_NC6", json::array(), "1", "V1"),
                                                              size("Standard_NC4as_T4_v3", json::array(), "1")})}}
                                      .dump());
      REQUIRE(contains(request.url, "$filter=location%20eq%20%27"));
      json const closed = json::array({{{"type", "Location"}, {"reasonCode", "NotAvailableForSubscription"}}});
      return json_response(200, json{{"value", json::array({size("Standard_F8s_v2"), size("Standard_B1s"),
                                                            size("Standard_F32s_v2", closed)})},
                                     {"nextLink", next_link}}
                                    .dump());
    }
    if (parts.back() == "EncryptionAtHost")
      return json_response(200, json{{"properties", {{"state", feature}}}}.dump());
    if (parts.back() == "versions")
      return contains(path, "/skus/server/") ? json_response(200, R"([{"name": "24.04.1"}])")
                                             : failure(404, "NotFound");
    if (path == "operations")
      return json_response(200, json{{"status", problem.empty() ? "Succeeded" : "Failed"},
                                     {"error", {{"code", problem}, {"message", "none left"}}}}
                                    .dump());
    if (path == "resourcegroups") {
      REQUIRE(contains(request.url, "tagName%20eq%20%27cml-id%27"));
      json items = json::array();
      for (auto const& [name, group] : groups)
        if (group["tags"].contains("cml-id")) items.push_back(group);
      return json_response(200, json{{"value", items}}.dump());
    }
    REQUIRE(to_lower(parts[0]) == "resourcegroups");
    std::string const group = parts[1];
    if (parts.size() == 2) {
      if (request.method == "PUT") {
        groups[group] = json::parse(request.body);
        bodies["resources ResourceGroup"] = request.body;
        groups[group]["name"] = group;
        return json_response(201, R"({"properties": {"provisioningState": "Succeeded"}})");
      }
      REQUIRE(request.method == "DELETE");
      if (groups.erase(group) == 0) return failure(404, "ResourceGroupNotFound");
      std::erase_if(resources, [&](auto const& one) { return contains(one.first, "/" + group + "/"); });
      return HttpResponse{202, {{"location", "elsewhere"}}, ""};
    }
    if (groups.count(group) == 0) return failure(404, "ResourceGroupNotFound");
    if (parts.back() == "publicIPAddresses") return addresses;
    if (parts.back() == "retrieveBootDiagnosticsData")
      return json_response(200, R"({"serialConsoleLogBlobUri": "https://logs.example.test/console?sig=1"})");
    if (request.method == "PUT") return make(path, parts[4], json::parse(request.body));
    if (contains(path, "/virtualMachines/") && away.count(group) > 0) return failure(500, "InternalServerError");
    if (resources.count(path) == 0) return failure(404, "ResourceNotFound");
    if (request.method == "GET") return json_response(200, resources[path].dump());
    resources.erase(path);
    return HttpResponse{202, {}, ""};
  }

  Result<HttpResponse> make(std::string const& path, std::string const& kind, json body) {
    bodies[kind == "virtualMachines"   ? "compute VirtualMachine"
           : kind == "virtualNetworks" ? "network VirtualNetwork"
                                       : "network NetworkSecurityGroup"] = body.dump();
    if (kind != "virtualMachines") {
      body["properties"]["provisioningState"] = "Succeeded";
      resources[path] = body;
      return json_response(201, body.dump());
    }
    // A failed one stays in the way of its successor, as Azure's do.
    if (resources.count(path) > 0) return failure(409, "PropertyChangeNotAllowed");
    std::string const type = body["properties"]["hardwareProfile"]["vmSize"];
    bool const spot = body["properties"].contains("priority");
    tried.push_back(type + (spot ? " spot" : ""));
    if (refused_at_once.count(type) > 0) return failure(409, "SkuNotAvailable");
    problem = full.count(type) > 0 || (no_spot && spot) ? "AllocationFailed" : "";
    body["properties"]["timeCreated"] = iso_time(clock.now());
    body["properties"]["provisioningState"] = problem.empty() ? "Succeeded" : "Failed";
    if (problem.empty())
      body["properties"]["instanceView"]["statuses"] =
          json::array({{{"code", "ProvisioningState/succeeded"}}, {{"code", "PowerState/running"}}});
    resources[path] = body;
    if (problem.empty() && boots) forge.find(split(path, '/').back())->online = true;
    body["properties"]["provisioningState"] = "Creating";
    return HttpResponse{201, {{"azure-asyncoperation", operation}, {"retry-after", "7"}}, body.dump()};
  }
  json& machine() {
    for (auto& [path, body] : resources)
      if (contains(path, "virtualMachines/")) return body;
    FAIL("no machine");
    return resources.begin()->second;
  }

  std::map<std::string, json> groups, resources;
  std::map<std::string, std::string> bodies;
  std::set<std::string> permitted, used;              // Actions; nothing permitted: everything is.
  std::set<std::string> full, refused_at_once, away;  // Groups whose machine nobody can look at.
  std::vector<std::string> calls, tried;
  std::string problem, feature = "NotRegistered",
                       next_link = std::string(kManager) +
                                   "/subscriptions/s1/providers/Microsoft.Compute/skus?api-version=2021-07-01&page=2";
  std::string operation = std::string(kManager) + "/subscriptions/s1/operations?api-version=1";
  HttpResponse addresses =
      json_response(200, R"({"value": [{"name": "address-1a2b", "properties": {"ipAddress": "192.0.2.7"}}]})");
  std::string prices;  // What the public price list says; empty: it is away.
  bool no_spot = false, boots = true, expired = false;
  std::string token = "token";
};

}  // namespace

TEST_CASE("azure: a group, a network that lets nothing in, and a spot machine whose parts go with it",
          "[cloud][azure]") {
  AzureWorld world;
  world.options.spot = true;
  world.options.metadata = {{"Team/A", "A B"}};
  world.feature = "Registered";
  REQUIRE(world.launch_now());
  REQUIRE(world.groups.size() == 1);
  json const group = world.groups.begin()->second, body = world.machine(), properties = body["properties"];
  std::string const id = group["tags"]["cml-id"];
  CHECK(world.groups.begin()->first == id + "-westus2");
  CHECK(group["tags"]["Team-A"] == "A B");
  CHECK(group["tags"]["cml-expires-at"] ==
        iso_time(world.clock.now_ - std::chrono::seconds(7) + std::chrono::hours(168)));
  CHECK(properties["priority"] == "Spot");
  CHECK(properties["evictionPolicy"] == "Delete");
  CHECK(properties["billingProfile"]["maxPrice"] == -1);
  CHECK(properties["storageProfile"]["osDisk"]["deleteOption"] == "Delete");
  CHECK(properties["storageProfile"]["imageReference"]["sku"] == "server");
  CHECK(properties["securityProfile"]["encryptionAtHost"] == true);
  CHECK(properties["hardwareProfile"]["vmSize"] == "Standard_F8s_v2");
  CHECK(body["identity"]["userAssignedIdentities"].contains(kIdentity));
  json const rules = json::parse(world.bodies["network NetworkSecurityGroup"])["properties"]["securityRules"];
  REQUIRE(rules.size() == 1);
  CHECK(rules[0]["properties"]["access"] == "Deny");
  CHECK(world.clock.slept.front() == std::chrono::seconds(7));  // As the server proposed.
  std::string const script = base64_decode(properties["osProfile"]["customData"].get<std::string>()).value();
  CHECK(script.substr(0, 12) == "#!/bin/bash\n");
  CHECK(contains(script, "jit-" + id));
  CHECK(contains(script, "-X DELETE '" + std::string(kManager) + "/subscriptions/s1/resourcegroups/" + id +
                             "-westus2?api-version="));
  for (char const* secret : {"good-token", "fake", "Bearer token"}) CHECK_FALSE(contains(script, secret));

  char const* shared = std::getenv("CML_SHARED_DIR");
  char const* sdk = std::getenv("CML_AZURE_SDK_DIR");
  if (shared == nullptr || sdk == nullptr) {
    WARN("no CML_SHARED_DIR or CML_AZURE_SDK_DIR here: the bodies were not held against Azure's mappers");
    return;
  }
  TemporaryFolder folder;  // The checker looks for the modules beside itself.
  std::filesystem::copy_file(std::string(shared) + "/cloud-checks/azcheck.mjs", folder.path / "azcheck.mjs");
  std::filesystem::create_symlink(std::filesystem::path(sdk) / "node_modules", folder.path / "node_modules");
  SpawnedProcess process;
  REQUIRE(world.bodies.size() == 4);
  for (auto const& [kind, text] : world.bodies) {
    auto const words = split(kind, ' ');
    auto const checked =
        process.run({.arguments = {"node", (folder.path / "azcheck.mjs").string(), words[0], words[1]}, .input = text});
    REQUIRE(checked);
    INFO(kind << "\n" << checked->out << checked->err);
    CHECK(checked->exit_code == 0);
  }
  json spoilt = json::parse(world.bodies["compute VirtualMachine"]);  // The checker does see what is wrong.
  spoilt["properties"]["prioritty"] = "Spot";
  auto const checked =
      process.run({.arguments = {"node", (folder.path / "azcheck.mjs").string(), "compute", "VirtualMachine"},
                   .input = spoilt.dump()});
  REQUIRE(checked);
  CHECK(checked->exit_code != 0);
}

TEST_CASE("azure: other types, then on demand, a failed try is out of the way first", "[cloud][azure]") {
  AzureWorld world;
  world.options.types = {"l", "m", "s", "Standard_NC6"};
  world.options.spot = true;
  world.options.spot_fallback = true;
  world.no_spot = true;
  world.full = {"Standard_F8s_v2"};
  world.refused_at_once = {"Standard_B1s"};
  REQUIRE(world.launch_now());
  // "l" is closed to the subscription and never tried.
  CHECK(world.tried == std::vector<std::string>{"Standard_F8s_v2 spot", "Standard_B1s spot", "Standard_NC6 spot",
                                                "Standard_F8s_v2", "Standard_B1s", "Standard_NC6"});
  CHECK(world.machine()["properties"]["storageProfile"]["imageReference"]["sku"] == "server-gen1");
  CHECK_FALSE(world.machine()["properties"].contains("priority"));
  CHECK_FALSE(world.machine()["properties"].contains("securityProfile"));

  AzureWorld regions;  // A region without room leaves nothing behind.
  regions.options.regions = {"us-west", "us-east"};
  regions.full = {"Standard_F8s_v2"};
  auto const none = regions.launch_now();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::TooLarge);
  CHECK(contains(none.error().message, "AllocationFailed: none left"));
  CHECK(regions.tried.size() == 2);
  CHECK(regions.groups.empty());
  CHECK(regions.resources.empty());
  CHECK(regions.forge.runners().empty());
}

TEST_CASE("azure: the price comes from the public list, or it is said that there is none", "[cloud][azure]") {
  AzureWorld world;
  world.options.types = {"Standard_F8s_v2"};
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("price: no price known for Standard_F8s_v2, westus2: Azure's price list answered 503"));
  world.prices = R"({"Items": [{"productName": "Virtual Machines FSv2 Series Windows", "skuName": "F8s v2",)"
                 R"( "unitOfMeasure": "1 Hour", "retailPrice": 0.7},
                               {"productName": "Virtual Machines FSv2 Series", "skuName": "F8s v2 Low Priority",
                               "unitOfMeasure": "1 Hour", "retailPrice": 0.1},
                               {"productName": "Virtual Machines FSv2 Series", "skuName": "F8s v2 Spot",
                               "unitOfMeasure": "1 Hour", "retailPrice": 0.05},
                               {"productName": "Virtual Machines FSv2 Series", "skuName": "F8s v2",
                               "unitOfMeasure": "1 Hour", "retailPrice": 0.338}]})";
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("price: about $0.3380 an hour (Standard_F8s_v2, westus2)"));
  world.options.spot = true;
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("price: about $0.0500 an hour (Standard_F8s_v2, spot, westus2)"));
}

TEST_CASE("azure: port 22 for a key, and only then", "[cloud][azure]") {
  AzureWorld world;
  world.options.ssh_private = Secret("fake key");
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("192.0.2.7"));  // Where to log in.
  json const rules = json::parse(world.bodies["network NetworkSecurityGroup"])["properties"]["securityRules"];
  REQUIRE(rules.size() == 2);
  CHECK(rules[0]["properties"]["destinationPortRange"] == "22");
  CHECK(rules[1]["properties"]["access"] == "Deny");
  CHECK(world.machine()["properties"]["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"][0]["keyData"] ==
        "ssh-rsa AAAAfake");
  // Without one, a well-formed key that nobody can hold.
  AzureWorld closed;
  closed.addresses = AzureWorld::failure(403, "AuthorizationFailed");  // No reason to give a machine up.
  REQUIRE(closed.launch_now());
  auto const words =
      split(closed.machine()["properties"]["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"][0]["keyData"]
                .get<std::string>(),
            ' ');
  REQUIRE(words.size() == 3);
  CHECK(words[0] == "ssh-ed25519");
  CHECK(base64_decode(words[1]).value().size() == 4 + 11 + 4 + 32);
}

TEST_CASE("azure: errors name the thing and leave nothing", "[cloud][azure]") {
  struct Case {
    std::function<void(AzureWorld&)> spoil;
    std::string message;
  };
  for (Case const& item : std::vector<Case>{
           {[](AzureWorld& w) { w.options.regions = {"westus"}; }, "no region \"westus\"; did you mean westus2?"},
           {[](AzureWorld& w) { w.options.types = {"Standard_F8s_v3"}; },
            "no machine type \"Standard_F8s_v3\"; did you mean Standard_F8s_v2?"},
           {[](AzureWorld& w) { w.options.types = {"l"}; },
            "Standard_F32s_v2 in westus2 is not open to this subscription"},
           {[](AzureWorld& w) { w.options.types = {"Standard_B1s"}, w.options.gpu = "t4"; }, "Standard_B1s has no GPU"},
           {[](AzureWorld& w) { w.options.image = "noble"; }, "must be PUBLISHER:OFFER:SKU:VERSION"},
           {[](AzureWorld& w) { w.options.image = "Canonical:ubuntu:nothing:latest"; },
            "there is no image \"Canonical:ubuntu:nothing:latest\" in westus2"},
           {[](AzureWorld& w) { w.options.image = "Canonical:ubuntu:server:1.2.3"; }, "there is no image"},
           {[](AzureWorld& w) { w.options.permission_set = "job"; }, "must be ids of user-assigned identities"},
           {[](AzureWorld& w) { w.options.startup_script = base64_encode(std::string(60000, '#')); },
            "Azure takes 65535"},
           {[](AzureWorld& w) { w.operation = "https://elsewhere.example.test/operation"; },
            "Azure sent an address outside https://management.azure.com"},
           {[](AzureWorld& w) { w.next_link = "https://management.azure.com.example.test/"; },
            "Azure sent an address outside https://management.azure.com"},
           {[](AzureWorld& w) { w.expired = true; },
            "the credentials of AZURE_CLIENT_SECRET are not accepted or have expired"},
           {[](AzureWorld& w) { w.environment.variables["AZURE_CLIENT_SECRET"] = "old"; },
            "Azure refused AZURE_CLIENT_SECRET (401): AADSTS7000215"},
           {[](AzureWorld& w) { w.environment.variables.erase("AZURE_TENANT_ID"); },
            "needs AZURE_CLIENT_ID and AZURE_TENANT_ID"},
           {[](AzureWorld& w) { w.environment.variables.erase("AZURE_SUBSCRIPTION_ID"); }, "set AZURE_SUBSCRIPTION_ID"},
           {[](AzureWorld& w) { w.environment.variables["AZURE_AUTHORITY_HOST"] = "https://login.example.test"; },
            "AZURE_AUTHORITY_HOST \"https://login.example.test\" is not known"},
           {[](AzureWorld& w) { w.environment.variables.clear(); }, "no Azure credentials: looked"}}) {
    AzureWorld bad;
    item.spoil(bad);
    auto const launched = bad.launch_now();
    REQUIRE_FALSE(launched);
    INFO(launched.error().message);
    CHECK(contains(launched.error().message, item.message));
    CHECK(bad.forge.runners().empty());
    CHECK(bad.groups.empty());
  }
  AzureWorld silent;  // Never online: what it printed is shown, and everything is taken away.
  silent.boots = false;
  REQUIRE_FALSE(silent.launch_now());
  CHECK(silent.groups.empty());
  CHECK(silent.forge.runners().empty());
}

TEST_CASE("azure: the role of the page for people is enough, and nothing of it too much", "[cloud][azure]") {
  json const role = json::parse(slurp(CML_SOURCE_DIR "/docs/clouds/policies/azure.json"));
  AzureWorld world;
  for (json const& action : role["Actions"]) world.permitted.insert(action.get<std::string>());
  world.options.image = "Canonical:ubuntu:server:latest";
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  world.clock.now_ += std::chrono::hours(8 * 24);
  REQUIRE(world.gc());
  CHECK(world.groups.empty());
  world.boots = false;
  world.options.spot = world.options.spot_fallback = world.no_spot = true;  // The remains of the first try are removed.
  REQUIRE_FALSE(world.launch_now());
  CHECK(world.groups.empty());
  // Reading what was made is what a PUT that takes its time asks for.
  for (char const* one : {"networkSecurityGroups/read", "virtualNetworks/read"})
    world.used.insert("Microsoft.Network/" + std::string(one));
  CHECK(world.used == world.permitted);
}

TEST_CASE("azure: what cannot be had is named, also beside what can", "[cloud][azure]") {
  AzureWorld world;
  world.options.types = {"m", "l"};
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("l is left out: Standard_F32s_v2 in westus2 is not open to this subscription"));
  AzureWorld small;
  small.options.disk_gb = 10;
  auto const refused = small.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "--cloud-hdd-size 10 is less than the 30 GB of Azure's Ubuntu"));
  CHECK(small.calls.empty());
  AzureWorld old;
  old.options.types = {"Standard_NC6s_v3"};
  CHECK(contains(old.launch_now().error().message, "it is of an old generation that clouds withdraw; newer is t4"));
  AzureWorld gpu;
  gpu.options.gpu = "t4";
  REQUIRE(gpu.launch_now());
  CHECK(gpu.console.logged("Standard_NC4as_T4_v3 has 1 t4 GPU of 16 GB"));
  AzureWorld dry;
  dry.options.dry_run = true;
  dry.options.types = {"Standard_D8s_v33"};
  REQUIRE_FALSE(dry.launch_now());
}

TEST_CASE("azure: a machine that cannot be looked at hides no other one, and its own limit still counts",
          "[cloud][azure]") {
  AzureWorld world;
  REQUIRE(world.launch_now());
  std::string const first = world.groups.begin()->first;
  world.away = {first};
  world.clock.now_ += std::chrono::hours(1);
  REQUIRE(world.launch_now());
  REQUIRE_FALSE(world.gc());
  CHECK(world.groups.size() == 2);  // Both are online.
  world.clock.now_ += std::chrono::hours(8 * 24);
  auto const swept = world.gc();
  REQUIRE_FALSE(swept);
  CHECK(contains(swept.error().message, "looking at " + first));
  CHECK(world.groups.empty());
}

TEST_CASE("azure: a token that ends in the middle of a launch is asked for anew", "[cloud][azure]") {
  AzureWorld world;
  world.boots = false;
  world.clock.on_sleep = [&] { world.token = world.clock.slept.size() < 20 ? "token" : "next"; };
  REQUIRE_FALSE(world.launch_now());  // It never comes up, and is taken away all the same.
  CHECK(world.token == "next");
  CHECK(world.groups.empty());
}

TEST_CASE("azure: killed at any request of a launch, gc finds and removes everything", "[cloud][azure][kill]") {
  // The second is refused as spot and tries again: its failed machine is deleted in between.
  for (bool const again : {false, true}) {
    auto const prepare = [again](AzureWorld& world) {
      world.options.spot = world.options.spot_fallback = world.no_spot = again;
    };
    INFO((again ? "the one with a second try" : "the one that works at once"));
    CHECK(kill_everywhere<AzureWorld>(
              prepare, [](AzureWorld& world) { return world.groups.empty() && world.resources.empty(); }) > 5);
  }
}

TEST_CASE("azure: one sweep takes away what two hundred killed launches left", "[cloud][azure][kill]") {
  kill_at_random<AzureWorld>([](AzureWorld& world, int i) { world.options.spot = i % 2 == 1; }, 2,
                             [](AzureWorld& world) { return world.groups.empty() && world.resources.empty(); });
}

TEST_CASE("azure: one request of a launch that goes wrong leaves one machine or none", "[cloud][azure][kill]") {
  CHECK(fault_everywhere<AzureWorld>(
            [](AzureWorld& world) { world.options.spot = world.options.spot_fallback = world.no_spot = true; },
            [](AzureWorld& world) { return world.groups.size(); }) > 5);
  kill_sweep_everywhere<AzureWorld>([](AzureWorld&) {},
                                    [](AzureWorld& world) { return world.groups.empty() && world.resources.empty(); });
}

TEST_CASE("azure: gc takes the stopped and the evicted, and leaves the groups of others", "[cloud][azure]") {
  AzureWorld world;
  REQUIRE(world.launch_now());
  std::string const name = world.groups.begin()->first;
  world.groups["production"] = {{"name", "production"}, {"location", "westus2"}, {"tags", {{"cml-id", "cml-x"}}}};
  world.clock.now_ += std::chrono::minutes(31);
  REQUIRE(world.gc());
  CHECK(world.groups.size() == 2);
  REQUIRE(world.gc({"us-east"}));
  CHECK(world.groups.size() == 2);
  SECTION("powered off, and so still billed") {
    world.machine()["properties"]["instanceView"]["statuses"] = json::array({{{"code", "PowerState/stopped"}}});
  }
  SECTION("evicted: the machine is gone, its group is not") {
    std::erase_if(world.resources, [](auto const& one) { return contains(one.first, "virtualMachines"); });
  }
  REQUIRE(world.gc({"us-west"}));
  REQUIRE(world.groups.size() == 1);
  CHECK(world.groups.begin()->first == "production");
}

TEST_CASE("azure credentials: federated tokens of files and of GitHub, and managed identity", "[cloud][azure]") {
  AzureWorld world;
  std::vector<std::string> urls;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    urls.push_back(request.url);
    if (contains(request.url, "oidc.example.test")) {
      CHECK(request.credential.reveal() == "Bearer ask");
      return json_response(contains(request.url, "audience=api%3A%2F%2FAzureADTokenExchange") ? 200 : 400,
                           R"({"value": "github-jwt"})");
    }
    if (contains(request.url, "subscriptionId")) return HttpResponse{200, {}, "s9\n"};
    if (contains(request.url, "169.254.169.254")) return json_response(200, R"({"access_token": "managed"})");
    if (contains(request.body, "client_assertion=file-jwt"))
      return json_response(200, R"({"access_token": "by-file"})");
    if (contains(request.body, "client_assertion=github-jwt"))
      return json_response(200, R"({"access_token": "by-github"})");
    return json_response(400, R"({"error": "invalid_request"})");
  };
  auto const access = [&](std::map<std::string, std::string> variables) {
    world.environment.variables.clear();
    for (auto const& [name, value] : variables) world.environment.variables[name] = value;
    return cloud::azure::find_access(world.setup());
  };
  world.files.put("/token", "file-jwt\n");
  auto found = access({{"AZURE_CLIENT_ID", "app"},
                       {"AZURE_TENANT_ID", "t1"},
                       {"AZURE_SUBSCRIPTION_ID", "s1"},
                       {"AZURE_FEDERATED_TOKEN_FILE", "/token"},
                       {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer by-file");
  CHECK(found->manager == "https://management.usgovcloudapi.net");
  CHECK(urls.back() == "https://login.microsoftonline.us/t1/oauth2/v2.0/token");
  found = access({{"AZURE_CLIENT_ID", "app"},
                  {"AZURE_TENANT_ID", "t1"},
                  {"AZURE_SUBSCRIPTION_ID", "s1"},
                  {"ACTIONS_ID_TOKEN_REQUEST_URL", "https://oidc.example.test/?v=1"},
                  {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ask"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer by-github");
  CHECK_FALSE(access({}));  // Not a machine of Azure's.
  world.files.put("/sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n");
  found = access({{"AZURE_CLIENT_ID", "mine"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer managed");
  CHECK(found->subscription == "s9");
  CHECK(contains(urls.back(), "&client_id=mine"));
}

TEST_CASE("azure: the machine deletes its group when it powers off, and not when it restarts", "[cloud][azure]") {
  TemporaryFolder folder;
  SpawnedProcess process;
  std::filesystem::create_directories(folder.path / "bin");
  auto const program = [&](std::string const& name, std::string const& text) {
    std::ofstream(folder.path / "bin" / name) << "#!/bin/bash\n" << text;
    std::filesystem::permissions(folder.path / "bin" / name, std::filesystem::perms::owner_all);
  };
  program("curl", R"sh(case "$*" in
  *169.254.169.254*) printf '{"access_token":"fake.jwt","expires_on":"1"}' ;;
  *) cat > "$OUT/stdin"; echo "$*" > "$OUT/deleted" ;;
esac
)sh");
  program("systemctl", "[ \"$1\" = list-jobs ] && echo \"  12 $JOB start waiting\"\nexit 0\n");
  std::string const script =
      cloud::azure::with_ending("#!/bin/bash\necho went on\n", kManager,
                                std::string(kManager) + "/subscriptions/s1/resourcegroups/g?api-version=1", kIdentity);
  auto const run = [&](std::vector<std::string> arguments, std::string const& job) {
    char const* path = std::getenv("PATH");
    return process.run(
        {.arguments = std::move(arguments),
         .environment = {{"PATH", (folder.path / "bin").string() + ":" + (path ? path : "/usr/bin:/bin")},
                         {"CML_BOOT_ROOT", folder.path.string()},
                         {"OUT", folder.path.string()},
                         {"JOB", job}}});
  };
  auto const booted = run({"bash", "-c", script}, "");
  REQUIRE(booted);
  CHECK(booted->out == "went on\n");
  CHECK(std::filesystem::exists(folder.path / "etc/systemd/system/cml-end.service"));
  std::string const end = (folder.path / "usr/local/bin/cml-end").string();
  REQUIRE(run({end}, "reboot.target")->exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(folder.path / "deleted"));
  REQUIRE(run({end}, "poweroff.target")->exit_code == 0);
  REQUIRE(std::filesystem::exists(folder.path / "deleted"));
  std::ifstream stdin_file(folder.path / "stdin"), deleted(folder.path / "deleted");
  std::string header, line;
  std::getline(stdin_file, header);
  std::getline(deleted, line);
  CHECK(header == "header = \"Authorization: Bearer fake.jwt\"");
  CHECK(contains(line, "-X DELETE https://management.azure.com/subscriptions/s1/resourcegroups/g?api-version=1"));
  CHECK_FALSE(contains(line, "fake.jwt"));
}
