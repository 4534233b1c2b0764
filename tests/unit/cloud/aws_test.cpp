// EC2 against the fake in memory: what is asked for, what happens without capacity, and what a kill leaves.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "cloud/aws/credentials.hpp"
#include "cloud/aws/xml.hpp"
#include "cloud/catalogue.hpp"
#include "platform/spawned_process.hpp"
#include "runner/logs.hpp"
#include "support/fake_ec2.hpp"
#include "support/runner_world.hpp"
#include "support/scripts.hpp"

using namespace cml;
using namespace cml::test;
using cloud::Time;

namespace {

struct AwsWorld : World {
  AwsWorld() {
    environment.variables = {{"AWS_ACCESS_KEY_ID", "ID"}, {"AWS_SECRET_ACCESS_KEY", "SECRET"}};
    options.cloud = "aws";
    options.cml_version = "1.0.0";
    http.cloud = [this](HttpRequest const& request) { return ec2.handle(request); };
    ec2.now = [this] { return iso_time(clock.now()); };
    ec2.clock = [this] { return clock.now(); };
    ec2.on_start = [this](FakeInstance const& instance) {
      if (FakeRunner* runner = forge.find(instance.tags.at("cml-id")))
        runner->online = boots;
      else if (boots)
        forge.add({0, instance.tags.at("cml-id"), {"cml"}, true, false, false});
    };
  }
  FakeEc2 ec2;
  bool boots = true;
};

}  // namespace

TEST_CASE("aws: one machine, hardened, labelled, and the line that CML printed", "[cloud][aws]") {
  AwsWorld world;
  world.options.spot = true;
  world.options.types = {"m5.2xlarge"};
  world.options.metadata = {{"team", "a & b"}};
  world.launch.name = "train";
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  REQUIRE(world.ec2.instances.size() == 1);
  FakeInstance const& machine = world.ec2.instances[0];
  CHECK(machine.zone == "us-west-1b");  // The cheapest.
  CHECK(machine.parameters.at("ImageId") == "ami-1");
  CHECK(machine.parameters.at("InstanceInitiatedShutdownBehavior") == "terminate");
  CHECK(machine.parameters.at("MetadataOptions.HttpTokens") == "required");
  CHECK(machine.parameters.at("BlockDeviceMapping.1.Ebs.Encrypted") == "true");
  CHECK(machine.parameters.at("SecurityGroupId.1") == "sg-cml-runner");
  CHECK(machine.parameters.count("KeyName") == 0);
  CHECK(machine.parameters.count("InstanceMarketOptions.SpotOptions.MaxPrice") == 0);
  CHECK(machine.tags.at("team") == "a & b");
  CHECK(machine.tags.at("cml-repo") == world.forge.repository_url());
  CHECK(machine.tags.at("cml-expires-at") == iso_time(world.clock.now() + std::chrono::hours(7 * 24)));
  CHECK(world.ec2.count("AuthorizeSecurityGroupIngress") == 0);
  // Nothing of the user's on the machine: a JIT configuration and no more.
  std::string const script = boot_script_of(machine);
  CHECK(contains(script, "jit-" + machine.tags.at("cml-id")));
  CHECK_FALSE(contains(script, "good-token"));
  CHECK_FALSE(contains(script, "SECRET"));
  CHECK(contains(script, "single=yes"));
  CHECK(world.console.logged("price: about $0.1100 an hour (m5.2xlarge, spot, us-west-1b)"));
  nlohmann::json attributes;
  for (std::string const& line : world.console.lines) {
    auto const at = line.find('{');
    auto const outer =
        at == std::string::npos ? nlohmann::json() : nlohmann::json::parse(line.substr(at), nullptr, false);
    if (!outer.is_object()) continue;
    auto const inner = nlohmann::json::parse(outer.value("message", ""), nullptr, false);
    if (inner.is_object()) attributes = inner;
  }
  CHECK(attributes["id"] == machine.tags.at("cml-id"));
  CHECK(attributes["instanceType"] == "m5.2xlarge");
  CHECK(attributes["idleTimeout"] == 300);
  CHECK(attributes["instanceHddSize"] == 35);
  CHECK(attributes["awsSubnetId"] == "subnet-b");
  for (char const* key : {"awsSecurityGroup",
                          "awsSubnetId",
                          "cloud",
                          "driver",
                          "image",
                          "instanceGpu",
                          "instanceHddSize",
                          "instanceIp",
                          "instanceLaunchTime",
                          "instancePermissionSet",
                          "labels",
                          "cmlVersion",
                          "metadata",
                          "name",
                          "region",
                          "repo",
                          "single",
                          "spot",
                          "spotPrice",
                          "timeouts",
                          "kubernetesNodeSelector"})
    CHECK(attributes.contains(key));
}

TEST_CASE("aws: capacity is looked for in other zones, types, regions and at last on demand", "[cloud][aws]") {
  AwsWorld world;
  world.options.types = {"m5.2xlarge", "m5.8xlarge"};
  world.ec2.full_zones = {"us-west-1a", "us-west-1b"};
  REQUIRE(world.launch_now());
  CHECK(world.ec2.instances.back().zone == "us-west-1c");
  world.ec2.full_zones.insert("us-west-1c");
  world.options.regions = {"us-west", "eu-west"};
  REQUIRE(world.launch_now());
  CHECK(world.ec2.instances.back().zone == "eu-west-1a");
  world.ec2.no_spot = true;
  world.options.spot = true;
  auto const none = world.launch_now();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::TooLarge);
  CHECK(contains(none.error().message, "InsufficientInstanceCapacity"));
  CHECK(world.forge.runners().size() == 2);  // Only those of the two machines.
  CHECK(world.ec2.living() == 2);
  world.options.spot_fallback = true;
  REQUIRE(world.launch_now());
  CHECK_FALSE(world.ec2.instances.back().spot);
  // "eu-west-1b" is a region and its zone.
  world.options.regions = {"eu-west-1b"};
  REQUIRE(world.launch_now());
  CHECK(world.ec2.instances.back().zone == "eu-west-1b");
}

