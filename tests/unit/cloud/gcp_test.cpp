// Compute Engine against a fake in memory, its bodies against gcloud's own message classes where gcloud is installed.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <set>

#include "base/base64.hpp"
#include "cloud/gcp/credentials.hpp"
#include "platform/crypto_signer.hpp"
#include "platform/spawned_process.hpp"
#include "support/runner_world.hpp"
#include "support/scripts.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using nlohmann::json;

namespace {

struct GcpWorld : World {
  GcpWorld() {
    options.cloud = "gcp";
    options.cml_version = "1.0.0";
    environment.variables = {{"CML_GCP_ACCESS_TOKEN", "token"}, {"GOOGLE_CLOUD_PROJECT", "p1"}};
    http.cloud = [this](HttpRequest const& request) { return handle(request); };
  }

  // What Google's reference asks for each of our calls.
  static std::vector<std::string> permissions_of(HttpRequest const& request) {
    bool const post = request.method == "POST";
    struct Row {
      bool write;
      std::string_view path;
      std::vector<std::string> permissions;
    };
    std::vector<std::string> insert{"compute.instances.create",      "compute.disks.create",
                                    "compute.subnetworks.use",       "compute.subnetworks.useExternalIp",
                                    "compute.instances.setMetadata", "compute.instances.setLabels",
                                    "compute.instances.setTags"};
    if (contains(request.body, "serviceAccounts"))
      insert.insert(insert.end(), {"compute.instances.setServiceAccount", "iam.serviceAccounts.actAs"});
    std::vector<Row> const rows{
        {false, "/global/images/", {}},
        {false, "/machineTypes", {"compute.machineTypes.list"}},
        {false, "/acceleratorTypes", {"compute.acceleratorTypes.list"}},
        {true, "/global/firewalls", {"compute.firewalls.create", "compute.networks.updatePolicy"}},
        {false, "/aggregated/instances", {"compute.instances.list"}},
        {true, "/operations/", {"compute.zoneOperations.get"}},
        {false, "/serialPort", {"compute.instances.getSerialPortOutput"}},
        {true, "/instances?", insert},
        {false, "/instances/", {request.method == "DELETE" ? "compute.instances.delete" : "compute.instances.get"}},
        {false, "/zones?", {"compute.zones.list"}}};
    for (Row const& row : rows)
      if (row.write == post && contains(request.url, row.path)) return row.permissions;
    return {"none of ours: " + request.url};
  }

