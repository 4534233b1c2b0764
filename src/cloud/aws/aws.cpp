// EC2 without a key pair, an inbound rule or a credential on the machine. Steps: key pair (on request), group,
// RunInstances.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cloud/aws/credentials.hpp"
#include "cloud/aws/places.hpp"
#include "cloud/aws/pricing.hpp"
#include "cloud/aws/query.hpp"
#include "cloud/catalogue.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud {
namespace {

using aws::add_tags;
using aws::architecture_of;
using aws::known_regions;
using aws::machine_from;
using aws::Place;
using aws::place_of;
using aws::Query;
using aws::Xml;

constexpr std::string_view kCanonical = "099720109477";
constexpr std::string_view kUbuntu = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-";
constexpr std::string_view kGroup = "cml-runner", kSshGroup = "cml-runner-ssh";
constexpr std::size_t kMaxUserData = 16384;
constexpr int kTries = 5;
struct Attempt {
  std::string type, zone, subnet;
  bool spot = false;
  double price = 0;  // Dollars an hour; 0: not known.
  std::string describe() const { return type + (spot ? " as spot" : "") + " in " + zone; }
};

struct Launch {  // What the steps of one plan share.
  MachineWanted wanted;
  std::shared_ptr<Machine> machine;
  std::map<std::string, Xml> images;  // By architecture.
  std::vector<Attempt> attempts;
  std::string vpc, group, group_name, user_data;
  bool group_made = false;
};

class Aws : public Cloud {
 public:
  Aws(CloudSetup setup) : setup_(std::move(setup)) {}

  std::string_view name() const override { return "aws"; }

  Result<Plan> plan(MachineWanted const& wanted) override {
    Place const place = place_of(wanted.region);
    CML_CHECK_OK(check_region(place.region));
    CML_TRY(ec2, query(place.region));
    auto launch = std::make_shared<Launch>();
    launch->wanted = wanted;
    launch->machine = std::make_shared<Machine>();
    Machine& machine = *launch->machine;
    machine.id = wanted.id;
    machine.cloud = "aws";
    machine.region = place.region;
    machine.repository = wanted.repository;
    machine.labels = wanted.labels;
    CML_CHECK_OK(find_network(*ec2, *launch));
    CML_CHECK_OK(find_attempts(*ec2, place, *launch));
    for (Attempt const& attempt : launch->attempts)
      CML_CHECK_OK(find_image(*ec2, architecture_of(attempt.type), *launch));
    Plan plan;
    plan.machine = launch->machine;
    plan.price = price_line(*ec2, *launch);
    if (!wanted.ssh_public_key.empty()) plan.steps.push_back(key_step(ec2, launch));
    if (launch->group.empty()) plan.steps.push_back(group_step(ec2, launch));
    plan.steps.push_back(run_step(ec2, launch));
    return plan;
  }

  Result<std::vector<Machine>> machines(std::vector<std::string> const& given) override {
    std::set<std::string> regions;
    for (std::string const& region : given) regions.insert(place_of(region).region);
    if (regions.empty()) {
      CML_TRY(home, query(home_region()));
      CML_TRY(answer, home->call("DescribeRegions", {}));
      for (Xml const* region : answer.items("regionInfo"))
        if (partition(region->at("regionName")) == partition(home->region())) regions.insert(region->at("regionName"));
    }
    std::vector<Machine> all;
    for (std::string const& region : regions) {
      CML_TRY(ec2, query(region));
      // A region that the account's rules close holds no machine of ours, and must not hide those of the others.
      auto const open = ec2->call("DescribeKeyPairs", {{"Filter.1.Name", "tag-key"}, {"Filter.1.Value.1", "cml-id"}});
      if (!open && given.empty() && regions.size() > 1 && open.error().kind == ErrorKind::Unauthorized &&
          contains(open.error().message, "UnauthorizedOperation")) {
        setup_.notify("leaving " + region + " out: " + open.error().message);
        continue;
      }
      if (!open) return Error(open.error());
      std::set<std::string> living;
      for (std::string token, first = "x"; !token.empty() || !first.empty(); first.clear()) {
        Pairs parameters = instance_filter("tag-key", "cml-id");
        parameters.emplace_back("MaxResults", "1000");
        if (!token.empty()) parameters.emplace_back("NextToken", token);
        CML_TRY(answer, ec2->call("DescribeInstances", parameters));
        for (Xml const* reservation : answer.items("reservationSet"))
          for (Xml const* instance : reservation->items("instancesSet")) {
            all.push_back(machine_from(*instance, region));
            living.insert(all.back().id);
          }
        token = answer.at("nextToken");
      }
      for (Xml const* key : open->items("keySet")) {
        if (living.count(key->at("keyName")) > 0) continue;
        Machine stray;
        stray.id = key->at("keyName");
        stray.cloud = "aws";
        stray.region = region;
        stray.state = "stray";
        stray.type = "key pair";
        all.push_back(stray);
      }
    }
    return all;
  }