TEST_CASE("aws: the price on demand comes from the price list, or it is said that there is none", "[cloud][aws]") {
  AwsWorld world;
  world.options.types = {"m5.2xlarge"};
  REQUIRE(world.launch_now());
  CHECK(world.console.logged(
      "price: no price known for m5.2xlarge on demand, us-west-1: the price list answered 400, AccessDeniedException"));
  world.ec2.price = "0.4480000000";
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("price: about $0.4480 an hour (m5.2xlarge on demand, us-west-1)"));
  CHECK(world.console.logged("\\\"hourlyPrice\\\":0.448"));
}

TEST_CASE("aws: throttling and lost answers make exactly one machine", "[cloud][aws]") {
  AwsWorld world;
  world.ec2.throttle = 2;
  REQUIRE(world.launch_now());
  CHECK(world.ec2.living() == 1);
  CHECK(world.ec2.count("RunInstances") == 3);
  AwsWorld lost;
  lost.boots = false;
  lost.ec2.lose_answers = 1;
  lost.options.wait = false;
  REQUIRE(lost.launch_now());
  CHECK(lost.ec2.living() == 1);
  CHECK(lost.ec2.count("RunInstances") == 2);  // Under one token, which EC2 answers with the machine that is there.
}

TEST_CASE("aws: a machine that does not come up is shown and taken away", "[cloud][aws]") {
  AwsWorld world;
  world.boots = false;
  world.options.ssh_private = Secret("fake PEM");
  auto const launched = world.launch_now();
  REQUIRE_FALSE(launched);
  CHECK(contains(launched.error().message, "was not online after 20 min"));
  CHECK(world.console.logged("| cml: the boot failed"));
  CHECK(world.ec2.living() == 0);
  CHECK(world.ec2.key_pairs.empty());
  CHECK(world.ec2.groups.empty());
  CHECK(world.forge.runners().empty());
  // Ctrl-C while waiting.
  world.supervisor.events = {SignalReceived{"SIGINT"}};
  auto const stopped = world.launch_now();
  REQUIRE_FALSE(stopped);
  CHECK(contains(stopped.error().message, "stopped by SIGINT"));
  CHECK(world.ec2.living() == 0);
}

TEST_CASE("aws: a dry run makes nothing and says it all", "[cloud][aws]") {
  AwsWorld world;
  world.options.dry_run = true;
  world.options.spot = world.options.spot_fallback = true;
  world.options.ssh_private = Secret("fake PEM");
  REQUIRE(world.launch_now());
  CHECK(world.ec2.living() == 0);
  CHECK(world.forge.runners().empty());
  CHECK(world.forge.requests().empty());
  for (char const* line : {"register the runner cml-", "import the key pair cml-",
                           "create the security group cml-runner-ssh in vpc-1, port 22 open",
                           "run m5.2xlarge as spot in us-west-1b, else m5.2xlarge as spot in us-west-1a",
                           "else m5.2xlarge in us-west-1b", "the machine ends itself after 7 days"}) {
    INFO(line);
    CHECK(contains(world.console.output, line));
  }
  world.options.json = true;
  world.console.output.clear();
  REQUIRE(world.launch_now());
  CHECK(nlohmann::json::parse(world.console.output)["plans"][0]["steps"].size() == 4);
}

TEST_CASE("aws: bad input is named, with what is near it", "[cloud][aws]") {
  struct Case {
    std::function<void(AwsWorld&)> spoil;
    std::string message;
    ErrorKind kind = ErrorKind::BadInput;
  };
  std::vector<Case> const cases{
      {[](AwsWorld& w) { w.options.regions = {"us-wst-1"}; },
       "AWS has no region \"us-wst-1\"; did you mean us-west-1?"},
      {[](AwsWorld& w) { w.options.types = {"m5.2xlrge"}; },
       "AWS offers no machine type \"m5.2xlrge\" in us-west-1; did you mean m5.2xlarge?"},
      {[](AwsWorld& w) {
         w.options.gpu = "v10";
         w.options.types = {"m"};
       },
       "did you mean v100?"},
      {[](AwsWorld& w) { w.options.image = "missing"; }, "no image \"missing\" for x86_64 in us-west-1"},
      {[](AwsWorld& w) { w.options.security_group = "nothing"; }, "there is no security group nothing"},
      {[](AwsWorld& w) { w.options.startup_script = "not base64!"; }, "--cloud-startup-script is not base64",
       ErrorKind::Usage},
      {[](AwsWorld& w) { w.options.count = 0; }, "--count must be between", ErrorKind::Usage},
      {[](AwsWorld& w) { w.environment.variables.clear(); }, "no AWS credentials: looked for AWS_ACCESS_KEY_ID",
       ErrorKind::Unauthorized},
      {[](AwsWorld& w) { w.environment.variables.erase("AWS_SECRET_ACCESS_KEY"); },
       "AWS_SECRET_ACCESS_KEY is not set, but its other half is", ErrorKind::Unauthorized},
      {[](AwsWorld& w) { w.environment.variables["AWS_SECRET_ACCESS_KEY"] = "other"; },
       "check the keys, and this machine's clock", ErrorKind::Unauthorized},
      {[](AwsWorld& w) { w.ec2.deny = "RunInstances"; }, "docs/clouds/aws.md has the policy", ErrorKind::Unauthorized},
      {[](AwsWorld& w) {
         w.ec2.refusal = {"ExpiredToken", "The security token included in the request is expired"};
       },
       "the session has expired; get new credentials", ErrorKind::Unauthorized},
      {[](AwsWorld& w) {
         w.ec2.refusal = {"SignatureDoesNotMatch",
                          "Signature expired: 20261122T140000Z is now earlier than 20261122T141000Z"};
       },
       "this machine's clock differs from AWS's", ErrorKind::Unauthorized},
      {[](AwsWorld& w) { w.forge.tokens.clear(); }, "Bad credentials", ErrorKind::Unauthorized},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    AwsWorld world;
    cases[i].spoil(world);
    auto const launched = world.launch_now();
    INFO("case " << i << ": " << (launched ? "launched" : launched.error().message));
    REQUIRE_FALSE(launched);
    CHECK(contains(launched.error().message, cases[i].message));
    CHECK(launched.error().kind == cases[i].kind);
    CHECK(world.ec2.living() == 0);
    CHECK(world.forge.runners().empty());
  }
}