  Result<HttpResponse> handle(HttpRequest const& request) {
    for (std::string const& needed : permissions_of(request)) {
      used.insert(needed);
      if (!permitted.empty() && permitted.count(needed) == 0)
        return json_response(403, R"({"error": {"code": 403, "message": "Required ')" + needed + R"(' permission"}})");
    }
    std::string const base = "https://compute.googleapis.com/compute/v1/projects/";
    calls.push_back(request.method + " " + request.url);
    auto const failure = [](int status, std::string const& message, std::string const& reason = "x") {
      return json_response(
          status, json{{"error", {{"code", status}, {"message", message}, {"errors", {{{"reason", reason}}}}}}}.dump());
    };
    if (throttled > 0 && throttled-- > 0)
      return failure(403, "Quota exceeded for quota metric 'Queries'", "rateLimitExceeded");
    if (request.credential.reveal() != "Bearer " + token) return failure(401, "Invalid credentials");
    REQUIRE(request.url.substr(0, base.size()) == base);
    std::string const path = request.url.substr(base.size(), request.url.find('?') - base.size());
    if (contains(path, "/images/family/")) {
      std::string const family = path.substr(path.rfind('/') + 1);
      return json_response(200, json{{"selfLink", "https://g.example.test/images/" + family},
                                     {"architecture", contains(family, "arm64") ? "ARM64" : "X86_64"},
                                     {"diskSizeGb", std::to_string(image_gb)}}
                                    .dump());
    }
    if (path == "p1/zones") {
      json items = json::array();
      for (char const* zone : {"us-west1-b", "us-west1-a", "us-west1-c", "europe-west1-d"})
        items.push_back({{"name", zone},
                         {"region", std::string("https://g/regions/") +
                                        std::string(zone).substr(0, std::string(zone).size() - 2)}});
      return json_response(200, json{{"items", items}}.dump());
    }
    if (path == "p1/global/firewalls" && no_firewalls)
      return failure(403, "Required 'compute.firewalls.create' permission");
    if (path == "p1/global/firewalls") rules.push_back(json::parse(request.body));
    if (path == "p1/global/firewalls") return json_response(200, R"({"name": "op", "status": "RUNNING"})");
    if (path == "p1/aggregated/instances") {
      json items = json::object(), unreachable = json::array();
      if (!away.empty() && !contains(request.url, "returnPartialSuccess=true"))
        return failure(503, "The zones could not all be reached");
      for (std::string const& zone : away) {
        items["zones/" + zone]["warning"]["code"] = "UNREACHABLE";
        unreachable.push_back("projects/p1/zones/" + zone);
      }
      for (auto const& [name, instance] : instances)  // Lists come later than machines.
        if (away.count(zones[name]) == 0 && clock.now() >= made[name] + std::chrono::seconds(6))
          items["zones/" + zones[name]]["instances"].push_back(instance);
      return json_response(200, json{{"items", items}, {"unreachables", unreachable}}.dump());
    }
    auto const parts = split(path, '/');  // p1/zones/ZONE/instances[/NAME]
    REQUIRE(parts.size() >= 4);
    std::string const zone = parts[2];
    if (parts[3] == "machineTypes" || parts[3] == "acceleratorTypes") {
      if (no_lists) return failure(403, "Required 'compute.machineTypes.list' permission");
      json items = json::array();
      for (char const* name : {"n1-standard-4", "n1-standard-8", "e2-standard-2", "nvidia-tesla-t4", "g2-standard-8",
                               "a2-highgpu-1g", "c4-standard-8", "c4a-standard-8", "a4-highgpu-8g"})
        items.push_back({{"name", name}});
      if (zone != "us-west1-a") items.push_back({{"name", "nvidia-tesla-v100"}});
      if (contains(request.url, "pageToken=two"))
        return json_response(200, json{{"items", json::array({{{"name", "z4-last"}}})}}.dump());
      return json_response(200, json{{"items", items}, {"nextPageToken", "two"}}.dump());
    }
    if (parts[3] == "operations" && quick_waits > 0 && quick_waits-- > 0)  // "might return after zero seconds"
      return json_response(200, json{{"name", parts[4]}, {"status", "RUNNING"}}.dump());
    if (parts[3] == "operations")
      return json_response(200, json{{"name", parts[4]}, {"status", "DONE"}, {"error", pending_error}}.dump());
    if (request.method == "POST") {
      json body = json::parse(request.body);
      bodies.push_back(request.body);
      pending_error = json::object();
      std::string const type = split(body["machineType"].get<std::string>(), '/').back(),
                        series = type.substr(0, type.find('-'));
      json const& disk = body["disks"][0]["initializeParams"];
      bool const gpus =
          body.contains("guestAccelerators") || std::set<std::string>{"a2", "a3", "a4", "g2"}.count(series) > 0;
      if (gpus && body["scheduling"]["onHostMaintenance"] != "TERMINATE")
        return failure(400, "Instances with guest accelerators do not support live migration.");
      if (std::stoll(disk["diskSizeGb"].get<std::string>()) < image_gb)
        return failure(
            400, "Requested disk size cannot be smaller than the image size (" + std::to_string(image_gb) + " GB)");
      if ((series == "c4a" || series == "t2a") != contains(disk["sourceImage"].get<std::string>(), "arm64"))
        return failure(400, "The architecture of the image is not that of the machine");
      bool const hyperdisk = contains(disk["diskType"].get<std::string>(), "/hyperdisk-");
      if (full.count(zone) > 0 || (no_spot && body["scheduling"]["provisioningModel"] == "SPOT")) {
        pending_error = {{"errors", {{{"code", "ZONE_RESOURCE_POOL_EXHAUSTED"}, {"message", "no room in " + zone}}}}};
      } else if (unsupported || hyperdisk != (std::set<std::string>{"c4", "c4a", "a4"}.count(series) > 0)) {
        pending_error = {
            {"errors",
             {{{"code", "UNSUPPORTED_OPERATION"},
               {"message", "[" + last(disk["diskType"]) + ", " + type + "] features are not compatible"}}}}};
      } else {
        std::string const name = body["name"];
        if (instances.count(name) > 0) return failure(409, "already exists");
        body["status"] = "RUNNING";
        body["zone"] = "https://g/zones/" + zone;
        body["creationTimestamp"] = iso_time(clock.now());
        instances[name] = body;
        zones[name] = zone;
        made[name] = clock.now();
        if (boots) forge.find(name)->online = true;
      }
      return json_response(200, R"({"name": "op-1", "status": "RUNNING"})");
    }
    auto const found = instances.find(parts[4]);
    if (found == instances.end() || zones[parts[4]] != zone) return failure(404, "The resource was not found");
    if (parts.size() > 5) return json_response(200, R"({"contents": "cml: powering off: no package lists\n"})");
    if (request.method == "GET") return json_response(200, found->second.dump());
    instances.erase(found);
    return json_response(200, R"({"name": "op-2", "status": "RUNNING"})");
  }

