// Everything outside the process that a run may touch, as one value: whoever needs more than one or two ports takes it.
#pragma once

#include "ports/clock.hpp"
#include "ports/console.hpp"
#include "ports/environment.hpp"
#include "ports/file_system.hpp"
#include "ports/file_watcher.hpp"
#include "ports/http.hpp"
#include "ports/page_server.hpp"
#include "ports/process.hpp"
#include "ports/random.hpp"
#include "ports/signer.hpp"
#include "ports/supervisor.hpp"
#include "ports/worker.hpp"

namespace cml {

struct Ports {
  HttpClient& http;
  Clock& clock;
  FileSystem& files;
  Process& process;
  Environment& environment;
  Random& random;
  Console& console;
  FileWatcher& watcher;
  PageServer& pages;
  Supervisor& supervisor;
  Signer& signer;
  WorkerStarter& workers;

  // The same with other files: what is read through them can be recorded.
  Ports with_files(FileSystem& other) const {
    return {http, clock, other, process, environment, random, console, watcher, pages, supervisor, signer, workers};
  }
};

}  // namespace cml
