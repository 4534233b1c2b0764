// A machine that a launch has made, without the cloud: its boot script runs as root of namespaces of its own, with the
// machine's real paths around the system's programs, and systemctl does what systemd would do with our one service.
// What would touch the machine (apt-get, the power) is replaced; the network is this machine's.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace cml::test {

bool can_have_namespaces();

class MachineStage {
 public:
  explicit MachineStage(std::filesystem::path folder);
  void fake(std::string const& name, std::string const& body);                // A program in front of the system's.
  void bring(std::filesystem::path const& program, std::string const& name);  // The same, as it is.
  void put(std::string const& path, std::string const& text);
  // From the first line of the boot script until the power goes, or two minutes.
  struct End {
    int exit_code = -1;
    std::string calls, log, boot_log, errors;  // Of what is replaced, of the service, of the boot script.
    bool power_went() const;                   // Once, and last of all.
  };
  End boot(std::string const& script, std::vector<std::pair<std::string, std::string>> variables = {});

  std::filesystem::path root;

 private:
  std::filesystem::path folder_;
};

}  // namespace cml::test