  static std::string last(json const& url) { return split(url.get<std::string>(), '/').back(); }

  std::map<std::string, json> instances;
  std::map<std::string, std::string> zones;
  std::map<std::string, cloud::Time> made;
  long long image_gb = 10;
  int quick_waits = 0;                          // So many answers to "wait" come at once, before the operation is over.
  std::set<std::string> away;                   // Zones.
  bool unsupported = false;                     // Whatever is asked for does not go together.
  std::set<std::string> full, permitted, used;  // Nothing permitted: everything is.
  std::vector<std::string> calls, bodies;
  std::vector<json> rules;
  std::string token = "token";
  int throttled = 0;  // So many requests are refused for their number.
  json pending_error = json::object();
  bool no_spot = false, boots = true, no_lists = false, no_firewalls = false;
};

}  // namespace

TEST_CASE("gcp: one insert, deleted by Google itself at its limit, without a credential", "[cloud][gcp]") {
  GcpWorld world;
  world.options.spot = true;
  world.options.types = {"n1-standard-4+nvidia-tesla-t4*2"};
  world.options.permission_set = "job@p1.iam.gserviceaccount.com,scopes=storage-rw,https://x.example.test/scope";
  world.options.metadata = {{"Team", "A B"}};
  REQUIRE(world.launch_now());
  REQUIRE(world.instances.size() == 1);
  json const body = world.instances.begin()->second;
  CHECK(world.zones.begin()->second == "us-west1-a");  // "us-west" is all its zones.
  CHECK(body["scheduling"] == json{{"automaticRestart", false},
                                   {"instanceTerminationAction", "DELETE"},
                                   {"maxRunDuration", {{"seconds", "604800"}}},
                                   {"onHostMaintenance", "TERMINATE"},
                                   {"preemptible", true},
                                   {"provisioningModel", "SPOT"}});
  CHECK(body["guestAccelerators"][0]["acceleratorCount"] == 2);
  CHECK(body["serviceAccounts"][0]["scopes"] ==
        json{"https://www.googleapis.com/auth/devstorage.read_write", "https://x.example.test/scope"});
  CHECK(body["labels"]["team"] == "a-b");
  std::string const script = body["metadata"]["items"][0]["value"];
  CHECK(contains(script, "jit-" + body["name"].get<std::string>()));
  CHECK_FALSE(contains(script, "good-token"));
  // With an account of its own it deletes itself when it powers off; its token never leaves it.
  std::string const self = "https://compute.googleapis.com/compute/v1/projects/p1/zones/us-west1-a/instances/" +
                           body["name"].get<std::string>();
  CHECK(contains(script, "-X DELETE '" + self + "'"));
  CHECK(contains(script,
                 "-H 'Metadata-Flavor: Google' "
                 "'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token'"));
  CHECK(
      world.console.logged("price: no price known for n1-standard-4 with 2 nvidia-tesla-t4 as spot in us-west1-a: "
                           "Google Cloud tells none to launchers"));
  // Nothing is let in, whatever the network's own rules are.
  REQUIRE(world.rules.size() == 1);
  CHECK(world.rules[0]["denied"] == json::array({{{"IPProtocol", "all"}}}));
  CHECK(world.rules[0]["targetTags"] == body["tags"]["items"]);
  CHECK(std::any_of(body["metadata"]["items"].begin(), body["metadata"]["items"].end(), [](json const& item) {
    return item == json{{"key", "block-project-ssh-keys"}, {"value", "TRUE"}};
  }));
  GcpWorld open;
  open.options.ssh_private = Secret("fake PEM");
  REQUIRE(open.launch_now());
  REQUIRE(open.rules.size() == 2);
  CHECK(open.rules[1]["priority"] < open.rules[0]["priority"]);
  CHECK(open.instances.begin()->second["tags"]["items"] == json{"cml-runner", "cml-runner-ssh"});
  GcpWorld no_rules;  // Somebody else's network.
  no_rules.no_firewalls = true;
  REQUIRE(no_rules.launch_now());
  CHECK(no_rules.console.logged("what the network's own rules let in reaches the machine"));

  char const* shared = std::getenv("CML_SHARED_DIR");
  SpawnedProcess process;
  if (shared == nullptr || !std::filesystem::exists("/usr/lib/google-cloud-sdk/lib")) {
    WARN("no gcloud or no CML_SHARED_DIR here: the body was not held against gcloud's classes");
    return;
  }
  for (auto const& [kind, text] : std::vector<std::pair<std::string, std::string>>{
           {"Instance", world.bodies[0]}, {"Firewall", open.rules[0].dump()}, {"Firewall", open.rules[1].dump()}}) {
    auto const checked = process.run({.arguments = {"python3", std::string(shared) + "/cloud-checks/gcecheck.py", kind},
                                      .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}},
                                      .input = text});
    REQUIRE(checked);
    INFO(kind << checked->out << checked->err);
    if (contains(checked->err, "No module named"))
      WARN("gcloud's classes cannot be loaded by this Python");
    else
      CHECK(checked->exit_code == 0);
  }
}

