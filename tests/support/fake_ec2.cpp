#include "support/fake_ec2.hpp"

#include <libdeflate.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace cml::test {
namespace {

using Form = std::map<std::string, std::string>;

Form read_form(std::string const& body) {
  Form form;
  for (std::string const& pair : split(body, '&')) {
    auto const equals = pair.find('=');
    form[percent_decode(pair.substr(0, equals))] = percent_decode(replace_all(pair.substr(equals + 1), "+", " "));
  }
  return form;
}

std::string tag(std::string const& name, std::string const& value) {
  return "<" + name + ">" + replace_all(replace_all(value, "&", "&amp;"), "<", "&lt;") + "</" + name + ">";
}
std::string set_of(std::string const& name, std::vector<std::string> const& items) {
  std::string text = "<" + name + ">";
  for (std::string const& item : items) text += "<item>" + item + "</item>";
  return text + "</" + name + ">";
}
Result<HttpResponse> done(std::string const& action, std::string const& inner) {
  HttpResponse response;
  response.status = 200;
  response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + action +
                  "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">" + inner + "</" + action + "Response>";
  return response;
}
Result<HttpResponse> refuse(int status, std::string const& code, std::string const& message) {
  HttpResponse response;
  response.status = status;
  response.body =
      "<Response><Errors><Error>" + tag("Code", code) + tag("Message", message) + "</Error></Errors></Response>";
  return response;
}

std::vector<std::string> filter(Form const& form, std::string const& name) {
  std::vector<std::string> values;
  for (int f = 1; f < 10; ++f) {
    auto const found = form.find("Filter." + std::to_string(f) + ".Name");
    if (found == form.end() || found->second != name) continue;
    for (int v = 1; v < 10; ++v)
      if (auto const value = form.find("Filter." + std::to_string(f) + ".Value." + std::to_string(v));
          value != form.end())
        values.push_back(value->second);
  }
  return values;
}
bool among(std::vector<std::string> const& values, std::string const& value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

std::map<std::string, std::string> tags_of(Form const& form) {
  std::map<std::string, std::string> tags;
  for (int t = 1; t < 30; ++t) {
    auto const key = form.find("TagSpecification.1.Tag." + std::to_string(t) + ".Key");
    if (key != form.end()) tags[key->second] = form.at("TagSpecification.1.Tag." + std::to_string(t) + ".Value");
  }
  return tags;
}

std::string instance_xml(FakeInstance const& instance) {
  std::vector<std::string> tags;
  for (auto const& [key, value] : instance.tags) tags.push_back(tag("key", key) + tag("value", value));
  return tag("instanceId", instance.id) + tag("imageId", "ami-1") + tag("instanceType", instance.type) +
         tag("launchTime", instance.launched) + "<instanceState>" + tag("name", instance.state) +
         "</instanceState><placement>" + tag("availabilityZone", instance.zone) + "</placement>" +
         tag("privateIpAddress", "10.0.0.4") + (instance.spot ? tag("instanceLifecycle", "spot") : "") +
         set_of("tagSet", tags);
}

constexpr std::string_view kTypes[] = {"m5.2xlarge", "m5.8xlarge", "t2.micro",     "g4dn.xlarge",
                                       "p2.xlarge",  "c7g.large",  "g6e.12xlarge", "c5.xlarge"};
constexpr std::size_t kMostUserData = 16384;

}  // namespace

int FakeEc2::count(std::string const& action) const {
  return static_cast<int>(std::count_if(bodies.begin(), bodies.end(), [&](std::string const& b) {
    return contains("&" + b + "&", "&Action=" + action + "&");
  }));
}
int FakeEc2::living() const {
  return static_cast<int>(
      std::count_if(instances.begin(), instances.end(), [](FakeInstance const& i) { return i.state != "terminated"; }));
}

bool FakeEc2::knows(std::string const& region, std::string const& id) const {
  return std::any_of(instances.begin(), instances.end(), [&](FakeInstance const& one) {
    return one.region == region && one.id == id && !(clock && clock() < one.made + ids_lag);
  });
}

Result<HttpResponse> FakeEc2::handle(HttpRequest const& request) {
  std::string const host = parse_url(request.url)->host;
  if (host == "api.pricing.us-east-1.amazonaws.com") {
    if (request.sigv4 != "aws:amz:us-east-1:pricing" || !contains(request.body, "\"Field\":\"regionCode\""))
      return HttpResponse{400, {}, R"({"__type": "InvalidParameterException"})"};
    if (price.empty()) return HttpResponse{400, {}, R"({"__type": "AccessDeniedException"})"};
    nlohmann::json const dimension{{"unit", "Hrs"}, {"pricePerUnit", {{"USD", price}}}};
    nlohmann::json const product{{"terms", {{"OnDemand", {{"T", {{"priceDimensions", {{"D", dimension}}}}}}}}}};
    return HttpResponse{200, {}, nlohmann::json{{"FormatVersion", "aws_v1"}, {"PriceList", {product.dump()}}}.dump()};
  }
  std::string const region = split(host, '.')[1];
  bodies.push_back(request.body);
  Form const form = read_form(request.body);
  auto const field = [&](std::string const& name) {
    auto const found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  std::string const action = field("Action");
  if (!request.sigv4 || *request.sigv4 != "aws:amz:" + region + ":ec2" || request.credential.reveal() != "ID:SECRET")
    return refuse(401, "AuthFailure", "bad signature");
  if (!refusal.first.empty()) return refuse(400, refusal.first, refusal.second);
  if (away.count(region) > 0) return refuse(503, "ServiceUnavailable", "The service is unavailable");
  used.insert("ec2:" + action);
  bool const allowed = permitted.empty() || permitted.count("ec2:" + action) > 0;
  // What tags what it makes needs this right, too.
  bool const tagged = contains(request.body, "TagSpecification.1.");
  if (tagged) used.insert("ec2:CreateTags");
  if (action == deny || region == closed_region || !allowed ||
      (tagged && !permitted.empty() && permitted.count("ec2:CreateTags") == 0))
    return refuse(403, "UnauthorizedOperation", "You are not authorized to perform this operation: ec2:" + action);
  if (action == "DescribeRegions")
    return done(action, set_of("regionInfo", {tag("regionName", "us-west-1"), tag("regionName", "eu-west-1")}));
  if (action == "DescribeVpcs")
    return done(action,
                set_of("vpcSet", {tag("vpcId", "vpc-other"), tag("vpcId", "vpc-1") + tag("isDefault", "true")}));
  if (action == "DescribeSubnets") {
    std::vector<std::string> items;
    for (auto const& [name, subnet] : subnets)
      if (field("SubnetId.1").empty() || field("SubnetId.1") == name)
        items.push_back(tag("subnetId", name) + tag("vpcId", "vpc-1") + tag("availabilityZone", region + subnet.zone) +
                        tag("mapPublicIpOnLaunch", subnet.gives_addresses ? "true" : "false") +
                        tag("availableIpAddressCount", "250"));
    return done(action, set_of("subnetSet", items));
  }
  if (action == "DescribeRouteTables") {
    auto const of = filter(form, "association.subnet-id");
    std::string route = "igw-1";
    if (!of.empty()) {
      auto const subnet = subnets.find(of[0]);
      if (subnet == subnets.end() || !subnet->second.own_table) return done(action, set_of("routeTableSet", {}));
      route = subnet->second.route;
    } else if (filter(form, "association.main").empty()) {
      return refuse(400, "InvalidParameterValue", "which table?");
    }
    std::vector<std::string> routes{tag("destinationCidrBlock", "172.31.0.0/16") + tag("gatewayId", "local") +
                                    tag("state", "active")};
    if (!route.empty())
      routes.push_back(tag("destinationCidrBlock", "0.0.0.0/0") +
                       tag(route.substr(0, 4) == "nat-" ? "natGatewayId" : "gatewayId", route) +
                       tag("state", "active"));
    return done(action, set_of("routeTableSet", {tag("vpcId", "vpc-1") + set_of("routeSet", routes)}));
  }
  if (action == "DescribeSecurityGroups") {
    std::vector<std::string> items;
    for (std::string const& group : groups)
      if (group.substr(0, region.size() + 1) == region + "/" &&
          among(filter(form, "group-name"), group.substr(region.size() + 1)))
        items.push_back(
            tag("groupId", "sg-" + group.substr(region.size() + 1)) + tag("vpcId", "vpc-1") +
            set_of("ipPermissions", open_groups.count(group) == 0
                                        ? std::vector<std::string>{}
                                        : std::vector<std::string>{tag("ipProtocol", "tcp") + tag("fromPort", "22") +
                                                                   tag("toPort", "22") +
                                                                   set_of("ipRanges", {tag("cidrIp", "0.0.0.0/0")})}));
    if (among(filter(form, "group-id"), "sg-mine") && !filter(form, "group-id").empty())
      items.push_back(tag("groupId", "sg-mine") + tag("vpcId", "vpc-1"));
    return done(action, set_of("securityGroupInfo", items));
  }
  if (action == "CreateSecurityGroup") {
    if (!groups.insert(region + "/" + field("GroupName")).second)
      return refuse(400, "InvalidGroup.Duplicate", "The security group already exists");
    return done(action, tag("groupId", "sg-" + field("GroupName")));
  }
  if (action == "AuthorizeSecurityGroupIngress") {
    if (!open_groups.insert(region + "/" + field("GroupId").substr(3)).second)
      return refuse(400, "InvalidPermission.Duplicate", "the specified rule already exists");
    return done(action, tag("return", "true"));
  }
  if (action == "DeleteSecurityGroup") {
    groups.erase(region + "/" + field("GroupId").substr(3));
    open_groups.erase(region + "/" + field("GroupId").substr(3));
    return done(action, tag("return", "true"));
  }
  if (action == "DescribeInstanceTypeOfferings") {
    std::vector<std::string> items;
    for (std::string_view type : kTypes) {
      if (!among(filter(form, "instance-type"), std::string(type))) continue;
      if (auto const only = only_in.find(std::string(type)); only != only_in.end() && only->second.count(region) == 0)
        continue;
      if (field("LocationType") == "region")
        items.push_back(tag("instanceType", std::string(type)) + tag("location", region));
      else
        for (char letter : {'c', 'a', 'b'})
          items.push_back(tag("instanceType", std::string(type)) + tag("location", region + letter));
    }
    return done(action, set_of("instanceTypeOfferingSet", items));
  }
  if (action == "DescribeImages") {
    std::string const architecture = filter(form, "architecture").empty() ? "x86_64" : filter(form, "architecture")[0];
    if (!filter(form, "name").empty() && contains(filter(form, "name")[0], "missing"))
      return done(action, set_of("imagesSet", {}));
    auto const disk = [&](std::string const& device, int size) {
      return tag("deviceName", device) + "<ebs>" + tag("volumeSize", std::to_string(size)) + "</ebs>";
    };
    return done(
        action,
        set_of("imagesSet", {tag("imageId", "ami-old") + tag("creationDate", "2025-01-01T00:00:00.000Z") +
                                 tag("rootDeviceName", "/dev/xvda"),
                             tag("imageId", "ami-1") + tag("creationDate", "2026-01-01T00:00:00.000Z") +
                                 tag("rootDeviceName", "/dev/sda1") + tag("architecture", architecture) +
                                 set_of("blockDeviceMapping", {disk("/dev/sdb", 900), disk("/dev/sda1", image_gb)})}));
  }
  if (action == "DescribeSpotPriceHistory") {
    std::vector<std::string> items;
    for (char letter : {'a', 'b', 'c'})
      items.push_back(tag("instanceType", field("InstanceType.1")) + tag("availabilityZone", region + letter) +
                      tag("spotPrice", letter == 'b' ? "0.1100" : "0.2000"));
    return done(action, set_of("spotPriceHistorySet", items));
  }
  if (action == "ImportKeyPair") {
    if (key_pairs.count(field("KeyName")) > 0) return refuse(400, "InvalidKeyPair.Duplicate", "exists");
    key_pairs[field("KeyName")] = tags_of(form);
    return done(action, tag("keyName", field("KeyName")));
  }
  if (action == "DescribeKeyPairs") {
    std::vector<std::string> items;
    if (region == "us-west-1")
      for (auto const& [name, tags] : key_pairs)
        if (tags.count("cml-id") > 0) items.push_back(tag("keyName", name));
    return done(action, set_of("keySet", items));
  }
  if (action == "DeleteKeyPair") {
    key_pairs.erase(field("KeyName"));
    return done(action, tag("return", "true"));
  }
  if (action == "RunInstances") {
    if (throttle > 0 && throttle-- > 0) return refuse(503, "RequestLimitExceeded", "Request limit exceeded.");
    bool const card = !field("NetworkInterface.1.DeviceIndex").empty();
    if (card && (!field("SubnetId").empty() || !field("SecurityGroupId.1").empty()))
      return refuse(400, "InvalidParameterCombination",
                    "Network interfaces and an instance-level subnet ID may not be specified on the same request");
    std::string const subnet_id = field(card ? "NetworkInterface.1.SubnetId" : "SubnetId"),
                      group = field(card ? "NetworkInterface.1.SecurityGroupId.1" : "SecurityGroupId.1");
    auto const subnet = subnets.find(subnet_id);
    if (subnet == subnets.end()) return refuse(400, "InvalidSubnetID.NotFound", "The subnet ID does not exist");
    if (group != "sg-mine" && groups.count(region + "/" + group.substr(std::min<std::size_t>(3, group.size()))) == 0)
      return refuse(400, "InvalidGroup.NotFound", "The security group '" + group + "' does not exist");
    if (!field("KeyName").empty() && key_pairs.count(field("KeyName")) == 0)
      return refuse(400, "InvalidKeyPair.NotFound", "The key pair does not exist");
    if (base64_decode(field("UserData")).value_or("").size() > kMostUserData)
      return refuse(400, "InvalidParameterValue", "User data is limited to 16384 bytes");
    if (auto const size = parse_integer(field("BlockDeviceMapping.1.Ebs.VolumeSize")); size.value_or(0) < image_gb)
      return refuse(400, "InvalidBlockDeviceMapping",
                    "Volume of size " + std::to_string(size.value_or(0)) +
                        "GB is smaller than snapshot 'snap-1', expect size >= " + std::to_string(image_gb) + "GB");
    FakeInstance instance;
    instance.region = region;
    instance.zone = region + subnet->second.zone;
    std::string const route = subnet->second.own_table ? subnet->second.route : "igw-1";
    bool const address =
        card ? field("NetworkInterface.1.AssociatePublicIpAddress") == "true" : subnet->second.gives_addresses;
    instance.reaches_out = route.substr(0, 4) == "igw-" ? address : !route.empty();
    if (clock) instance.made = clock();
    instance.type = field("InstanceType");
    instance.spot = field("InstanceMarketOptions.MarketType") == "spot";
    instance.token = field("ClientToken");
    instance.parameters = form;
    instance.tags = tags_of(form);
    instance.launched = now ? now() : "2026-01-01T00:00:00.000Z";
    for (FakeInstance const& one : instances)
      if (one.token == instance.token) return done(action, set_of("instancesSet", {instance_xml(one)}));
    if (full_zones.count(instance.zone) > 0 || (no_spot && instance.spot))
      return refuse(500, "InsufficientInstanceCapacity",
                    "We currently do not have sufficient capacity in the Availability Zone you requested (" +
                        instance.zone + ")");
    instance.id = "i-" + std::to_string(instances.size() + 1);
    instances.push_back(instance);
    if (lose_answers > 0 && lose_answers-- > 0)
      return Error{ErrorKind::Network, "POST " + host + ": the server broke off"};
    if (on_start && instance.reaches_out) on_start(instance);
    return done(action, set_of("instancesSet", {instance_xml(instance)}));
  }
  if (action == "DescribeInstances") {
    std::vector<std::string> reservations;
    std::string const asked = field("InstanceId.1");
    if (!asked.empty() && !knows(region, asked))
      return refuse(400, "InvalidInstanceID.NotFound", "The instance ID '" + asked + "' does not exist");
    for (FakeInstance const& instance : instances) {
      if (instance.region != region || (!asked.empty() && asked != instance.id)) continue;
      if (asked.empty() && clock && clock() < instance.made + tags_lag) continue;
      if (!among(filter(form, "instance-state-name"), instance.state)) continue;
      auto const id = instance.tags.find("cml-id");
      if (!filter(form, "tag-key").empty() && id == instance.tags.end()) continue;
      if (!among(filter(form, "tag:cml-id"), id == instance.tags.end() ? "" : id->second)) continue;
      reservations.push_back(set_of("instancesSet", {instance_xml(instance)}));
    }
    return done(action, set_of("reservationSet", reservations));
  }
  if (action == "TerminateInstances") {
    for (int i = 1; i < 100 && !field("InstanceId." + std::to_string(i)).empty(); ++i) {
      std::string const id = field("InstanceId." + std::to_string(i));
      if (!knows(region, id))
        return refuse(400, "InvalidInstanceID.NotFound", "The instance ID '" + id + "' does not exist");
      for (FakeInstance& instance : instances)
        if (instance.id == id) instance.state = "terminated";
    }
    return done(action, "");
  }
  if (action == "GetConsoleOutput")
    return done(action, tag("output", "Y21sOiB0aGUgYm9vdCBmYWlsZWQ="));  // "cml: the boot failed"
  return refuse(400, "InvalidAction", "The action " + action + " is not valid for this web service.");
}

Ec2Server::Ec2Server()
    : server([this](ServerRequest const& request) {
        std::lock_guard<std::mutex> const lock(mutex);
        std::string const authorization = request.header("authorization");
        auto const parts = split(authorization.substr(authorization.find("Credential=") + 11), '/');
        HttpRequest copy{
            .method = request.method, .url = "https://ec2." + parts[2] + ".amazonaws.com/", .body = request.body};
        copy.sigv4 = "aws:amz:" + parts[2] + ":ec2";
        copy.credential = Secret(parts[0] + ":SECRET");
        auto const result = ec2.handle(copy);
        return ServerResponse{result->status, result->body, {}};
      }) {}

std::map<std::string, std::string> Ec2Server::variables(std::map<std::string, std::string> more) const {
  more.insert({{"AWS_ACCESS_KEY_ID", "ID"}, {"AWS_SECRET_ACCESS_KEY", "SECRET"}, {"AWS_ENDPOINT_URL", server.url()}});
  return more;
}

std::string boot_script_of(FakeInstance const& instance) {
  std::string const data = base64_decode(instance.parameters.at("UserData")).value_or("");
  if (data.substr(0, 2) != "\x1f\x8b") return data;
  std::string text(1u << 20, '\0');
  auto* const unpacking = libdeflate_alloc_decompressor();
  std::size_t size = 0;
  auto const done = libdeflate_gzip_decompress(unpacking, data.data(), data.size(), text.data(), text.size(), &size);
  libdeflate_free_decompressor(unpacking);
  text.resize(done == LIBDEFLATE_SUCCESS ? size : 0);
  return text;
}

}  // namespace cml::test