  Status remove(Machine const& machine) override {
    CML_TRY(ec2, query(machine.region));
    CML_CHECK_OK(terminate(*ec2, machine.id));
    CML_TRY(deleted, ec2->call("DeleteKeyPair", {{"KeyName", machine.id}}));
    return ok();
  }

  Result<std::string> console_output(Machine const& machine) override {
    CML_TRY(ec2, query(machine.region));
    CML_TRY(answer, ec2->call("GetConsoleOutput", {{"InstanceId", machine.native_id}, {"Latest", "true"}}));
    return base64_decode(answer.at("output")).value_or("");
  }

  Result<Machine> look(Machine const& machine) override {
    CML_TRY(ec2, query(machine.region));
    Machine now = machine;
    now.state = "gone";
    auto const answer = ec2->call("DescribeInstances", {{"InstanceId.1", machine.native_id}});
    if (!answer && answer.error().kind == ErrorKind::NotFound) return now;
    if (!answer) return Error(answer.error());
    for (Xml const* reservation : answer.value().items("reservationSet"))
      for (Xml const* instance : reservation->items("instancesSet")) {
        std::string const reason = instance->at("stateReason/code");
        now = machine_from(*instance, machine.region);
        // Taken back at once: as good as no capacity.
        if (now.state == "gone" &&
            (contains(reason, "InsufficientInstanceCapacity") || contains(reason, "SpotInstanceTermination")))
          return Error{ErrorKind::TooLarge,
                       "AWS ended the machine at once: " + clean_line(instance->at("stateReason/message"))};
      }
    return now;
  }

 private:
  // One signed client a region. Keys that end are found anew a little before: a launch of many machines may outlive a
  // session.
  Result<std::shared_ptr<Query>> query(std::string const& region) {
    CML_CHECK_OK(keys(region));
    auto& found = clients_[region];
    if (!found)
      found = std::make_shared<Query>(*setup_.http, "ec2", region, aws::endpoint_of(setup_, "ec2", region),
                                      [this, region] { return keys(region); });
    return found;
  }

  Result<aws::Keys> keys(std::string const& region) {
    bool const stale = keys_ && keys_->expires && *keys_->expires < setup_.clock->now() + std::chrono::minutes(2);
    if (keys_ && !stale) return *keys_;
    auto fresh = aws::find_keys(setup_, region);
    if (!fresh && keys_ && *keys_->expires > setup_.clock->now()) return *keys_;  // They still have a minute or two.
    if (!fresh) return std::move(fresh).error();
    return *(keys_ = std::move(*fresh));
  }

  // Keys of one partition mean nothing in another.
  static std::string partition(std::string const& region) {
    return region.substr(0, 3) == "cn-" ? "cn" : region.substr(0, 7) == "us-gov-" ? "gov" : "aws";
  }

  std::string home_region() const {
    std::string const region = aws::default_region(setup_);
    return region.empty() ? "us-east-1" : region;
  }

  Status check_region(std::string const& region) {
    std::vector<std::string_view> names(known_regions().begin(), known_regions().end());
    if (std::find(names.begin(), names.end(), region) != names.end()) return ok();
    CML_TRY(home, query(home_region()));
    CML_TRY(answer, home->call("DescribeRegions", {}));
    std::vector<std::string> real;
    for (Xml const* one : answer.items("regionInfo")) real.push_back(one->at("regionName"));
    if (std::find(real.begin(), real.end(), region) != real.end()) return ok();
    std::vector<std::string_view> const views(real.begin(), real.end());
    std::string_view const near = nearest(region, views);
    return Error{ErrorKind::BadInput, "AWS has no region \"" + one_line(region, 40) + "\"" +
                                          (near.empty() ? "; write us-west, eu-west, ... or AWS's own name"
                                                        : "; did you mean " + std::string(near) + "?")};
  }