TEST_CASE("gcp: other zones of a region, then on demand, generic sizes, bad input", "[cloud][gcp]") {
  GcpWorld world;
  world.options.regions = {"us-west1"};
  world.full = {"us-west1-a"};
  REQUIRE(world.launch_now());
  CHECK(world.zones.begin()->second == "us-west1-b");
  CHECK(world.instances.begin()->second["machineType"] == "zones/us-west1-b/machineTypes/e2-custom-8-32768");
  CHECK_FALSE(contains(world.bodies.back(), "cml-end"));  // Without an account there is no right to do so.
  GcpWorld placed;  // Only where the GPU is; and without the permission to look, wherever it may be.
  placed.options.regions = {"us-west1"};
  placed.options.gpu = "v100";
  REQUIRE(placed.launch_now());
  CHECK(placed.zones.begin()->second == "us-west1-b");
  GcpWorld last;  // Of the second page.
  last.options.types = {"z4-last"};
  REQUIRE(last.launch_now());
  GcpWorld blind;
  blind.no_lists = true;
  blind.options.types = {"n1-standart-4"};
  REQUIRE(blind.launch_now());
  GcpWorld spot;
  spot.no_spot = true;
  spot.options.spot = true;
  auto const none = spot.launch_now();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::TooLarge);
  CHECK(spot.forge.runners().empty());
  spot.options.spot_fallback = true;
  spot.options.gpu = "v100";
  REQUIRE(spot.launch_now());
  CHECK(spot.instances.begin()->second["scheduling"]["provisioningModel"] == "STANDARD");
  CHECK(spot.instances.begin()->second["guestAccelerators"][0]["acceleratorType"] ==
        "zones/us-west1-b/acceleratorTypes/nvidia-tesla-v100");
  struct Case {
    std::function<void(GcpWorld&)> spoil;
    std::string message;
  };
  for (Case const& item : std::vector<Case>{
           {[](GcpWorld& w) { w.options.regions = {"us-west1-x"}; },
            "no region or zone \"us-west1-x\"; did you mean us-west1"},
           {[](GcpWorld& w) { w.options.types = {"n1-standart-4"}; },
            "no machine type \"n1-standart-4\" in us-west1-a and the other zones of its region; did you mean "
            "n1-standard-4?"},
           {[](GcpWorld& w) { w.options.types = {"n1-standard-4+nvidia-tesla-t5*1"}; },
            "no GPU \"nvidia-tesla-t5\" in us-west1-a and the other zones of its region; did you mean "
            "nvidia-tesla-t4?"},
           {[](GcpWorld& w) { w.options.spot_price = 0.1; }, "no highest price"},
           {[](GcpWorld& w) { w.options.image = "noble"; }, "must be PROJECT/FAMILY"},
           {[](GcpWorld& w) { w.environment.variables.erase("GOOGLE_CLOUD_PROJECT"); }, "set GOOGLE_CLOUD_PROJECT"},
           {[](GcpWorld& w) { w.environment.variables.clear(); },
            "no Google Cloud credentials: looked for CML_GCP_ACCESS_TOKEN"},
           {[](GcpWorld& w) { w.environment.variables["CML_GCP_ACCESS_TOKEN"] = "old"; },
            "are not accepted or have expired"}}) {
    GcpWorld bad;
    item.spoil(bad);
    auto const launched = bad.launch_now();
    REQUIRE_FALSE(launched);
    INFO(launched.error().message);
    CHECK(contains(launched.error().message, item.message));
    CHECK(bad.forge.runners().empty());
  }
}