TEST_CASE("aws: an undo ends the machine whose id it knows, also one that lists do not show yet", "[cloud][aws]") {
  AwsWorld world;  // SIGTERM while it waits, a moment after RunInstances.
  world.boots = false;
  world.ec2.tags_lag = std::chrono::hours(1);
  world.ec2.on_start = [&](FakeInstance const&) { world.supervisor.events = {SignalReceived{"SIGTERM"}}; };
  REQUIRE_FALSE(world.launch_now());
  CHECK(world.ec2.living() == 0);
  CHECK(world.forge.runners().empty());

  AwsWorld unsure;  // Nobody knows whether it was made: nothing found is asked for again.
  unsure.ec2.lose_answers = 100;
  unsure.ec2.tags_lag = std::chrono::seconds(40);
  unsure.ec2.on_start = nullptr;
  unsure.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    auto const answer = unsure.ec2.handle(request);
    if (contains(request.body, "Action=RunInstances")) return Error{ErrorKind::Network, "the server broke off"};
    return answer;
  };
  REQUIRE_FALSE(unsure.launch_now());
  CHECK(unsure.ec2.instances.size() == 1);
  CHECK(unsure.ec2.living() == 0);
}

TEST_CASE("aws: a machine that could not be ended is in the error, with its id and what ends it", "[cloud][aws]") {
  AwsWorld world;
  world.boots = false;
  world.ec2.deny = "TerminateInstances";
  auto const launched = world.launch_now();
  REQUIRE_FALSE(launched);
  INFO(launched.error().message);
  CHECK(contains(launched.error().message, "was not online after 20 min"));
  CHECK(contains(launched.error().message, "(UnauthorizedOperation: TerminateInstances in us-west-1"));
  CHECK(contains(launched.error().message,
                 "remove it: aws ec2 terminate-instances --region us-west-1 --instance-ids i-1"));
}

TEST_CASE("aws: a region that is away hides no other one, and the exit code tells of it", "[cloud][aws]") {
  AwsWorld world;
  REQUIRE(world.launch_now());
  std::string const id = world.forge.runners()[0].name;
  world.clock.now_ += std::chrono::hours(8 * 24);
  world.ec2.away = {"eu-west-1"};
  auto const swept = world.gc();
  REQUIRE_FALSE(swept);
  CHECK(contains(swept.error().message,
                 "looking for machines in aws: ServiceUnavailable: DescribeKeyPairs in eu-west-1"));
  CHECK(world.ec2.living() == 0);  // That of the other region went all the same.
  CHECK(contains(world.console.output, "removed " + id));
  // A registration whose machine may be there is kept.
  AwsWorld hidden;
  hidden.options.regions = {"eu-west"};
  REQUIRE(hidden.launch_now());
  hidden.forge.find(hidden.forge.runners()[0].name)->online = false;
  hidden.clock.now_ += std::chrono::hours(1);
  hidden.ec2.away = {"eu-west-1"};
  REQUIRE_FALSE(hidden.gc());
  CHECK(hidden.forge.runners().size() == 1);
  CHECK(hidden.ec2.living() == 1);
}

TEST_CASE("aws: the disk has room for its image, and one that has none is refused before anything is made",
          "[cloud][aws]") {
  AwsWorld world;
  world.ec2.image_gb = 75;
  REQUIRE(world.launch_now());
  CHECK(world.ec2.instances[0].parameters.at("BlockDeviceMapping.1.Ebs.VolumeSize") == "95");
  CHECK(world.console.logged("\\\"instanceHddSize\\\":95"));
  AwsWorld small;
  small.ec2.image_gb = 75;
  small.options.disk_gb = 50;
  auto const refused = small.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "--cloud-hdd-size 50 is less than the 75 GB of the image ami-1"));
  CHECK(small.forge.requests().empty());
}

TEST_CASE("aws: an image may be named as CML's Terraform provider named it", "[cloud][aws]") {
  AwsWorld world;
  world.options.image = "ubuntu@099720109477:x86_64:ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*";
  REQUIRE(world.launch_now());
  CHECK(std::any_of(world.ec2.bodies.begin(), world.ec2.bodies.end(), [](std::string const& body) {
    return contains(body, "Action=DescribeImages") && contains(body, "Owner.1=099720109477") &&
           contains(body, "Value.1=ubuntu%2Fimages%2Fhvm-ssd%2Fubuntu-jammy");
  }));
}

