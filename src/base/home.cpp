#include "base/home.hpp"

#ifndef CML_HOME
#define CML_HOME ""
#endif

namespace cml {

std::string_view home() { return CML_HOME; }

std::string_view home_repository() {
  std::string_view const url = home();
  auto const host = url.find("://");
  auto const path = host == std::string_view::npos ? host : url.find('/', host + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path + 1);
}

std::string release_url(std::string_view version, std::string_view file) {
  if (home().empty()) return "";
  return std::string(home()) + "/releases/download/v" + std::string(version) + "/" + std::string(file);
}

}  // namespace cml
