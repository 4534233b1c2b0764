// A release of the binary under test on loopback, as GitHub, Gitea and GitLab have them.
#pragma once

#include <map>
#include <string>

#include "support/http_server.hpp"

namespace cml::test {

class ReleaseServer {
 public:
  ReleaseServer();
  std::string home() const { return server_.url() + "/o/cml"; }           // For CML_HOME.
  std::string gitlab_home() const { return server_.url() + "/o/cml/-"; }  // The same, at a GitLab.

 private:
  std::map<std::string, std::string> files_;  // A program that is the binary under test, SHA256SUMS, install.sh.
  HttpServer server_;
};

}  // namespace cml::test
