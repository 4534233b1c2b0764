// A machine that takes itself away when it powers off, where the cloud would go on billing what is only powered off.
#pragma once

#include <string>

namespace cml::cloud {

struct Ending {
  std::string token_header,
      token_url;  // The metadata service's, which answers with {"access_token": ...} of the machine's own identity.
  std::string delete_url;  // What is deleted with that token.
};
// The boot script with a service put before everything else that does so at a power-off, and not at a restart.
std::string with_ending(std::string const& script, Ending const&);

}  // namespace cml::cloud
