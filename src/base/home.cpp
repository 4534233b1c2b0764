#include "base/home.hpp"

#ifndef CML_HOME
#define CML_HOME ""
#endif

namespace cml {

std::string_view home() { return CML_HOME; }

std::string_view home_repository() {
  std::string_view url = home();
  if (url.ends_with("/-")) url.remove_suffix(2);
  auto const host = url.find("://");
  auto const path = host == std::string_view::npos ? host : url.find('/', host + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path + 1);
}

std::string release_url(std::string_view home, std::string_view version, std::string_view file) {
  if (home.empty()) return "";
  bool const gitlab = home.ends_with("/-");
  std::string url(home);
  if (version.empty())
    url += gitlab ? "/releases/permalink/latest/downloads/" : "/releases/latest/download/";
  else
    url += (gitlab ? "/releases/v" : "/releases/download/v") + std::string(version) + (gitlab ? "/downloads/" : "/");
  return url + std::string(file);
}

}  // namespace cml