TEST_CASE("gcp: every series gets what it takes: maintenance, disk, image", "[cloud][gcp]") {
  struct Case {
    std::string type, disk, image;
  };
  for (Case const& item : std::vector<Case>{{"g2-standard-8", "pd-balanced", "ubuntu-2404-lts-amd64"},
                                            {"a2-highgpu-1g", "pd-balanced", "ubuntu-2404-lts-amd64"},
                                            {"n1-standard-4+nvidia-tesla-t4*1", "pd-balanced", "ubuntu-2404-lts-amd64"},
                                            {"a4-highgpu-8g", "hyperdisk-balanced", "ubuntu-2404-lts-amd64"},
                                            {"c4-standard-8", "hyperdisk-balanced", "ubuntu-2404-lts-amd64"},
                                            {"c4a-standard-8", "hyperdisk-balanced", "ubuntu-2404-lts-arm64"}}) {
    GcpWorld world;
    world.options.types = {item.type};
    auto const launched = world.launch_now();
    INFO(item.type << ": " << (launched ? "" : launched.error().message));
    REQUIRE(launched);
    json const body = world.instances.begin()->second;
    CHECK(body["scheduling"]["onHostMaintenance"] == "TERMINATE");
    CHECK(GcpWorld::last(body["disks"][0]["initializeParams"]["diskType"]) == item.disk);
    CHECK(GcpWorld::last(body["disks"][0]["initializeParams"]["sourceImage"]) == item.image);
  }
  GcpWorld wrong;
  wrong.options.types = {"c4a-standard-8"};
  wrong.options.image = "ubuntu-os-cloud/ubuntu-2204-lts";
  CHECK(contains(wrong.launch_now().error().message, "is for x86-64 and c4a-standard-8 is ARM"));
  GcpWorld large;
  large.image_gb = 50;
  REQUIRE(large.launch_now());
  CHECK(large.instances.begin()->second["disks"][0]["initializeParams"]["diskSizeGb"] == "70");
  large.options.disk_gb = 40;
  CHECK(contains(large.launch_now().error().message, "--cloud-hdd-size 40 is less than the 50 GB of the image"));
  GcpWorld never;  // What does not go together is no lack of room: nothing else is tried.
  never.unsupported = true;
  never.options.spot = never.options.spot_fallback = true;
  auto const refused = never.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::BadInput);
  CHECK(contains(refused.error().message, "features are not compatible"));
  CHECK(never.bodies.size() == 1);
  GcpWorld none;
  none.options.types = {"m"};
  none.options.gpu = "k80";
  CHECK(contains(none.launch_now().error().message, "it is of an old generation"));
}

TEST_CASE("gcp: a generic region is all its zones", "[cloud][gcp]") {
  GcpWorld world;
  world.full = {"us-west1-a", "us-west1-b"};
  REQUIRE(world.launch_now());
  CHECK(world.zones.begin()->second == "us-west1-c");
}

