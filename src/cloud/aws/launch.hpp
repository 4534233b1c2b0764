// What the steps of one plan on EC2 share, and what is looked up for it before anything is made.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cloud/aws/places.hpp"
#include "cloud/aws/query.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud::aws {

struct Subnet {
  std::string id, zone;
  bool give_address = false;  // It leads to the internet, but gives its machines no public address of itself.
};
struct Attempt {
  std::string type;
  Subnet subnet;
  bool spot = false;
  double price = 0;  // Dollars an hour; 0: not known.
  std::string describe() const { return type + (spot ? " as spot" : "") + " in " + subnet.zone; }
};
struct Image {
  std::string id, root_device;
  long long disk_gb = 0;  // Of its snapshot: no disk of it can be smaller.
};

struct Launch {
  MachineWanted wanted;
  std::shared_ptr<Machine> machine;
  std::map<std::string, Image> images;  // By architecture.
  std::vector<Subnet> subnets;
  std::vector<Attempt> attempts;
  std::string vpc, group, group_name, user_data;
  bool group_made = false, port_closed = false;  // The group for SSH is there, its rule is not.
  bool unsure = false;                           // A RunInstances broke off: there may be a machine.
};

// A client of another region.
using Elsewhere = std::function<Result<std::shared_ptr<Query>>(std::string const& region)>;

// The VPC, its security group if there is one, and the subnets that may be used.
Status find_network(Query const&, Notify const&, Launch&);
// Every type in every zone that offers it and has a subnet, in the order to try.
Status find_attempts(Query const&, Place const&, Notify const&, Time now, Elsewhere const&, Launch&);
Status find_image(Query const&, std::string const& architecture, Launch&);
// Of the machine: as large as was asked for, else with room beside what the image holds.
long long disk_of(Launch const&, Image const&);

}  // namespace cml::cloud::aws
