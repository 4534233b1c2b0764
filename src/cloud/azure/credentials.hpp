// Access to Azure Resource Manager, found where Azure's own libraries look.
#pragma once

#include <string>

#include "cloud/cloud.hpp"

namespace cml::cloud::azure {

struct Access {
  Secret authorization;  // "Bearer ...", for about an hour.
  std::string subscription;
  std::string manager;  // "https://management.azure.com"; other for the sovereign clouds.
  std::string source;   // For messages.
};
// Unauthorized, naming everything that was looked at; Usage when there is no subscription.
Result<Access> find_access(CloudSetup const&);

}  // namespace cml::cloud::azure
