// Where a machine may stand: VPC, security group, subnets, and whether its packets find a way out of them.
#include "base/text.hpp"
#include "cloud/aws/launch.hpp"

namespace cml::cloud::aws {
namespace {

constexpr std::string_view kGroup = "cml-runner", kSshGroup = "cml-runner-ssh";

enum class WayOut { Gateway, Other, None };

// The subnet's own route table, else the main one of its VPC.
Result<WayOut> way_out(Query const& ec2, std::string const& subnet, std::string const& vpc) {
  for (Pairs const& filter : {Pairs{{"Filter.1.Name", "association.subnet-id"}, {"Filter.1.Value.1", subnet}},
                              Pairs{{"Filter.1.Name", "vpc-id"},
                                    {"Filter.1.Value.1", vpc},
                                    {"Filter.2.Name", "association.main"},
                                    {"Filter.2.Value.1", "true"}}}) {
    CML_TRY(answer, ec2.call("DescribeRouteTables", filter));
    auto const tables = answer.items("routeTableSet");
    if (tables.empty()) continue;
    for (Xml const* route : tables[0]->items("routeSet"))
      if (route->at("destinationCidrBlock") == "0.0.0.0/0" && route->at("state") != "blackhole")
        return route->at("gatewayId").substr(0, 4) == "igw-" ? WayOut::Gateway : WayOut::Other;
    return WayOut::None;
  }
  return WayOut::None;
}

// One that was named is taken as it is; what it lacks is told before a machine waits in vain.
Status use_named(Query const& ec2, Notify const& notify, Launch& launch) {
  std::string const name = one_line(launch.wanted.subnet, 40);
  CML_TRY(answer, ec2.call("DescribeSubnets", {{"SubnetId.1", launch.wanted.subnet}}));
  auto const found = answer.items("subnetSet");
  if (found.empty()) return Error{ErrorKind::BadInput, "there is no subnet " + name + " in " + ec2.region()};
  Xml const& subnet = *found[0];
  launch.vpc = subnet.at("vpcId");
  if (parse_integer(subnet.at("availableIpAddressCount")).value_or(0) < 1)
    return Error{ErrorKind::TooLarge, "the subnet " + name + " has no free addresses"};
  Subnet use{launch.wanted.subnet, subnet.at("availabilityZone")};
  auto const out = way_out(ec2, use.id, launch.vpc);
  if (!out) notify("whether the subnet " + name + " has a way out is not known: " + out.error().message);
  if (out && *out == WayOut::None)
    notify("the subnet " + name +
           " has no route to the internet (no gateway, no NAT): the machine reaches only a forge inside its network");
  use.give_address = out && *out == WayOut::Gateway && subnet.at("mapPublicIpOnLaunch") != "true";
  launch.subnets = {use};
  return ok();
}

Status find_subnets(Query const& ec2, Launch& launch) {
  CML_TRY(answer, ec2.call("DescribeSubnets", {{"Filter.1.Name", "vpc-id"}, {"Filter.1.Value.1", launch.vpc}}));
  for (Xml const* subnet : answer.items("subnetSet"))  // A private one only when it was named.
    if (subnet->at("mapPublicIpOnLaunch") == "true" &&
        parse_integer(subnet->at("availableIpAddressCount")).value_or(0) > 0)
      launch.subnets.push_back({subnet->at("subnetId"), subnet->at("availabilityZone")});
  if (!launch.subnets.empty()) return ok();
  return Error{ErrorKind::BadInput,
               "VPC " + launch.vpc + " in " + ec2.region() +
                   " has no public subnet with free addresses; give --cloud-aws-subnet (a private one needs a NAT)"};
}

bool opens_ssh(Xml const& group) {
  for (Xml const* rule : group.items("ipPermissions"))
    if (rule->at("ipProtocol") == "tcp" && rule->at("fromPort") == "22" && !rule->items("ipRanges").empty())
      return true;
  return false;
}

Status find_group(Query const& ec2, Launch& launch) {
  MachineWanted const& wanted = launch.wanted;
  bool const named = !wanted.security_group.empty(), ssh = !wanted.ssh_public_key.empty();
  std::string const name = named ? wanted.security_group : std::string(ssh ? kSshGroup : kGroup);
  Pairs filter{{"Filter.1.Name", named && name.substr(0, 3) == "sg-" ? "group-id" : "group-name"},
               {"Filter.1.Value.1", name}};
  if (!launch.vpc.empty()) filter.insert(filter.end(), {{"Filter.2.Name", "vpc-id"}, {"Filter.2.Value.1", launch.vpc}});
  CML_TRY(answer, ec2.call("DescribeSecurityGroups", filter));
  auto const groups = answer.items("securityGroupInfo");
  if (named && groups.empty())
    return Error{ErrorKind::BadInput, "there is no security group " + one_line(name, 60) + " in " + ec2.region()};
  launch.group_name = name;
  if (groups.empty()) return ok();
  launch.group = groups[0]->at("groupId");
  launch.vpc = groups[0]->at("vpcId");
  // A launcher that is killed between the group and its rule leaves one that opens nothing.
  launch.port_closed = ssh && !named && !opens_ssh(*groups[0]);
  return ok();
}

}  // namespace

Status find_network(Query const& ec2, Notify const& notify, Launch& launch) {
  if (!launch.wanted.subnet.empty()) CML_CHECK_OK(use_named(ec2, notify, launch));
  if (launch.vpc.empty() && launch.wanted.security_group.empty()) {
    CML_TRY(answer, ec2.call("DescribeVpcs", {}));
    for (Xml const* vpc : answer.items("vpcSet"))
      if (launch.vpc.empty() || vpc->at("isDefault") == "true") launch.vpc = vpc->at("vpcId");
    if (launch.vpc.empty())
      return Error{ErrorKind::BadInput,
                   "there is no VPC in " + ec2.region() + "; make one, or give --cloud-aws-subnet"};
  }
  CML_CHECK_OK(find_group(ec2, launch));
  return launch.subnets.empty() ? find_subnets(ec2, launch) : ok();
}

}  // namespace cml::cloud::aws