TEST_CASE("aws: a subnet's route decides whether the machine gets an address of its own", "[cloud][aws]") {
  AwsWorld open;  // Public, but it gives none: as Terraform's modules make it.
  open.options.subnet = "subnet-p";
  open.ec2.subnets["subnet-p"] = {"a", false, "igw-9", true};
  REQUIRE(open.launch_now());
  auto const& asked = open.ec2.instances[0].parameters;
  CHECK(asked.at("NetworkInterface.1.AssociatePublicIpAddress") == "true");
  CHECK(asked.at("NetworkInterface.1.SecurityGroupId.1") == "sg-cml-runner");
  AwsWorld nat;  // The main table of its VPC would lead elsewhere.
  nat.options.subnet = "subnet-p";
  nat.ec2.subnets["subnet-p"] = {"a", false, "nat-1", true};
  REQUIRE(nat.launch_now());
  CHECK(nat.ec2.instances[0].parameters.at("SubnetId") == "subnet-p");
  AwsWorld closed;
  closed.options.subnet = "subnet-p";
  closed.ec2.subnets["subnet-p"] = {"a", false, "", true};
  closed.options.dry_run = true;
  REQUIRE(closed.launch_now());
  CHECK(closed.console.logged("the subnet subnet-p has no route to the internet (no gateway, no NAT)"));
  AwsWorld blind;  // Without the right to look.
  blind.options.subnet = "subnet-b";
  blind.ec2.deny = "DescribeRouteTables";
  REQUIRE(blind.launch_now());
  CHECK(blind.console.logged("whether the subnet subnet-b has a way out is not known"));
}

TEST_CASE("aws: a group for SSH that a kill left closed is opened", "[cloud][aws]") {
  AwsWorld world;
  world.options.ssh_private = Secret("fake PEM");
  world.ec2.groups = {"us-west-1/cml-runner-ssh"};
  REQUIRE(world.launch_now());
  CHECK(world.ec2.open_groups == std::set<std::string>{"us-west-1/cml-runner-ssh"});
  REQUIRE(world.launch_now());
  CHECK(world.ec2.count("AuthorizeSecurityGroupIngress") == 1);
}

TEST_CASE("aws: a machine on demand does not bear the market's price", "[cloud][aws]") {
  AwsWorld world;
  world.options.spot = world.options.spot_fallback = true;
  world.ec2.no_spot = true;
  REQUIRE(world.launch_now());
  CHECK_FALSE(world.ec2.instances[0].spot);
  CHECK_FALSE(world.console.logged("hourlyPrice"));
}

TEST_CASE("aws: a type that a region lacks is answered with the regions that have it", "[cloud][aws]") {
  AwsWorld world;
  world.options.types = {"g6e.12xlarge"};
  world.ec2.only_in["g6e.12xlarge"] = {"eu-west-1"};
  auto const lacking = world.launch_now();
  REQUIRE_FALSE(lacking);
  CHECK(contains(lacking.error().message,
                 "AWS offers no machine type \"g6e.12xlarge\" in us-west-1; there is one in eu-west-1"));
  world.options.regions = {"us-west", "eu-west"};  // And the next region is tried.
  REQUIRE(world.launch_now());
  CHECK(world.ec2.instances.back().region == "eu-west-1");
  AwsWorld some;  // One of several is left out by name.
  some.options.types = {"g6e.12xlarge", "m5.2xlarge"};
  some.ec2.only_in["g6e.12xlarge"] = {"eu-west-1"};
  REQUIRE(some.launch_now());
  CHECK(some.console.logged("g6e.12xlarge is left out: us-west-1 has none"));
  // No machine without a GPU is "near" one with it.
  for (auto const& [type, said] : std::vector<std::pair<std::string, std::string>>{
           {"g5.xlarge", "did you mean g4dn.xlarge"},
           {"p3.2xlarge", "it is of an old generation that clouds withdraw; newer is a10g (g5)"}}) {
    AwsWorld gpu;
    gpu.options.types = {type};
    auto const none = gpu.launch_now();
    REQUIRE_FALSE(none);
    INFO(none.error().message);
    CHECK(contains(none.error().message, said));
    CHECK_FALSE(contains(none.error().message, "c5.xlarge"));
  }
}

TEST_CASE("aws: a long startup script goes packed, and one too long is refused before anything is made",
          "[cloud][aws]") {
  AwsWorld world;
  std::string prose;
  for (int i = 0; i < 900; ++i) prose += "echo step " + std::to_string(i) + " of the startup script\n";
  world.options.startup_script = base64_encode(prose);
  REQUIRE(world.launch_now());
  std::string const data = base64_decode(world.ec2.instances[0].parameters.at("UserData")).value();
  CHECK(data.size() <= 16384);
  CHECK(data.substr(0, 2) == "\x1f\x8b");  // Which cloud-init unpacks.
  AwsWorld random;
  std::string noise;
  for (int i = 0; i < 30000; ++i) noise.push_back(static_cast<char>(random.random.next() >> 56));
  random.options.startup_script = base64_encode(noise);
  auto const refused = random.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().message, "let --cloud-startup-script fetch its larger part"));
  CHECK(random.forge.requests().empty());
}