TEST_CASE("gcp: an operation that is waited for in vain is asked for again, at a pace, up to a limit", "[cloud][gcp]") {
  GcpWorld world;
  world.quick_waits = 200;
  REQUIRE(world.launch_now());
  CHECK(world.instances.size() == 1);
  GcpWorld stuck;
  stuck.quick_waits = 100000;
  auto const began = stuck.clock.now();
  auto const launched = stuck.launch_now();
  REQUIRE_FALSE(launched);
  CHECK(contains(launched.error().message, "does not end"));
  CHECK(stuck.clock.now() - began >= std::chrono::minutes(30));
  CHECK(stuck.instances.empty());  // It had been made all the same.
  CHECK(stuck.calls.size() < 2000);
}

TEST_CASE("gcp: an undo finds a machine that lists do not show yet, and tells of one it cannot end", "[cloud][gcp]") {
  GcpWorld world;
  world.boots = false;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    auto const answer = world.handle(request);
    if (request.method == "POST" && contains(request.url, "/instances?"))
      return Error{ErrorKind::Network, "the server broke off"};
    return answer;
  };
  REQUIRE_FALSE(world.launch_now());
  CHECK(world.bodies.size() == 1);
  CHECK(world.instances.empty());
  GcpWorld denied;
  denied.boots = false;
  denied.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    if (request.method == "DELETE") return json_response(403, R"({"error": {"code": 403, "message": "no"}})");
    return denied.handle(request);
  };
  auto const launched = denied.launch_now();
  REQUIRE_FALSE(launched);
  INFO(launched.error().message);
  CHECK(contains(launched.error().message, "remove it: gcloud compute instances delete cml-"));
  CHECK(contains(launched.error().message, " --zone us-west1-a --project p1"));
}

TEST_CASE("gcp: a zone that is away hides no other one, and the exit code tells of it", "[cloud][gcp]") {
  GcpWorld world;
  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::hours(8 * 24);
  world.away = {"europe-west1-d"};
  auto const swept = world.gc();
  REQUIRE_FALSE(swept);
  CHECK(contains(swept.error().message, "Google Cloud says that europe-west1-d cannot be reached"));
  CHECK(world.instances.empty());
}

TEST_CASE("gcp: the permissions of the page for people are enough, and none of them too much", "[cloud][gcp]") {
  json const role = json::parse(slurp(CML_SOURCE_DIR "/docs/clouds/policies/gcp.json"));
  GcpWorld world;
  for (json const& one : role["includedPermissions"]) world.permitted.insert(one.get<std::string>());
  world.options.ssh_private = Secret("fake PEM");
  world.options.permission_set = "job@p1.iam.gserviceaccount.com";
  world.options.types = {"n1-standard-4+nvidia-tesla-t4*1"};
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  world.clock.now_ += std::chrono::hours(8 * 24);
  REQUIRE(world.gc());
  CHECK(world.instances.empty());
  world.boots = false;
  REQUIRE_FALSE(world.launch_now());  // Looked at, its console shown, taken away.
  CHECK(world.console.logged("| cml: powering off: no package lists"));
  CHECK(world.instances.empty());
  CHECK(world.used == world.permitted);
}

TEST_CASE("gcp: too many requests are waited out", "[cloud][gcp]") {
  GcpWorld world;
  world.throttled = 3;
  REQUIRE(world.launch_now());
  CHECK(world.clock.slept.size() >= 3);
  CHECK(world.instances.size() == 1);
  world.throttled = 100;
  auto const refused = world.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::RateLimited);
}

TEST_CASE("gcp: a token that ends in the middle of a launch is asked for anew", "[cloud][gcp]") {
  GcpWorld world;
  world.boots = false;
  world.clock.on_sleep = [&] {
    world.environment.variables["CML_GCP_ACCESS_TOKEN"] = world.token =
        world.clock.slept.size() < 20 ? "token" : "next";
  };
  REQUIRE_FALSE(world.launch_now());  // It never comes up, and is taken away all the same.
  CHECK(world.token == "next");
  CHECK(world.instances.empty());
}

TEST_CASE("gcp: one sweep takes away what two hundred killed launches left", "[cloud][gcp][kill]") {
  kill_at_random<GcpWorld>([](GcpWorld& world, int i) { world.options.spot = i % 2 == 1; }, 2,
                           [](GcpWorld& world) { return world.instances.empty(); });
}

