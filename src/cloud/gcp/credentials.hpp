// Access to Google Cloud, found where its own tools look.
#pragma once

#include <string>

#include "cloud/cloud.hpp"

namespace cml::cloud::gcp {

struct Access {
  Secret authorization;  // "Bearer ..."
  std::string project;
  std::string source;
};
// Unauthorized, naming everything that was looked at.
Result<Access> find_access(CloudSetup const&);

}  // namespace cml::cloud::gcp