TEST_CASE("aws: the account's first spot machine names the role that it lacks", "[cloud][aws]") {
  AwsWorld world;
  world.options.spot = true;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    if (!contains(request.body, "Action=RunInstances")) return world.ec2.handle(request);
    return HttpResponse{403,
                        {},
                        "<Response><Errors><Error><Code>AuthFailure.ServiceLinkedRoleCreationNotPermitted</Code>"
                        "<Message>not permitted</Message></Error></Errors></Response>"};
  };
  auto const refused = world.launch_now();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unauthorized);
  CHECK(contains(refused.error().message, "create-service-linked-role --aws-service-name spot.amazonaws.com"));
}

TEST_CASE("cloud: a dry run of what cannot be had fails with a sentence", "[cloud][aws]") {
  AwsWorld world;
  world.options.dry_run = true;
  world.options.types = {"g6e.12xlarge"};
  world.ec2.only_in["g6e.12xlarge"] = {"eu-west-1"};
  auto const none = world.launch_now();
  REQUIRE_FALSE(none);
  CHECK(contains(none.error().message, "AWS offers no machine type"));
  CHECK(world.console.output.empty());
}

TEST_CASE("cloud: GPUs of generic sizes are told by their number and memory", "[cloud][catalogue]") {
  auto const type = [](char const* cloud, char const* size, char const* gpu) {
    return cloud::native_type(cloud, size, gpu);
  };
  CHECK(type("aws", "l", "l40s")->machine == "g6e.12xlarge");
  CHECK(type("aws", "l", "l40s")->told == "4 l40s GPUs of 48 GB each");
  CHECK(type("gcp", "m", "h100")->told == "1 h100 GPU of 80 GB");
  CHECK(type("gcp", "m", "h100")->gpu_count == 0);  // Part of the machine.
  CHECK(type("gcp", "l", "t4")->gpu_count == 4);
  CHECK(type("azure", "xl", "h200")->machine == "Standard_ND96isr_H200_v5");
  CHECK(contains(type("aws", "m", "a100").error().message, "--cloud-type m has no GPU \"a100\" on aws; xl has it"));
  CHECK(cloud::retired("azure", "Standard_NC4as_T4_v3").empty());
  CHECK(cloud::retired("azure", "Standard_NC64as_T4_v3").empty());
  CHECK_FALSE(cloud::retired("azure", "standard_nc6s_v3").empty());
  AwsWorld world;
  world.options.types = {"l"};
  world.options.gpu = "l40s";
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("g6e.12xlarge has 4 l40s GPUs of 48 GB each"));
}

TEST_CASE("aws: the policy of the page for people is enough, and nothing of it too much", "[cloud][aws]") {
  nlohmann::json const policy = nlohmann::json::parse(slurp(CML_SOURCE_DIR "/docs/clouds/policies/aws.json"));
  std::set<std::string> actions;
  for (nlohmann::json const& statement : policy["Statement"])
    for (nlohmann::json const& action : statement["Action"])
      if (action.get<std::string>().substr(0, 4) == "ec2:") actions.insert(action.get<std::string>());
  AwsWorld world;
  world.ec2.permitted = actions;
  world.options.spot = true;
  world.options.ssh_private = Secret("fake PEM");
  auto const launched = world.launch_now();
  INFO((launched ? "" : launched.error().message));
  REQUIRE(launched);
  world.clock.now_ += std::chrono::hours(8 * 24);
  REQUIRE(world.gc());
  world.options.subnet = "subnet-b";
  world.boots = false;
  world.ec2.groups.clear();
  REQUIRE_FALSE(world.launch_now());  // Looked at, its console shown, taken away.
  CHECK(world.ec2.living() == 0);
  CHECK(world.ec2.groups.empty());
  CHECK(world.ec2.used == actions);
}

TEST_CASE("aws: every body is one that EC2's own model accepts", "[cloud][aws]") {
  std::string bodies;
  for (bool const spot : {false, true}) {
    AwsWorld world;
    world.options.spot = spot;
    world.options.spot_price = 0.5;
    world.options.subnet = spot ? "subnet-p" : "";
    world.ec2.subnets["subnet-p"] = {"a", false, "igw-9", true};
    world.options.ssh_private = Secret("fake PEM");
    world.options.permission_set = spot ? "arn:aws:iam::1:instance-profile/x" : "job";
    world.options.metadata = {{"team", "a & b"}};
    world.boots = spot;
    CHECK(static_cast<bool>(world.launch_now()) == spot);
    world.clock.now_ += std::chrono::hours(8 * 24);
    REQUIRE(world.gc());
    for (std::string const& body : world.ec2.bodies) bodies += body + "\n";
  }
  SpawnedProcess process;
  auto const checked = [&](std::string const& input) {
    return process.run({.arguments = {"python3", CML_SOURCE_DIR "/tools/dev/check_ec2.py"},
                        .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}},
                        .input = input,
                        .timeout = std::chrono::seconds(120)});
  };
  auto const all = checked(bodies);
  if (!all || all->exit_code == 3) {
    WARN("no python3-botocore here: EC2's bodies were not held against its model");
    return;
  }
  INFO(all->out << all->err);
  CHECK(all->exit_code == 0);
  auto const spoilt = checked("Action=RunInstances&Version=2016-11-15&MinCount=1&MaxCount=x&Subnet=a");
  CHECK(spoilt->out == "RunInstances: MaxCount=x is not a whole number\nRunInstances: Subnet=a is not known\n");
}

TEST_CASE("runner logs: what a machine printed, or that there is none", "[cloud][aws]") {
  AwsWorld world;
  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::minutes(1);
  std::string const id = world.forge.runners()[0].name;
  auto const place = cloud::make_cloud("aws", world.setup());
  world.console.output.clear();
  REQUIRE(runner::show_logs(world.ports, **place, {}, id, false));
  CHECK(world.console.output == "cml: the boot failed\n");
  auto const none = runner::show_logs(world.ports, **place, {}, "cml-x", false);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::NotFound);
  world.ec2.away = {"eu-west-1"};
  CHECK(contains(runner::show_logs(world.ports, **place, {}, "cml-x", false).error().message, "ServiceUnavailable"));
}

