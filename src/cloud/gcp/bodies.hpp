// What Compute Engine is sent for a machine.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "cloud/catalogue.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud::gcp {

// Machines bear this tag of the network, and the second one where a key lets in.
constexpr char const *kTag = "cml-runner", *kSshRule = "cml-runner-ssh";

struct Image {
  std::string link;
  long long disk_gb = 0;  // No disk of it can be smaller.
  bool arm = false;
};
struct Attempt {
  std::string zone;
  NativeType type;
  bool spot = false;
  Image image;
  std::string describe() const;
};

// In GB: what was asked for, else with room beside what the image holds.
long long disk_of(MachineWanted const&, Image const&);
nlohmann::json machine_body(MachineWanted const&, Attempt const&, std::string const& script);

}  // namespace cml::cloud::gcp
