// What a command may touch: the ports, and the options that every command has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/choice.hpp"
#include "base/secret.hpp"
#include "ports/ports.hpp"

namespace cml {

struct GlobalOptions {
  LogLevel log = LogLevel::Info;
  std::string driver;  // Empty: found from the repository and the CI variables.
  std::string repo;
  std::string api_url;
  Secret token;
  bool json = false;
  bool dry_run = false;
  bool insecure_http = false;
  WorkerLimits drawing;                    // Of the plots of a report.
  double plot_budget = 1;                  // Times what one drawing may take in work and data.
  std::vector<std::string> allowed_files;  // Globs of names that may hold credentials and are read all the same.
  std::vector<std::string> dvc_caches;     // Folders outside the workspace that DVC's links lead into.
};

// Table: --log.
inline constexpr Choice<LogLevel> kLogLevels[] = {
    {"error", LogLevel::Error}, {"warn", LogLevel::Warn}, {"info", LogLevel::Info}, {"debug", LogLevel::Debug}};

struct Context : Ports {
  GlobalOptions options{};
  std::shared_ptr<Worker> drawing{};  // The one child that draws the plots of this command, once there is one.
  bool printed_json = false;          // The line that --json asks for is out.
};

}  // namespace cml
