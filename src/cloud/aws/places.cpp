#include "cloud/aws/places.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cloud/catalogue.hpp"

namespace cml::cloud::aws {
namespace {

constexpr std::string_view kRegions[] = {
    "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",      "ca-central-1",   "ca-west-1",
    "mx-central-1",   "sa-east-1",      "eu-west-1",      "eu-west-2",      "eu-west-3",      "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "af-south-1",     "me-south-1",
    "me-central-1",   "il-central-1",   "ap-south-1",     "ap-south-2",     "ap-east-1",      "ap-east-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "us-gov-east-1",  "us-gov-west-1",  "cn-north-1",
    "cn-northwest-1"};

}  // namespace

std::span<std::string_view const> known_regions() { return kRegions; }

Place place_of(std::string const& given) {
  std::string const region = native_region("aws", given);
  bool const zone = region.size() > 2 && region.back() >= 'a' && region.back() <= 'z' &&
                    region[region.size() - 2] >= '0' && region[region.size() - 2] <= '9';
  return zone ? Place{region.substr(0, region.size() - 1), region} : Place{region, ""};
}

// In "g4dn" the first letter is the family.
std::string architecture_of(std::string const& type) {
  auto const digit = type.find_first_of("0123456789");
  auto const after = type.find_first_not_of("0123456789", digit);
  bool const arm = digit != std::string::npos && after != std::string::npos && type[after] == 'g';
  return arm ? "arm64" : "x86_64";
}

void add_tags(Pairs& parameters, MachineWanted const& wanted, std::vector<std::string> const& resources) {
  Pairs tags{{"Name", wanted.id},
             {"Id", wanted.id},
             {"cml-id", wanted.id},
             {"cml-repo", wanted.repository},
             {"cml-labels", wanted.labels}};
  if (wanted.max_lifetime.count() > 0) tags.emplace_back("cml-expires-at", iso_time(wanted.now + wanted.max_lifetime));
  for (auto const& pair : wanted.metadata) tags.push_back(pair);
  for (std::size_t r = 0; r < resources.size(); ++r) {
    std::string const prefix = "TagSpecification." + std::to_string(r + 1) + ".";
    parameters.emplace_back(prefix + "ResourceType", resources[r]);
    for (std::size_t t = 0; t < tags.size(); ++t) {
      parameters.emplace_back(prefix + "Tag." + std::to_string(t + 1) + ".Key", tags[t].first);
      parameters.emplace_back(prefix + "Tag." + std::to_string(t + 1) + ".Value",
                              std::string(utf8_prefix(tags[t].second, 255)));
    }
  }
}

Machine machine_from(Xml const& instance, std::string const& region) {
  Machine m;
  m.cloud = "aws";
  m.region = region;
  m.native_id = instance.at("instanceId");
  m.type = instance.at("instanceType");
  m.image = instance.at("imageId");
  m.zone = instance.at("placement/availabilityZone");
  m.address = instance.at("ipAddress").empty() ? instance.at("privateIpAddress") : instance.at("ipAddress");
  m.spot = instance.at("instanceLifecycle") == "spot";
  std::string const state = instance.at("instanceState/name");
  m.state = state == "stopping" ? "stopped" : state == "terminated" || state == "shutting-down" ? "gone" : state;
  if (auto const when = parse_iso_time(instance.at("launchTime"))) m.launched_at = *when;
  for (Xml const* tag : instance.items("tagSet")) {
    std::string const key = tag->at("key"), value = tag->at("value");
    if (key == "cml-id") m.id = value;
    if (key == "cml-repo") m.repository = value;
    if (key == "cml-labels") m.labels = value;
    if (key == "cml-expires-at")
      if (auto const when = parse_iso_time(value)) m.expires_at = *when;
  }
  return m;
}

}  // namespace cml::cloud::aws