TEST_CASE("aws: one sweep takes away what two hundred killed launches left", "[cloud][aws][kill]") {
  kill_at_random<AwsWorld>(
      [](AwsWorld& world, int i) {
        world.options.spot = i % 2 == 1;
        world.launch.single = i % 3 == 0;
        world.options.ssh_private = i % 4 < 2 ? Secret("fake PEM") : Secret();
      },
      12, [](AwsWorld& world) { return world.ec2.living() == 0 && world.ec2.key_pairs.empty(); });
}

TEST_CASE("aws: killed at any request of a launch, gc finds and removes everything", "[cloud][aws][kill]") {
  int const left_something =
      kill_everywhere<AwsWorld>([](AwsWorld& world) { world.options.ssh_private = Secret("fake PEM"); },
                                [](AwsWorld& world) { return world.ec2.living() == 0 && world.ec2.key_pairs.empty(); });
  CHECK(left_something > 5);
  // And gc leaves alone what works.
  AwsWorld world;
  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::hours(24);
  REQUIRE(world.gc({}, true));
  REQUIRE(world.gc());
  CHECK(world.ec2.living() == 1);
  CHECK(world.forge.runners().size() == 1);
  world.clock.now_ += std::chrono::hours(7 * 24);
  world.console.output.clear();
  REQUIRE(world.gc({}, true));
  CHECK(contains(world.console.output, "would remove cml-"));
  CHECK(world.ec2.living() == 1);
  REQUIRE(world.gc());
  CHECK(world.ec2.living() == 0);
}

TEST_CASE("aws: one request of a launch that goes wrong leaves one machine or none", "[cloud][aws][kill]") {
  auto const machines = [](AwsWorld& world) {
    CHECK(world.ec2.key_pairs.size() == static_cast<std::size_t>(world.ec2.living()));
    return static_cast<std::size_t>(world.ec2.living());
  };
  CHECK(fault_everywhere<AwsWorld>(
            [](AwsWorld& world) { world.options.ssh_private = Secret("fake PEM"), world.options.spot = true; },
            machines) > 10);
  kill_sweep_everywhere<AwsWorld>(
      [](AwsWorld& world) { world.options.ssh_private = Secret("fake PEM"); },
      [](AwsWorld& world) { return world.ec2.living() == 0 && world.ec2.key_pairs.empty(); });
}

TEST_CASE("aws: gc for one repository leaves the machines of others to their limits", "[cloud][aws]") {
  AwsWorld world;
  FakeGitHubRunners elsewhere;  // Another repository, with the same account of AWS.
  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::hours(1);
  REQUIRE(world.gc({}, false, &elsewhere));
  CHECK(world.ec2.living() == 1);
  {  // Nor does "stop" take one that may be busy there.
    auto setup = world.agent_setup();
    setup.repository.authority = "127.0.0.1:" + std::to_string(elsewhere.port());
    auto const agent = runner::make_agent("github", setup);
    auto const place = cloud::make_cloud("aws", world.setup());
    runner::SweepTask const task{world.ports, agent->get(), {place->get()}, {}, {}};
    world.console.output.clear();
    REQUIRE(runner::list_runners(task));
    std::string const id = world.ec2.instances[0].tags.at("cml-id");
    CHECK(contains(world.console.output, id + "\tunknown\taws\t"));
    auto const refused = runner::stop_runners(task, {id}, false);
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().message,
                   id + " serves " + world.forge.repository_url() + ", whose runners were not seen"));
    CHECK(world.ec2.living() == 1);
  }
  world.ec2.instances[0].state = "stopped";  // It serves nobody any more.
  REQUIRE(world.gc({}, false, &elsewhere));
  CHECK(world.ec2.living() == 0);
  CHECK(world.forge.runners().size() == 1);
  // Whose registration goes only when all of its cloud was looked at.
  world.forge.find(world.forge.runners()[0].name)->online = false;
  REQUIRE(world.gc({"us-west"}));
  CHECK(world.forge.runners().size() == 1);
  REQUIRE(world.gc());
  CHECK(world.forge.runners().empty());

  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::hours(8 * 24);
  world.forge.fail_all(500);  // No reason to let it run on.
  auto const swept = world.gc();
  REQUIRE_FALSE(swept);
  CHECK(contains(swept.error().message, "looking for runners of " + world.forge.repository_url()));
  CHECK(world.ec2.living() == 0);
}

TEST_CASE("aws: a region that the account's rules close does not hide the others", "[cloud][aws]") {
  AwsWorld world;
  REQUIRE(world.launch_now());
  world.clock.now_ += std::chrono::hours(8 * 24);
  world.ec2.closed_region = "eu-west-1";
  REQUIRE(world.gc());
  CHECK(world.ec2.living() == 0);
  CHECK(world.console.logged("leaving eu-west-1 out: UnauthorizedOperation"));
  CHECK(world.gc({"eu-west"}).error().kind == ErrorKind::Unauthorized);  // Asked for by name.
}

