// What EC2 says of places and machines: regions, zones, architectures, and a machine out of its description.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/aws/query.hpp"
#include "cloud/aws/xml.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud::aws {

struct Place {
  std::string region, zone;  // Zone empty: any.
};
Place place_of(std::string const& given);
// For the hint about a mistyped region; a region that is not here yet is looked up at AWS.
std::span<std::string_view const> known_regions();
// "x86_64" or "arm64", from the family's letters: "m6g", "c7gn" and "t4g" are ARM.
std::string architecture_of(std::string const& type);
// The tags that a launch sets, for each kind of resource: by them its machines are found again.
void add_tags(Pairs& parameters, MachineWanted const& wanted, std::vector<std::string> const& resources);
// From an element of instancesSet, by the tags that a launch sets.
Machine machine_from(Xml const& instance, std::string const& region);

}  // namespace cml::cloud::aws
