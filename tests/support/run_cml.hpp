// Runs the real binary (environment CML_BINARY) with an environment of its own.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cml::test {

struct CmlRun {
  int exit_code = 0;
  std::string out, err;
};

// The environment starts from PATH, HOME and nothing else, so that the machine's own CI does not show through.
CmlRun run_cml(std::vector<std::string> arguments, std::filesystem::path const& folder, std::string input = "",
               std::map<std::string, std::string> environment = {}, std::string program_name = "cml");

}  // namespace cml::test
