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
#include "cloud/aws/launch.hpp"
#include "cloud/aws/pricing.hpp"
#include "cloud/aws/user_data.hpp"

namespace cml::cloud {
namespace {

using aws::add_tags;
using aws::architecture_of;
using aws::Attempt;
using aws::known_regions;
using aws::Launch;
using aws::machine_from;
using aws::Place;
using aws::place_of;
using aws::Query;
using aws::Xml;

constexpr std::size_t kMaxUserData = 16384;
constexpr std::size_t kRegistrationRoom = 5000;  // What a registration adds to it: GitHub's have 4.2 KB.
constexpr int kTries = 5;
// A machine just made may be missing in EC2's answers for some time: so often, so far apart, is asked for it.
constexpr int kLooks = 6;
constexpr std::chrono::seconds kLookEvery{10}, kSeenAfter{120};

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
    CML_CHECK_OK(aws::find_network(*ec2, setup_.notify, *launch));
    CML_CHECK_OK(aws::find_attempts(
        *ec2, place, setup_.notify, setup_.clock->now(), [this](std::string const& other) { return query(other); },
        *launch));
    for (Attempt const& attempt : launch->attempts)
      CML_CHECK_OK(aws::find_image(*ec2, architecture_of(attempt.type), *launch));
    CML_TRY(script, wanted.boot_script());
    CML_CHECK_OK(aws::user_data(script, kMaxUserData - kRegistrationRoom));
    Plan plan;
    plan.machine = launch->machine;
    plan.price = price_line(*ec2, *launch);
    if (!wanted.ssh_public_key.empty()) plan.steps.push_back(key_step(ec2, launch));
    if (launch->group.empty() || launch->port_closed) plan.steps.push_back(group_step(ec2, launch));
    plan.steps.push_back(run_step(ec2, launch));
    return plan;
  }

  Found machines(std::vector<std::string> const& given) override {
    std::set<std::string> regions;
    for (std::string const& region : given) regions.insert(place_of(region).region);
    if (regions.empty()) {
      auto open = open_regions();
      if (!open) return {{}, {std::move(open).error()}};
      regions = std::move(*open);
    }
    Found found;
    for (std::string const& region : regions)
      if (auto seen = add_machines(region, found.machines); !seen) {
        // A region that the account's rules close holds no machine of ours.
        if (given.empty() && regions.size() > 1 && seen.error().kind == ErrorKind::Unauthorized &&
            contains(seen.error().message, "UnauthorizedOperation"))
          setup_.notify("leaving " + region + " out: " + seen.error().message);
        else
          found.missing.push_back(std::move(seen).error());
      }
    return found;
  }

