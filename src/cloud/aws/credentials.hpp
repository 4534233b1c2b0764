// Keys for AWS, found where its own tools look: variables, web identity, OIDC of the CI, profile, container, instance.
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud::aws {

struct Keys {
  Secret pair;     // "ID:SECRET"
  Secret session;  // Empty for long-lived keys.
  std::string source;
  std::optional<Time> expires;
};
// Unauthorized, naming everything that was looked at.
Result<Keys> find_keys(CloudSetup const&, std::string const& region);
// Profile's region, AWS_REGION, AWS_DEFAULT_REGION; may be empty.
std::string default_region(CloudSetup const&);
// AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL or "https://ec2.REGION.amazonaws.com".
std::string endpoint_of(CloudSetup const&, std::string const& service, std::string const& region);

}  // namespace cml::cloud::aws
