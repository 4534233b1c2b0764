#include "support/fake_ec2.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

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

constexpr std::string_view kTypes[] = {"m5.2xlarge", "m5.8xlarge", "t2.micro", "g4dn.xlarge", "p2.xlarge", "c7g.large"};

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
  if (action == deny || region == closed_region)
    return refuse(403, "UnauthorizedOperation", "You are not authorized to perform this operation: ec2:" + action);
  if (action == "DescribeRegions")
    return done(action, set_of("regionInfo", {tag("regionName", "us-west-1"), tag("regionName", "eu-west-1")}));
  if (action == "DescribeVpcs")
    return done(action,
                set_of("vpcSet", {tag("vpcId", "vpc-other"), tag("vpcId", "vpc-1") + tag("isDefault", "true")}));
  if (action == "DescribeSubnets") {
    std::vector<std::string> items;
    for (char letter : {'a', 'b', 'c'})
      items.push_back(tag("subnetId", std::string("subnet-") + letter) + tag("vpcId", "vpc-1") +
                      tag("availabilityZone", region + letter) + tag("mapPublicIpOnLaunch", "true") +
                      tag("availableIpAddressCount", "250"));
    return done(action, set_of("subnetSet", items));
  }
  if (action == "DescribeSecurityGroups") {
    std::vector<std::string> items;
    for (std::string const& group : groups)
      if (group.substr(0, region.size() + 1) == region + "/" &&
          among(filter(form, "group-name"), group.substr(region.size() + 1)))
        items.push_back(tag("groupId", "sg-" + group.substr(region.size() + 1)) + tag("vpcId", "vpc-1"));
    if (among(filter(form, "group-id"), "sg-mine") && !filter(form, "group-id").empty())
      items.push_back(tag("groupId", "sg-mine") + tag("vpcId", "vpc-1"));
    return done(action, set_of("securityGroupInfo", items));
  }
  if (action == "CreateSecurityGroup") {
    if (!groups.insert(region + "/" + field("GroupName")).second)
      return refuse(400, "InvalidGroup.Duplicate", "The security group already exists");
    return done(action, tag("groupId", "sg-" + field("GroupName")));
  }
  if (action == "AuthorizeSecurityGroupIngress") return done(action, tag("return", "true"));
  if (action == "DeleteSecurityGroup") {
    groups.erase(region + "/" + field("GroupId").substr(3));
    return done(action, tag("return", "true"));
  }
  if (action == "DescribeInstanceTypeOfferings") {
    std::vector<std::string> items;
    for (std::string_view type : kTypes) {
      if (!among(filter(form, "instance-type"), std::string(type))) continue;
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
    return done(action,
                set_of("imagesSet", {tag("imageId", "ami-old") + tag("creationDate", "2025-01-01T00:00:00.000Z") +
                                         tag("rootDeviceName", "/dev/xvda"),
                                     tag("imageId", "ami-1") + tag("creationDate", "2026-01-01T00:00:00.000Z") +
                                         tag("rootDeviceName", "/dev/sda1") + tag("architecture", architecture)}));
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
    FakeInstance instance;
    instance.region = region;
    instance.zone = region + field("SubnetId").substr(7);
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
    if (on_start) on_start(instance);
    return done(action, set_of("instancesSet", {instance_xml(instance)}));
  }
  if (action == "DescribeInstances") {
    std::vector<std::string> reservations;
    for (FakeInstance const& instance : instances) {
      if (instance.region != region || (!field("InstanceId.1").empty() && field("InstanceId.1") != instance.id))
        continue;
      if (!among(filter(form, "instance-state-name"), instance.state)) continue;
      auto const id = instance.tags.find("cml-id");
      if (!filter(form, "tag-key").empty() && id == instance.tags.end()) continue;
      if (!among(filter(form, "tag:cml-id"), id == instance.tags.end() ? "" : id->second)) continue;
      reservations.push_back(set_of("instancesSet", {instance_xml(instance)}));
    }
    return done(action, set_of("reservationSet", reservations));
  }
  if (action == "TerminateInstances") {
    for (FakeInstance& instance : instances)
      if (instance.id == field("InstanceId.1")) instance.state = "terminated";
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

}  // namespace cml::test
