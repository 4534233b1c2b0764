#include "cloud/aws/user_data.hpp"

#include "cloud/packed.hpp"

namespace cml::cloud::aws {

Result<std::string> user_data(std::string const& script, std::size_t limit) {
  if (script.size() <= limit) return script;
  CML_TRY(small, packed(script));
  if (small.size() <= limit) return small;
  return Error{ErrorKind::BadInput,
               "the boot script has " + std::to_string(small.size()) + " bytes, packed, and " + std::to_string(limit) +
                   " are left in EC2's user data: let --cloud-startup-script fetch its larger part"};
}

}  // namespace cml::cloud::aws