  // The VPC and, when one was given, the security group.
  Status find_network(Query const& ec2, Launch& launch) {
    MachineWanted const& wanted = launch.wanted;
    if (!wanted.subnet.empty()) {
      CML_TRY(answer, ec2.call("DescribeSubnets", {{"SubnetId.1", wanted.subnet}}));
      auto const subnets = answer.items("subnetSet");
      if (subnets.empty())
        return Error{ErrorKind::BadInput, "there is no subnet " + one_line(wanted.subnet, 40) + " in " + ec2.region()};
      launch.vpc = subnets[0]->at("vpcId");
    }
    if (!wanted.security_group.empty()) {
      bool const by_id = wanted.security_group.substr(0, 3) == "sg-";
      Pairs filter{{"Filter.1.Name", by_id ? "group-id" : "group-name"}, {"Filter.1.Value.1", wanted.security_group}};
      if (!launch.vpc.empty())
        filter.insert(filter.end(), {{"Filter.2.Name", "vpc-id"}, {"Filter.2.Value.1", launch.vpc}});
      CML_TRY(answer, ec2.call("DescribeSecurityGroups", filter));
      auto const groups = answer.items("securityGroupInfo");
      if (groups.empty())
        return Error{ErrorKind::BadInput,
                     "there is no security group " + one_line(wanted.security_group, 60) + " in " + ec2.region()};
      launch.group = groups[0]->at("groupId");
      launch.vpc = groups[0]->at("vpcId");
      return ok();
    }
    if (launch.vpc.empty()) {
      CML_TRY(answer, ec2.call("DescribeVpcs", {}));
      for (Xml const* vpc : answer.items("vpcSet"))
        if (launch.vpc.empty() || vpc->at("isDefault") == "true") launch.vpc = vpc->at("vpcId");
      if (launch.vpc.empty())
        return Error{ErrorKind::BadInput,
                     "there is no VPC in " + ec2.region() + "; make one, or give --cloud-aws-subnet"};
    }
    launch.group_name = std::string(wanted.ssh_public_key.empty() ? kGroup : kSshGroup);
    CML_TRY(answer, ec2.call("DescribeSecurityGroups", {{"Filter.1.Name", "group-name"},
                                                        {"Filter.1.Value.1", launch.group_name},
                                                        {"Filter.2.Name", "vpc-id"},
                                                        {"Filter.2.Value.1", launch.vpc}}));
    for (Xml const* group : answer.items("securityGroupInfo")) launch.group = group->at("groupId");
    return ok();
  }

  // Every type in every zone that offers it and has a subnet, in the order to try.
  Status find_attempts(Query const& ec2, Place const& place, Launch& launch) {
    MachineWanted const& wanted = launch.wanted;
    Pairs filter{{"Filter.1.Name", "vpc-id"}, {"Filter.1.Value.1", launch.vpc}};
    if (!wanted.subnet.empty()) filter = {{"SubnetId.1", wanted.subnet}};
    CML_TRY(answer, ec2.call("DescribeSubnets", filter));
    std::map<std::string, std::string> subnets;  // By zone.
    for (Xml const* subnet : answer.items("subnetSet")) {
      bool const usable = !wanted.subnet.empty() ||
                          subnet->at("mapPublicIpOnLaunch") == "true";  // A private one only when it was named.
      if (usable && parse_integer(subnet->at("availableIpAddressCount")).value_or(0) > 0)
        subnets.emplace(subnet->at("availabilityZone"), subnet->at("subnetId"));
    }
    if (subnets.empty())
      return Error{
          ErrorKind::BadInput,
          "VPC " + launch.vpc + " in " + ec2.region() +
              " has no public subnet with free addresses; give --cloud-aws-subnet (a private one needs a NAT)"};
    std::vector<std::string> types;
    for (std::string const& given : wanted.types) {
      CML_TRY(type, native_type("aws", given, wanted.gpu));
      types.push_back(type.machine);
    }
    std::vector<Attempt> found;
    for (std::string const& type : types) {
      CML_TRY(offers, ec2.call("DescribeInstanceTypeOfferings", {{"LocationType", "availability-zone"},
                                                                 {"Filter.1.Name", "instance-type"},
                                                                 {"Filter.1.Value.1", type}}));
      std::vector<Attempt> zones;
      for (Xml const* offer : offers.items("instanceTypeOfferingSet")) {
        std::string const zone = offer->at("location");
        auto const subnet = subnets.find(zone);
        if (subnet == subnets.end() || (!place.zone.empty() && zone != place.zone)) continue;
        zones.push_back({type, zone, subnet->second, wanted.spot, 0});
      }
      if (offers.items("instanceTypeOfferingSet").empty() && types.size() == 1) return unknown_type(ec2, type);
      std::sort(zones.begin(), zones.end(), [](Attempt const& a, Attempt const& b) { return a.zone < b.zone; });
      found.insert(found.end(), zones.begin(), zones.end());
    }
    if (found.empty())
      return Error{ErrorKind::TooLarge, "no zone of " + (place.zone.empty() ? place.region : place.zone) +
                                            " with a usable subnet offers " + joined(types)};
    if (wanted.spot) add_prices(ec2, types, found);
    launch.attempts = found;
    if (wanted.spot && wanted.spot_fallback)
      for (Attempt attempt : found) {
        attempt.spot = false;
        launch.attempts.push_back(attempt);
      }
    return ok();
  }