TEST_CASE("gcp: killed at any request of a launch, gc finds and removes everything", "[cloud][gcp][kill]") {
  CHECK(kill_everywhere<GcpWorld>([](GcpWorld&) {}, [](GcpWorld& world) { return world.instances.empty(); }) > 2);
  GcpWorld world;  // One that has powered itself off keeps its disk until somebody looks.
  REQUIRE(world.launch_now());
  world.instances.begin()->second["status"] = "TERMINATED";
  world.clock.now_ += std::chrono::minutes(31);
  REQUIRE(world.gc());
  CHECK(world.instances.empty());
}

TEST_CASE("gcp: one request of a launch that goes wrong leaves one machine or none", "[cloud][gcp][kill]") {
  CHECK(fault_everywhere<GcpWorld>(
            [](GcpWorld& world) { world.options.spot = world.options.spot_fallback = world.no_spot = true; },
            [](GcpWorld& world) { return world.instances.size(); }) > 5);
  kill_sweep_everywhere<GcpWorld>([](GcpWorld&) {}, [](GcpWorld& world) { return world.instances.empty(); });
}

TEST_CASE("gcp credentials: a service account signs, federation and refresh tokens are exchanged", "[cloud][gcp]") {
  GcpWorld world;
  CryptoSigner signer;
  SpawnedProcess process;
  auto const key = process.run({.arguments = {"openssl", "genrsa", "2048"}});
  if (!key || key->exit_code != 0) {
    WARN("openssl is not installed; signatures were not checked");
    return;
  }
  std::string assertion;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    if (contains(request.url, "impersonate@")) return json_response(200, R"({"accessToken": "impersonated"})");
    if (contains(request.url, "sts."))
      return json_response(contains(request.body, "subject_token=jwt") ? 200 : 400, R"({"access_token": "federated"})");
    if (contains(request.body, "refresh_token=r")) return json_response(200, R"({"access_token": "refreshed"})");
    assertion = request.body.substr(request.body.find("assertion=") + 10);
    return json_response(200, R"({"access_token": "signed"})");
  };
  auto const access = [&](json const& credentials) {
    world.environment.variables = {{"GOOGLE_APPLICATION_CREDENTIALS_DATA", credentials.dump()}};
    auto setup = world.setup();
    setup.signer = &signer;
    return cloud::gcp::find_access(setup);
  };
  auto found = access({{"type", "service_account"},
                       {"project_id", "p2"},
                       {"client_email", "a@b"},
                       {"private_key", key->out},
                       {"private_key_id", "k"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer signed");
  CHECK(found->project == "p2");
  // OpenSSL itself agrees with the signature.
  auto const parts = split(assertion, '.');
  REQUIRE(parts.size() == 3);
  TemporaryFolder folder;
  auto const decoded = [](std::string text) {
    return base64_decode(replace_all(replace_all(std::move(text), "-", "+"), "_", "/")).value();
  };
  std::ofstream(folder.path / "key.pem") << key->out;
  std::ofstream(folder.path / "signature", std::ios::binary) << decoded(parts[2]);
  std::ofstream(folder.path / "message") << parts[0] + "." + parts[1];
  auto const verified = process.run(
      {.arguments = {"openssl", "dgst", "-sha256", "-prverify", "key.pem", "-signature", "signature", "message"},
       .directory = folder.path});
  REQUIRE(verified);
  CHECK(contains(verified->out, "Verified OK"));
  json const claims = json::parse(decoded(parts[1]));
  CHECK(claims["exp"].get<long long>() - claims["iat"].get<long long>() == 3600);
  CHECK_FALSE(access({{"type", "service_account"}, {"project_id", "p2"}, {"private_key", "no key"}}));
  found = access({{"type", "authorized_user"}, {"quota_project_id", "p3"}, {"refresh_token", "r"}});
  CHECK(found->authorization.reveal() == "Bearer refreshed");
  world.files.put("/token", "jwt\n");
  found = access({{"type", "external_account"},
                  {"audience", "a"},
                  {"subject_token_type", "t"},
                  {"credential_source", {{"file", "/token"}}},
                  {"service_account_impersonation_url",
                   "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                   "impersonate@p4.iam.gserviceaccount.com:generateAccessToken"}});
  REQUIRE(found);
  CHECK(found->authorization.reveal() == "Bearer impersonated");
  CHECK(found->project == "p4");
}