TEST_CASE("aws: of many machines those that serve stay, whatever becomes of the others", "[cloud][aws]") {
  AwsWorld world;  // The fourth finds no room.
  world.options.count = 5;
  world.ec2.on_start = [&, start = world.ec2.on_start](FakeInstance const& instance) {
    start(instance);
    if (world.ec2.living() == 3) world.ec2.full_zones = {"us-west-1a", "us-west-1b", "us-west-1c"};
  };
  auto some = world.launch_now();
  REQUIRE_FALSE(some);
  CHECK(some.error().kind == ErrorKind::TooLarge);
  CHECK(contains(some.error().message, "3 of 5 machines were made: "));
  CHECK(world.ec2.living() == 3);
  CHECK(world.forge.runners().size() == 3);

  AwsWorld silent;  // One of them never comes up.
  silent.options.count = 3;
  silent.ec2.on_start = [&, start = silent.ec2.on_start](FakeInstance const& instance) {
    silent.boots = silent.ec2.living() != 2;
    start(instance);
  };
  some = silent.launch_now();
  REQUIRE_FALSE(some);
  CHECK(contains(some.error().message, "2 of 3 machines were made: the machine cml-"));
  CHECK(silent.ec2.living() == 2);
  CHECK(silent.forge.runners().size() == 2);

  AwsWorld stopped;  // The job that launches is cancelled while it makes the second.
  stopped.options.count = 5;
  stopped.ec2.on_start = [&, start = stopped.ec2.on_start](FakeInstance const& instance) {
    stopped.boots = stopped.ec2.living() == 1;
    start(instance);
    if (stopped.ec2.living() == 2) stopped.supervisor.events = {SignalReceived{"SIGTERM"}};
  };
  some = stopped.launch_now();
  REQUIRE_FALSE(some);
  CHECK(contains(some.error().message, "1 of 5 machines were made: stopped by SIGTERM"));
  CHECK(stopped.ec2.instances.size() == 2);
  CHECK(stopped.ec2.living() == 1);
  CHECK(stopped.forge.runners().size() == 1);
}

TEST_CASE("aws: a job that is over before anybody has asked is no failure", "[cloud][aws]") {
  AwsWorld world;
  world.boots = false;
  world.clock.on_sleep = [&] {
    if (world.clock.slept.size() != 2) return;
    world.ec2.instances[0].state = "terminated";
    world.forge.forget(world.ec2.instances[0].tags.at("cml-id"));
  };
  REQUIRE(world.launch_now());
  CHECK(world.console.logged("has served its job and is gone"));
}

TEST_CASE("aws: keys that end in the middle of a launch are found anew", "[cloud][aws]") {
  AwsWorld world;
  world.environment.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/keys"}};
  int given = 0;
  world.boots = false;
  auto const ec2 = [&world](HttpRequest const& request) { return world.ec2.handle(request); };
  world.http.local = [&](HttpRequest const& request) -> std::optional<HttpResponse> {
    if (!contains(request.url, ":1/keys")) return std::nullopt;
    ++given;
    return json_response(200, R"({"AccessKeyId": "ID", "SecretAccessKey": "SECRET", "Token": "T", "Expiration": ")" +
                                  iso_time(world.clock.now() + std::chrono::minutes(10)) + "\"}");
  };
  world.http.cloud = ec2;
  REQUIRE_FALSE(world.launch_now());  // After twenty minutes.
  CHECK(given >= 3);
  CHECK(world.ec2.living() == 0);
}

TEST_CASE("aws: many machines, and a cap on them", "[cloud][aws]") {
  AwsWorld world;
  world.options.count = 7;
  REQUIRE(world.launch_now());
  CHECK(world.ec2.living() == 7);
  CHECK(world.forge.count("GET /api/v3/repos/o/r/actions/runners?per_page") ==
        2);  // One list for all, late once, not one request each.
  world.launch.max_agents = 9;
  REQUIRE(world.launch_now());
  CHECK(world.ec2.living() == 9);
  REQUIRE(world.launch_now());
  CHECK(world.ec2.living() == 9);
}

TEST_CASE("aws credentials: found where AWS's own tools look, in their order", "[cloud][aws]") {
  AwsWorld world;
  auto& variables = world.environment.variables;
  variables = {{"HOME", "/home/u"}};
  std::vector<std::string> asked;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    asked.push_back(request.method + " " + request.url);
    if (contains(request.url, "//sts.")) {
      std::string const action = contains(request.body, "WithWebIdentity") ? "AssumeRoleWithWebIdentity" : "AssumeRole";
      CHECK(request.sigv4.has_value() == (action == "AssumeRole"));
      return json_response(200, "<" + action + "Response><" + action +
                                    "Result><Credentials><AccessKeyId>STS</AccessKeyId><SecretAccessKey>S</"
                                    "SecretAccessKey><SessionToken>T</SessionToken>"
                                    "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></" +
                                    action + "Result></" + action + "Response>");
    }
    if (contains(request.url, "id-token")) return json_response(200, R"({"value": "jwt"})");
    if (contains(request.url, "/latest/api/token")) return json_response(200, "imds");
    if (contains(request.url, "security-credentials/role"))
      return json_response(200, R"({"AccessKeyId": "IMDS", "SecretAccessKey": "S", "Token": "T"})");
    if (contains(request.url, "security-credentials/")) return json_response(200, "role");
    return json_response(200, R"({"AccessKeyId": "ECS", "SecretAccessKey": "S", "Token": "T"})");
  };
  auto const source = [&]() -> std::string {
    auto const keys = cloud::aws::find_keys(world.setup(), "us-east-1");
    return keys ? keys->pair.reveal() + " " + keys->source : keys.error().message;
  };
  CHECK(contains(source(), "no AWS credentials"));
  world.files.put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
  CHECK(source() == "IMDS:S the instance's role");
  variables["AWS_EC2_METADATA_DISABLED"] = "true";
  CHECK(contains(source(), "no AWS credentials"));
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x";
  CHECK(source() == "ECS:S the container's role");
  world.files.put("/home/u/.aws/credentials",
                  "[default]\naws_access_key_id = "
                  "PROFILE\naws_secret_access_key=S\n[base]\naws_access_key_id=B\naws_secret_access_key=S\n");
  world.files.put(
      "/home/u/.aws/config",
      "[profile dev]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nregion = eu-west-1\n[profile "
      "loop]\nrole_arn=x\nsource_profile=loop2\n[profile loop2]\nrole_arn=x\nsource_profile=loop\n");
  CHECK(source() == "PROFILE:S profile default");
  variables["AWS_PROFILE"] = "dev";
  CHECK(source() == "STS:S profile dev");
  CHECK(cloud::aws::default_region(world.setup()) == "eu-west-1");
  variables["AWS_PROFILE"] = "loop";
  CHECK(contains(source(), "in a circle"));
  variables["AWS_PROFILE"] = "gone";
  CHECK(contains(source(), "there is no AWS profile \"gone\""));
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/ci";
  variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://ci.example.test/id-token?x=1";
  CHECK(source() == "STS:S GitHub's identity token");
  CHECK(asked[asked.size() - 2] == "GET https://ci.example.test/id-token?x=1&audience=sts.amazonaws.com");
  variables["BITBUCKET_STEP_OIDC_TOKEN"] = "jwt";
  CHECK(source() == "STS:S BITBUCKET_STEP_OIDC_TOKEN");
  variables["AWS_ACCESS_KEY_ID"] = "ENV";
  variables["AWS_SECRET_ACCESS_KEY"] = "S";
  CHECK(source() == "ENV:S AWS_ACCESS_KEY_ID");
}

