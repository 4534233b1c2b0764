#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace cml {

struct ProcessRequest {
  std::vector<std::string> arguments;                            // arguments[0] is looked up in PATH; never a shell.
  std::filesystem::path directory;                               // Empty: the current one.
  std::vector<std::pair<std::string, std::string>> environment;  // Added to the inherited one.
  std::string input;
  std::chrono::seconds timeout{600};
  bool without_secrets = false;  // Variables that hold credentials by their names are not inherited.
};

struct ProcessResult {
  int exit_code = 0;  // 128 + signal when killed.
  std::string out;
  std::string err;
};

class Process {
 public:
  virtual ~Process() = default;
  // An Error (NotFound) means the program could not be started; a non-zero exit is a result.
  virtual Result<ProcessResult> run(ProcessRequest const&) = 0;
};

}  // namespace cml
