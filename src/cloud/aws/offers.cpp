// Which machines there are to be had: types by zone, spot prices, and who else has what a region lacks.
#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cloud/aws/launch.hpp"
#include "cloud/catalogue.hpp"

namespace cml::cloud::aws {
namespace {

std::string joined(std::vector<std::string> const& parts) {
  std::string text;
  for (std::string const& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

Result<std::vector<std::string>> offered(Query const& ec2, std::string const& type, bool by_zone) {
  Pairs parameters{{"LocationType", by_zone ? "availability-zone" : "region"}};
  if (!type.empty())
    parameters.insert(parameters.end(), {{"Filter.1.Name", "instance-type"}, {"Filter.1.Value.1", type}});
  CML_TRY(answer, ec2.call("DescribeInstanceTypeOfferings", parameters));
  std::vector<std::string> found;
  for (Xml const* offer : answer.items("instanceTypeOfferingSet"))
    found.push_back(offer->at(by_zone ? "location" : "instanceType"));
  std::sort(found.begin(), found.end());
  return found;
}

// "g" of "g5.xlarge": a type of another family is no near one, whatever its letters.
std::string family(std::string_view type) { return std::string(type.substr(0, type.find_first_of("0123456789"))); }

// Regions of this account that have the type. Those that do not answer are left out: this only helps.
std::vector<std::string> regions_with(Query const& ec2, std::string const& type, Elsewhere const& elsewhere) {
  std::vector<std::string> found;
  auto const regions = ec2.call("DescribeRegions", {});
  if (!regions) return found;
  for (Xml const* one : regions.value().items("regionInfo")) {
    std::string const region = one->at("regionName");
    if (region == ec2.region()) continue;
    auto const there = elsewhere(region);
    if (!there) continue;
    auto const offers = offered(**there, type, false);
    if (offers && !offers->empty()) found.push_back(region);
  }
  return found;
}

Error not_offered(Query const& ec2, std::string const& type, Elsewhere const& elsewhere) {
  std::string const what = "AWS offers no machine type \"" + one_line(type, 40) + "\" in " + ec2.region();
  if (auto const regions = regions_with(ec2, type, elsewhere); !regions.empty())
    return {ErrorKind::TooLarge, what + "; there is one in " + joined(regions) + ": give --cloud-region"};
  if (auto const why = retired("aws", type); !why.empty()) return {ErrorKind::BadInput, what + "; " + why};
  std::vector<std::string> kin;
  if (auto const all = offered(ec2, "", false))
    std::copy_if(all->begin(), all->end(), std::back_inserter(kin),
                 [&](std::string const& one) { return family(one) == family(type); });
  std::string near(nearest(type, {kin.begin(), kin.end()}));
  if (near.empty() && kin.size() <= 10) near = joined(kin);
  return {ErrorKind::BadInput, what + (near.empty() ? "; see --cloud-type" : "; did you mean " + near + "?")};
}

// The market's prices now, the cheapest zone of a type first. Without them (not permitted) the order stays.
void add_prices(Query const& ec2, std::vector<std::string> const& types, Notify const& notify, Time now,
                std::vector<Attempt>& attempts) {
  Pairs parameters{{"ProductDescription.1", "Linux/UNIX"}, {"StartTime", iso_time(now)}};
  for (std::size_t i = 0; i < types.size(); ++i)
    parameters.emplace_back("InstanceType." + std::to_string(i + 1), types[i]);
  auto const answer = ec2.call("DescribeSpotPriceHistory", parameters);
  if (!answer) return notify("no spot prices: " + answer.error().message);
  for (Xml const* row : answer.value().items("spotPriceHistorySet")) {
    double const price = std::atof(row->at("spotPrice").c_str());
    for (Attempt& attempt : attempts)
      if (attempt.type == row->at("instanceType") && attempt.subnet.zone == row->at("availabilityZone") &&
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

}  // namespace

Status find_attempts(Query const& ec2, Place const& place, Notify const& notify, Time now, Elsewhere const& elsewhere,
                     Launch& launch) {
  MachineWanted const& wanted = launch.wanted;
  std::map<std::string, Subnet> subnets;  // By zone.
  for (Subnet const& subnet : launch.subnets) subnets.emplace(subnet.zone, subnet);
  std::vector<std::string> types, missing;
  for (std::string const& given : wanted.types) {
    CML_TRY(type, native_type("aws", given, wanted.gpu));
    if (!type.told.empty()) notify(type.machine + " has " + type.told);
    types.push_back(type.machine);
  }
  std::vector<Attempt> found;
  for (std::string const& type : types) {
    CML_TRY(zones, offered(ec2, type, true));
    if (zones.empty()) missing.push_back(type);
    for (std::string const& zone : zones) {
      auto const subnet = subnets.find(zone);
      if (subnet == subnets.end() || (!place.zone.empty() && zone != place.zone)) continue;
      found.push_back({type, subnet->second, wanted.spot, 0});
    }
  }
  if (missing.size() == types.size()) return not_offered(ec2, types.front(), elsewhere);
  for (std::string const& type : missing) notify(type + " is left out: " + ec2.region() + " has none");
  if (found.empty())
    return Error{ErrorKind::TooLarge, "no zone of " + (place.zone.empty() ? place.region : place.zone) +
                                          " with a usable subnet offers " + joined(types)};
  if (wanted.spot) add_prices(ec2, types, notify, now, found);
  launch.attempts = found;
  if (wanted.spot && wanted.spot_fallback)
    for (Attempt attempt : found) {
      attempt.spot = false;
      attempt.price = 0;  // The market's price is none of a machine on demand.
      launch.attempts.push_back(attempt);
    }
  return ok();
}

}  // namespace cml::cloud::aws