TEST_CASE("aws credentials: the session of aws sso login, or the command that opens one", "[cloud][aws]") {
  AwsWorld world;
  world.environment.variables = {{"HOME", "/home/u"}, {"AWS_PROFILE", "work"}};
  world.files.put(
      "/home/u/.aws/config",
      "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n[profile "
      "work]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = ML Engineer\n"
      "[profile old]\nsso_start_url = https://old.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = "
      "1\nsso_role_name = r\n[profile half]\nsso_session = corp\n[profile stray]\nsso_session = none\n");
  std::vector<HttpRequest> asked;
  int status = 200;
  world.http.cloud = [&](HttpRequest const& request) -> Result<HttpResponse> {
    asked.push_back(request);
    if (status != 200) return json_response(status, R"({"message": "No access"})");
    return json_response(200,
                         R"({"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "S", "sessionToken": "T",)"
                         R"( "expiration": 1900000000000}})");
  };
  auto const keys = [&] { return cloud::aws::find_keys(world.setup(), "us-east-1"); };
  CHECK(contains(keys().error().message, "nobody has signed in; run \"aws sso login --profile work\""));
  auto const cached = [&](std::string const& name, std::string const& url, std::string const& until) {
    world.files.put("/home/u/.aws/sso/cache/" + name + ".json",
                    R"({"startUrl": ")" + url + R"(", "region": "eu-west-1", "accessToken": "token-)" + name +
                        R"(", "expiresAt": ")" + until + "\"}");
  };
  world.files.put("/home/u/.aws/sso/cache/botocore-client.json",
                  R"({"clientId": "c", "expiresAt": "2099-01-01T00:00:00Z"})");
  cached("a1", "https://corp.awsapps.com/start", "2001-01-01T00:00:00Z");
  CHECK(contains(keys().error().message, "its session has ended; run \"aws sso login --profile work\""));
  CHECK(asked.empty());
  cached("b2", "https://corp.awsapps.com/start", "2099-01-01T00:00:00Z");
  auto const found = keys();
  REQUIRE(found);
  CHECK(found->pair.reveal() == "SSO:S");
  CHECK(found->session.reveal() == "T");
  CHECK(found->expires == Time(std::chrono::seconds(1'900'000'000)));
  CHECK(asked.back().url ==
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=ML%20Engineer&account_id=123");
  CHECK(asked.back().credential.reveal() == "token-b2");
  status = 403;
  CHECK(contains(keys().error().message, "gave no credentials for profile \"work\" (403 No access)"));
  world.environment.variables["AWS_PROFILE"] = "old";
  CHECK(contains(keys().error().message, "nobody has signed in"));
  world.environment.variables["AWS_PROFILE"] = "half";
  CHECK(contains(keys().error().message, "lacks sso_region, sso_account_id or sso_role_name"));
  world.environment.variables["AWS_PROFILE"] = "stray";
  CHECK(contains(keys().error().message, "names the sso-session \"none\""));
}

TEST_CASE("xml: what EC2 sends, and nothing hostile", "[cloud][aws][xml]") {
  auto const xml = cloud::aws::parse_xml(
      "<?xml version=\"1.0\"?>\n<!-- c --><a x=\"1\"><b>1 &lt; 2 &amp; 3</b><l><item>i</item><item/></l></a>\n");
  REQUIRE(xml);
  CHECK(xml->at("b") == "1 < 2 & 3");
  CHECK(xml->items("l").size() == 2);
  for (std::string const& bad :
       std::vector<std::string>{"", "x", "<a>", "<a></b>", "<a><b></a></b>",
                                "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&unterminated</a>", "<a/><b/>"}) {
    INFO(bad);
    CHECK_FALSE(cloud::aws::parse_xml(bad));
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  CHECK_FALSE(cloud::aws::parse_xml(deep));
}
