// What is sent to Azure, as pure functions: a network that lets nothing in, a machine, and the script that ends it.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "cloud/cloud.hpp"

namespace cml::cloud::azure {

constexpr long long kDisk = 35;  // GB, where none are asked for; as CML's.

struct Attempt {
  std::string region, type;
  bool spot = false;
  nlohmann::json image;          // An imageReference.
  bool encrypt_at_host = false;  // The size and the subscription allow it.
  std::string describe() const;
};

nlohmann::json tags_of(MachineWanted const&);
nlohmann::json group_body(MachineWanted const&, std::string const& region);
// Only port 22, and only for those who hold the key.
nlohmann::json security_body(MachineWanted const&, std::string const& region);
nlohmann::json network_body(MachineWanted const&, std::string const& region, std::string const& security_id);
// The network card, its address and the disk belong to the machine and go with it.
nlohmann::json machine_body(MachineWanted const&, Attempt const&, std::string const& subnet_id,
                            std::string const& security_id, std::string const& script);
// "PUBLISHER:OFFER:SKU:VERSION" or the id of an image of one's own.
Result<nlohmann::json> image_reference(std::string const& given);

// `script` with, after its first line, a service that deletes `group_url` when the power goes, as the identity with
// this id.
std::string with_ending(std::string const& script, std::string const& manager, std::string const& group_url,
                        std::string const& identity);

}  // namespace cml::cloud::azure