  // A machine is ended by the id that is known of it, a stray by what bears its tag.
  Status remove(Machine const& machine) override {
    CML_TRY(ec2, query(machine.region));
    if (machine.native_id.empty()) {
      CML_TRY(ids, ids_of(*ec2, machine.id));
      CML_CHECK_OK(terminate(*ec2, ids));
    } else {
      CML_CHECK_OK(terminate(*ec2, {machine.native_id}));
    }
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
    if (!answer && answer.error().kind != ErrorKind::NotFound) return Error(answer.error());
    // Not seen yet is not gone.
    if (!answer && machine.launched_at && setup_.clock->now() - *machine.launched_at < kSeenAfter) return machine;
    if (!answer) return now;
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

  Result<std::set<std::string>> open_regions() {
    CML_TRY(home, query(home_region()));
    CML_TRY(answer, home->call("DescribeRegions", {}));
    std::set<std::string> regions;
    for (Xml const* region : answer.items("regionInfo"))
      if (partition(region->at("regionName")) == partition(home->region())) regions.insert(region->at("regionName"));
    return regions;
  }

  Status add_machines(std::string const& region, std::vector<Machine>& all) {
    CML_TRY(ec2, query(region));
    CML_TRY(keys, ec2->call("DescribeKeyPairs", {{"Filter.1.Name", "tag-key"}, {"Filter.1.Value.1", "cml-id"}}));
    std::vector<Machine> found;
    std::set<std::string> living;
    for (std::string token, first = "x"; !token.empty() || !first.empty(); first.clear()) {
      Pairs parameters = instance_filter("tag-key", "cml-id");
      parameters.emplace_back("MaxResults", "1000");
      if (!token.empty()) parameters.emplace_back("NextToken", token);
      CML_TRY(answer, ec2->call("DescribeInstances", parameters));
      for (Xml const* reservation : answer.items("reservationSet"))
        for (Xml const* instance : reservation->items("instancesSet")) {
          found.push_back(machine_from(*instance, region));
          living.insert(found.back().id);
        }
      token = answer.at("nextToken");
    }
    for (Xml const* key : keys.items("keySet")) {
      if (living.count(key->at("keyName")) > 0) continue;
      Machine stray;
      stray.id = key->at("keyName");
      stray.cloud = "aws";
      stray.region = region;
      stray.state = "stray";
      stray.type = "key pair";
      found.push_back(stray);
    }
    all.insert(all.end(), found.begin(), found.end());
    return ok();
  }

  // Spot prices are known by now; one on demand is asked for, once a type.
  std::string price_line(Query const& ec2, Launch& launch) {
    Attempt const& first = launch.attempts.front();
    std::string const what = first.type + (first.spot ? ", spot, " + first.subnet.zone : " on demand, " + ec2.region());
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
    step.what = launch->port_closed ? "open port 22 in the security group " + launch->group_name
                                    : "create the security group " + launch->group_name + " in " + launch->vpc +
                                          (ssh ? ", port 22 open" : ", nothing open");
    step.run = [ec2, launch, ssh, this]() -> Status {
      if (launch->group.empty()) CML_CHECK_OK(make_group(*ec2, *launch));
      if (!ssh) return ok();
      auto const opened =
          ec2->call("AuthorizeSecurityGroupIngress", {{"GroupId", launch->group},
                                                      {"IpPermissions.1.IpProtocol", "tcp"},
                                                      {"IpPermissions.1.FromPort", "22"},
                                                      {"IpPermissions.1.ToPort", "22"},
                                                      {"IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"}});
      if (opened || aws::code_of(opened.error()) == "InvalidPermission.Duplicate") return ok();
      return Error(opened.error());
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

  // Made by another launch at the same moment: then it is looked up.
  Status make_group(Query const& ec2, Launch& launch) const {
    auto const made = ec2.call(
        "CreateSecurityGroup",
        {{"GroupName", launch.group_name}, {"GroupDescription", "Runners made by cml"}, {"VpcId", launch.vpc}});
    launch.group_made = static_cast<bool>(made);
    if (made) launch.group = made->at("groupId");
    if (!made && aws::code_of(made.error()) != "InvalidGroup.Duplicate") return Error(made.error());
    for (int looks = 1; launch.group.empty() && looks <= kLooks; ++looks) {
      if (looks > 1) setup_.clock->sleep_for(kLookEvery);
      CML_TRY(found, ec2.call("DescribeSecurityGroups", {{"Filter.1.Name", "group-name"},
                                                         {"Filter.1.Value.1", launch.group_name},
                                                         {"Filter.2.Name", "vpc-id"},
                                                         {"Filter.2.Value.1", launch.vpc}}));
      for (Xml const* group : found.items("securityGroupInfo")) launch.group = group->at("groupId");
    }
    if (launch.group.empty()) return Error{ErrorKind::Network, "the group was made but is not seen"};
    return ok();
  }

  Pairs run_parameters(Launch const& launch, Attempt const& attempt, std::string const& token) const {
    MachineWanted const& wanted = launch.wanted;
    aws::Image const& image = launch.images.at(architecture_of(attempt.type));
    Pairs p{{"ImageId", image.id},
            {"InstanceType", attempt.type},
            {"MinCount", "1"},
            {"MaxCount", "1"},
            {"ClientToken", token},
            {"UserData", launch.user_data},
            {"InstanceInitiatedShutdownBehavior",
             "terminate"},  // "shutdown" on the machine ends it: no credential needed there.
            {"MetadataOptions.HttpTokens", "required"},
            {"MetadataOptions.HttpPutResponseHopLimit", "2"},
            {"MetadataOptions.HttpEndpoint", "enabled"},
            {"BlockDeviceMapping.1.DeviceName", image.root_device},
            {"BlockDeviceMapping.1.Ebs.VolumeSize", std::to_string(aws::disk_of(launch, image))},
            {"BlockDeviceMapping.1.Ebs.VolumeType", "gp3"},
            {"BlockDeviceMapping.1.Ebs.Encrypted", "true"},
            {"BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"}};
    // A subnet that gives no address of itself: EC2 takes the wish for one only with the whole network card.
    if (attempt.subnet.give_address)
      p.insert(p.end(), {{"NetworkInterface.1.DeviceIndex", "0"},
                         {"NetworkInterface.1.SubnetId", attempt.subnet.id},
                         {"NetworkInterface.1.SecurityGroupId.1", launch.group},
                         {"NetworkInterface.1.AssociatePublicIpAddress", "true"},
                         {"NetworkInterface.1.DeleteOnTermination", "true"}});
    else
      p.insert(p.end(), {{"SubnetId", attempt.subnet.id}, {"SecurityGroupId.1", launch.group}});
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
      CML_TRY(data, aws::user_data(script, kMaxUserData));
      launch->user_data = base64_encode(data);
      Error last{ErrorKind::TooLarge, ""};
      for (std::size_t i = 0; i < launch->attempts.size(); ++i) {
        Attempt const& attempt = launch->attempts[i];
        // Other parameters under the same token would be refused.
        auto const made = run_once(*ec2, *launch, attempt, launch->wanted.id + "-" + std::to_string(i));
        if (made) {
          Machine& machine = *launch->machine;
          Machine const seen = made.value();
          machine.native_id = seen.native_id;
          machine.zone = seen.zone.empty() ? attempt.subnet.zone : seen.zone;
          machine.subnet = attempt.subnet.id;
          machine.disk_gb = aws::disk_of(*launch, launch->images.at(architecture_of(attempt.type)));
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
    step.undo = [ec2, launch, this] { return end_machine(*ec2, *launch); };
    step.by_hand = [ec2, launch] {
      std::string const place = " --region " + ec2->region(), id = launch->machine->native_id;
      return id.empty()
                 ? "aws ec2 describe-instances" + place + " --filters Name=tag:cml-id,Values=" + launch->wanted.id
                 : "aws ec2 terminate-instances" + place + " --instance-ids " + id;
    };
    return step;
  }

  // Exactly one machine, also when throttled or when nobody knows whether the request arrived: under the same token EC2
  // answers a repetition with the machine that is there.
  Result<Machine> run_once(Query const& ec2, Launch& launch, Attempt const& attempt, std::string const& token) {
    for (int tries = 1;; ++tries) {
      auto const answer = ec2.call("RunInstances", run_parameters(launch, attempt, token), Repeat::Unsafe);
      if (answer) {
        for (Xml const* instance : answer.value().items("instancesSet")) return machine_from(*instance, ec2.region());
        launch.unsure = true;
        return Error{ErrorKind::Network, "RunInstances answered without an instance"};
      }
      Error const& error = answer.error();
      launch.unsure = launch.unsure || error.kind == ErrorKind::Network;
      // The group or the key pair was made a moment ago, and is not seen everywhere yet.
      std::string const code = aws::code_of(error);
      bool const not_yet = (code == "InvalidGroup.NotFound" && launch.group_made) || code == "InvalidKeyPair.NotFound";
      if ((error.kind != ErrorKind::Network && error.kind != ErrorKind::RateLimited && !not_yet) || tries == kTries)
        return error;
      setup_.clock->sleep_for(std::chrono::seconds(1 << tries));
    }
  }

  static Pairs instance_filter(std::string const& filter_name, std::string const& value) {
    Pairs p{{"Filter.1.Name", filter_name}, {"Filter.1.Value.1", value}, {"Filter.2.Name", "instance-state-name"}};
    int i = 0;
    for (char const* state : {"pending", "running", "stopping", "stopped"})
      p.emplace_back("Filter.2.Value." + std::to_string(++i), state);
    return p;
  }

  Result<std::vector<std::string>> ids_of(Query const& ec2, std::string const& id) const {
    CML_TRY(found, ec2.call("DescribeInstances", instance_filter("tag:cml-id", id)));
    std::vector<std::string> ids;
    for (Xml const* reservation : found.items("reservationSet"))
      for (Xml const* instance : reservation->items("instancesSet")) ids.push_back(instance->at("instanceId"));
    return ids;
  }

  static Status terminate(Query const& ec2, std::vector<std::string> const& ids) {
    if (ids.empty()) return ok();
    Pairs parameters;
    for (std::string const& id : ids)
      parameters.emplace_back("InstanceId." + std::to_string(parameters.size() + 1), id);
    auto const done = ec2.call("TerminateInstances", parameters);
    if (done || done.error().kind == ErrorKind::NotFound) return ok();
    return Error(done.error());
  }

  // What a launch has made: by its id, which EC2 may not know everywhere yet; else by its tag, which may be missing for
  // longer. An empty answer proves nothing while there may be one.
  Status end_machine(Query const& ec2, Launch const& launch) const {
    std::string const known = launch.machine->native_id;
    for (int looks = 1;; ++looks) {
      if (known.empty()) {
        CML_TRY(ids, ids_of(ec2, launch.wanted.id));
        if (!ids.empty() || !launch.unsure) return terminate(ec2, ids);
      } else {
        auto const done = ec2.call("TerminateInstances", {{"InstanceId.1", known}});
        if (done) return ok();
        if (done.error().kind != ErrorKind::NotFound) return Error(done.error());
      }
      if (looks == kLooks) return ok();
      setup_.clock->sleep_for(kLookEvery);
    }
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