  static std::string joined(std::vector<std::string> const& parts) {
    std::string text;
    for (std::string const& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  }

  Error unknown_type(Query const& ec2, std::string const& type) {
    std::vector<std::string> all;
    auto const answer = ec2.call("DescribeInstanceTypeOfferings", {{"LocationType", "region"}, {"MaxResults", "1000"}});
    if (answer)
      for (Xml const* offer : answer.value().items("instanceTypeOfferingSet")) all.push_back(offer->at("instanceType"));
    std::vector<std::string_view> const views(all.begin(), all.end());
    std::string near(nearest(type, views));
    if (near.empty())  // Of the same family at least.
      for (std::string const& one : all)
        if (one.substr(0, one.find('.') + 1) == type.substr(0, type.find('.') + 1))
          near += (near.empty() ? "" : ", ") + one;
    return {ErrorKind::BadInput, "AWS offers no machine type \"" + one_line(type, 40) + "\" in " + ec2.region() +
                                     (near.empty() ? "; see --cloud-type" : "; did you mean " + near + "?")};
  }

  // The market's prices now, the cheapest zone of a type first. Without them (not permitted) the order stays.
  void add_prices(Query const& ec2, std::vector<std::string> const& types, std::vector<Attempt>& attempts) {
    Pairs parameters{{"ProductDescription.1", "Linux/UNIX"}, {"StartTime", iso_time(setup_.clock->now())}};
    for (std::size_t i = 0; i < types.size(); ++i)
      parameters.emplace_back("InstanceType." + std::to_string(i + 1), types[i]);
    auto const answer = ec2.call("DescribeSpotPriceHistory", parameters);
    if (!answer) return setup_.notify("no spot prices: " + answer.error().message);
    for (Xml const* row : answer.value().items("spotPriceHistorySet")) {
      double const price = std::atof(row->at("spotPrice").c_str());
      for (Attempt& attempt : attempts)
        if (attempt.type == row->at("instanceType") && attempt.zone == row->at("availabilityZone") &&
            attempt.price == 0)
          attempt.price = price;
    }
    auto const key = [](Attempt const& a) { return a.price > 0 ? a.price : 1e9; };
    for (auto from = attempts.begin(); from != attempts.end();) {
      auto const to = std::find_if(from, attempts.end(), [&](Attempt const& a) { return a.type != from->type; });
      std::stable_sort(from, to, [&](Attempt const& a, Attempt const& b) { return key(a) < key(b); });
      from = to;
    }
  }

  // Spot prices are known by now; one on demand is asked for, once a type.
  std::string price_line(Query const& ec2, Launch& launch) {
    Attempt const& first = launch.attempts.front();
    std::string const what = first.type + (first.spot ? ", spot, " + first.zone : " on demand, " + ec2.region());
    if (first.spot) return first.price > 0 ? price_text(first.price, what) : "";
    auto [known, fresh] = prices_.try_emplace(ec2.region() + "/" + first.type,
                                              Error{ErrorKind::NotFound, "the price list is another one here"});
    if (fresh && partition(ec2.region()) == "aws")
      known->second = aws::on_demand_price(setup_, *keys_, ec2.region(), first.type);
    if (known->second)
      for (Attempt& attempt : launch.attempts)
        if (!attempt.spot && attempt.type == first.type) attempt.price = *known->second;
    return price_text(known->second, what);
  }

  Status find_image(Query const& ec2, std::string const& architecture, Launch& launch) {
    if (launch.images.count(architecture) > 0) return ok();
    std::string const& given = launch.wanted.image;
    Pairs parameters;
    if (given.substr(0, 4) == "ami-") {
      parameters = {{"ImageId.1", given}};
    } else {
      // Only owners that we trust: anybody can publish an image under any name.
      auto const slash = given.find('/');
      std::string const owner = given.substr(0, slash);
      bool const owned =
          slash != std::string::npos && (owner == "self" || owner == "amazon" || parse_integer(owner).has_value());
      std::string const ubuntu = std::string(kUbuntu) + (architecture == "arm64" ? "arm64" : "amd64") + "-server-*";
      parameters = {{"Filter.1.Name", "name"},
                    {"Filter.1.Value.1", given.empty() ? ubuntu
                                         : owned       ? given.substr(slash + 1)
                                                       : given},
                    {"Filter.2.Name", "architecture"},
                    {"Filter.2.Value.1", architecture},
                    {"Filter.3.Name", "state"},
                    {"Filter.3.Value.1", "available"}};
      if (owned)
        parameters.emplace_back("Owner.1", owner);
      else
        parameters.insert(parameters.end(), {{"Owner.1", std::string(kCanonical)}, {"Owner.2", "self"}});
    }
    CML_TRY(answer, ec2.call("DescribeImages", parameters));
    Xml const* newest = nullptr;
    for (Xml const* image : answer.items("imagesSet"))
      if (newest == nullptr || image->at("creationDate") > newest->at("creationDate")) newest = image;
    if (newest == nullptr)
      return Error{ErrorKind::BadInput, "no image \"" + one_line(given.empty() ? "Ubuntu 24.04" : given, 80) +
                                            "\" for " + architecture + " in " + ec2.region() +
                                            "; give --cloud-image as ami-..., OWNER/NAME or a name of your own"};
    launch.images.emplace(architecture, *newest);
    return ok();
  }

  Step key_step(std::shared_ptr<Query> ec2, std::shared_ptr<Launch> launch) {
    std::string const id = launch->wanted.id;
    Step step;
    step.what = "import the key pair " + id;
    step.run = [ec2, launch]() -> Status {
      Pairs parameters{{"KeyName", launch->wanted.id},
                       {"PublicKeyMaterial", base64_encode(launch->wanted.ssh_public_key)}};
      add_tags(parameters, launch->wanted, {"key-pair"});
      auto const made = ec2->call("ImportKeyPair", parameters);
      if (made || aws::code_of(made.error()) == "InvalidKeyPair.Duplicate") return ok();  // Our own id: a repetition.
      return Error(made.error());
    };
    step.undo_what = "delete the key pair " + id;
    step.undo = [ec2, id]() -> Status {
      CML_TRY(deleted, ec2->call("DeleteKeyPair", {{"KeyName", id}}));
      return ok();
    };
    return step;
  }

  Step group_step(std::shared_ptr<Query> ec2, std::shared_ptr<Launch> launch) {
    bool const ssh = !launch->wanted.ssh_public_key.empty();
    Step step;
    step.what = "create the security group " + launch->group_name + " in " + launch->vpc +
                (ssh ? ", port 22 open" : ", nothing open");
    step.run = [ec2, launch, ssh]() -> Status {
      Pairs parameters{
          {"GroupName", launch->group_name}, {"GroupDescription", "Runners made by cml"}, {"VpcId", launch->vpc}};
      auto const made = ec2->call("CreateSecurityGroup", parameters);
      if (made)
        launch->group_made = true;
      else if (aws::code_of(made.error()) != "InvalidGroup.Duplicate")
        return Error(made.error());
      CML_TRY(found, ec2->call("DescribeSecurityGroups", {{"Filter.1.Name", "group-name"},
                                                          {"Filter.1.Value.1", launch->group_name},
                                                          {"Filter.2.Name", "vpc-id"},
                                                          {"Filter.2.Value.1", launch->vpc}}));
      for (Xml const* group : found.items("securityGroupInfo")) launch->group = group->at("groupId");
      if (launch->group.empty()) return Error{ErrorKind::Network, "the group was made but is not seen"};
      if (!ssh || !launch->group_made) return ok();
      CML_TRY(opened, ec2->call("AuthorizeSecurityGroupIngress", {{"GroupId", launch->group},
                                                                  {"IpPermissions.1.IpProtocol", "tcp"},
                                                                  {"IpPermissions.1.FromPort", "22"},
                                                                  {"IpPermissions.1.ToPort", "22"},
                                                                  {"IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"}}));
      return ok();
    };
    step.undo_what = "delete the security group " + launch->group_name;
    step.undo = [ec2, launch]() -> Status {
      if (!launch->group_made || launch->group.empty()) return ok();
      auto const gone = ec2->call("DeleteSecurityGroup", {{"GroupId", launch->group}});
      // Another launch may use it by now; it costs nothing and lets nobody in.
      if (gone || aws::code_of(gone.error()) == "DependencyViolation" || gone.error().kind == ErrorKind::NotFound)
        return ok();
      return Error(gone.error());
    };
    return step;
  }

  Pairs run_parameters(Launch const& launch, Attempt const& attempt, std::string const& token) const {
    MachineWanted const& wanted = launch.wanted;
    Xml const& image = launch.images.at(architecture_of(attempt.type));
    std::string const root = image.at("rootDeviceName");
    Pairs p{{"ImageId", image.at("imageId")},
            {"InstanceType", attempt.type},
            {"MinCount", "1"},
            {"MaxCount", "1"},
            {"ClientToken", token},
            {"SubnetId", attempt.subnet},
            {"SecurityGroupId.1", launch.group},
            {"UserData", launch.user_data},
            {"InstanceInitiatedShutdownBehavior",
             "terminate"},  // "shutdown" on the machine ends it: no credential needed there.
            {"MetadataOptions.HttpTokens", "required"},
            {"MetadataOptions.HttpPutResponseHopLimit", "2"},
            {"MetadataOptions.HttpEndpoint", "enabled"},
            {"BlockDeviceMapping.1.DeviceName", root.empty() ? "/dev/sda1" : root},
            {"BlockDeviceMapping.1.Ebs.VolumeSize", std::to_string(wanted.disk_gb > 0 ? wanted.disk_gb : 35)},
            {"BlockDeviceMapping.1.Ebs.VolumeType", "gp3"},
            {"BlockDeviceMapping.1.Ebs.Encrypted", "true"},
            {"BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"}};
    if (!wanted.ssh_public_key.empty()) p.emplace_back("KeyName", wanted.id);
    if (!wanted.permission_set.empty())
      p.emplace_back(
          wanted.permission_set.substr(0, 4) == "arn:" ? "IamInstanceProfile.Arn" : "IamInstanceProfile.Name",
          wanted.permission_set);
    if (attempt.spot) {
      p.insert(p.end(), {{"InstanceMarketOptions.MarketType", "spot"},
                         {"InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time"},
                         {"InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "terminate"}});
      if (wanted.spot_price >= 0) {
        char price[32];
        std::snprintf(price, sizeof price, "%.5f", wanted.spot_price);
        p.emplace_back("InstanceMarketOptions.SpotOptions.MaxPrice", price);
      }
    }
    std::vector<std::string> resources{"instance", "volume"};
    if (attempt.spot) resources.push_back("spot-instances-request");
    add_tags(p, wanted, resources);
    return p;
  }

  Step run_step(std::shared_ptr<Query> ec2, std::shared_ptr<Launch> launch) {
    Step step;
    step.what = "run " + launch->attempts.front().describe();
    for (std::size_t i = 1; i < launch->attempts.size(); ++i) step.what += ", else " + launch->attempts[i].describe();
    step.run = [this, ec2, launch]() -> Status {
      CML_TRY(script, launch->wanted.boot_script());
      if (script.size() > kMaxUserData)
        return Error{ErrorKind::BadInput, "the boot script has " + std::to_string(script.size()) +
                                              " bytes; EC2 takes 16384: shorten --cloud-startup-script"};
      launch->user_data = base64_encode(script);
      Error last{ErrorKind::TooLarge, ""};
      for (std::size_t i = 0; i < launch->attempts.size(); ++i) {
        Attempt const& attempt = launch->attempts[i];
        // Other parameters under the same token would be refused.
        auto const made = run_once(*ec2, *launch, attempt, launch->wanted.id + "-" + std::to_string(i));
        if (made) {
          Machine& machine = *launch->machine;
          Machine const seen = made.value();
          machine.native_id = seen.native_id;
          machine.zone = seen.zone.empty() ? attempt.zone : seen.zone;
          machine.type = attempt.type;
          machine.image = seen.image;
          machine.address = seen.address;
          machine.state = seen.state;
          machine.spot = attempt.spot;
          machine.launched_at = seen.launched_at;
          machine.expires_at = seen.expires_at;
          if (attempt.price > 0) machine.hourly_price = attempt.price;
          return ok();
        }
        last = made.error();
        if (last.kind != ErrorKind::TooLarge) return last;
        setup_.notify("no " + attempt.describe() + ": " + one_line(last.message, 200));
      }
      return last;
    };
    step.undo_what = "terminate what " + launch->wanted.id + " has started";
    step.undo = [ec2, launch, this] { return terminate(*ec2, launch->wanted.id); };
    return step;
  }

  // Exactly one machine, also when throttled or when nobody knows whether the request arrived.
  Result<Machine> run_once(Query const& ec2, Launch const& launch, Attempt const& attempt, std::string const& token) {
    for (int tries = 1;; ++tries) {
      auto const answer = ec2.call("RunInstances", run_parameters(launch, attempt, token), Repeat::Unsafe);
      if (answer) {
        for (Xml const* instance : answer.value().items("instancesSet")) return machine_from(*instance, ec2.region());
        return Error{ErrorKind::Network, "RunInstances answered without an instance"};
      }
      Error error = answer.error();
      bool const unknown = error.kind == ErrorKind::Network;
      if ((!unknown && error.kind != ErrorKind::RateLimited) || tries == kTries) return error;
      setup_.clock->sleep_for(std::chrono::seconds(1 << tries));
      if (!unknown) continue;
      Pairs filter = instance_filter("tag:cml-id", launch.wanted.id);
      CML_TRY(found, ec2.call("DescribeInstances", filter));
      for (Xml const* reservation : found.items("reservationSet"))
        for (Xml const* instance : reservation->items("instancesSet")) return machine_from(*instance, ec2.region());
    }
  }

  static Pairs instance_filter(std::string const& filter_name, std::string const& value) {
    Pairs p{{"Filter.1.Name", filter_name}, {"Filter.1.Value.1", value}, {"Filter.2.Name", "instance-state-name"}};
    int i = 0;
    for (char const* state : {"pending", "running", "stopping", "stopped"})
      p.emplace_back("Filter.2.Value." + std::to_string(++i), state);
    return p;
  }

  Status terminate(Query const& ec2, std::string const& id) {
    CML_TRY(found, ec2.call("DescribeInstances", instance_filter("tag:cml-id", id)));
    Pairs ids;
    for (Xml const* reservation : found.items("reservationSet"))
      for (Xml const* instance : reservation->items("instancesSet"))
        ids.emplace_back("InstanceId." + std::to_string(ids.size() + 1), instance->at("instanceId"));
    if (ids.empty()) return ok();
    auto const done = ec2.call("TerminateInstances", ids);
    if (done || done.error().kind == ErrorKind::NotFound) return ok();
    return Error(done.error());
  }

  CloudSetup setup_;
  std::optional<aws::Keys> keys_;
  std::map<std::string, std::shared_ptr<Query>> clients_;
  std::map<std::string, Result<double>> prices_;  // On demand, by "REGION/TYPE".
};

}  // namespace

Result<std::unique_ptr<Cloud>> make_aws(CloudSetup const& setup) {
  return std::unique_ptr<Cloud>(std::make_unique<Aws>(setup));
}

}  // namespace cml::cloud
