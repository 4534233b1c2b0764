// What a command may touch: the ports, and the options that every command has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "ports/clock.hpp"
#include "ports/console.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/file_watcher.hpp"
#include "ports/http.hpp"
#include "ports/mime.hpp"
#include "ports/page_server.hpp"
#include "ports/process.hpp"
#include "ports/random.hpp"
#include "ports/signer.hpp"
#include "ports/supervisor.hpp"
#include "ports/worker.hpp"

namespace cml {

struct GlobalOptions {
  std::string log = "info";
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

LogLevel level_of(std::string const& name);  // Of --log; Info for what is unknown.

struct Context {
  HttpClient& http;
  Clock& clock;
  FileSystem& files;
  Process& process;
  Environment& environment;
  Random& random;
  Console& console;
  MimeSniffer& mime;
  GlobalOptions options{};
  FileWatcher* watcher = nullptr;  // Only --watch needs these.
  PageServer* pages = nullptr;
  Supervisor* supervisor = nullptr;  // Only runner launch needs it.
  Signer* signer = nullptr;          // Only clouds need it.
  WorkerStarter* workers = nullptr;  // Null: plots of reports are drawn in this process.
  std::shared_ptr<Worker> drawing;   // The one child that draws the plots of this command, once there is one.
};

}  // namespace cml
