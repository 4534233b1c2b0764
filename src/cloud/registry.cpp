#include "base/text.hpp"
#include "cloud/cloud.hpp"

namespace cml::cloud {

std::vector<CloudType> const& cloud_types() {
  static std::vector<CloudType> const types{
      {"aws", make_aws},
      {"azure", make_azure},
      {"gcp", make_gcp},
      {"kubernetes", make_kubernetes},
  };
  return types;
}

Result<std::unique_ptr<Cloud>> make_cloud(std::string_view name, CloudSetup const& setup) {
  std::string names;
  for (CloudType const& type : cloud_types()) {
    if (type.name == name) return type.make(setup);
    names += (names.empty() ? "" : ", ") + std::string(type.name);
  }
  return Error{ErrorKind::Usage, "cloud \"" + one_line(name, 40) + "\" unknown; there are " + names};
}

}  // namespace cml::cloud
