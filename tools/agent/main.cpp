// cml-agent: what a machine made by "cml runner launch --cloud" runs where the forge's own agent needs company (Gitea,
// Jenkins). A small part of cml: runner, forge and platform rooms; no pictures, no reports, no clouds.
#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/embedded.hpp"
#include "base/exit_code.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/repository.hpp"
#include "platform/curl_http.hpp"
#include "platform/disk_file_system.hpp"
#include "platform/first_process.hpp"
#include "platform/forked_worker.hpp"
#include "platform/group_supervisor.hpp"
#include "platform/inotify_watcher.hpp"
#include "platform/loopback_page_server.hpp"
#include "platform/retrying_http.hpp"
#include "platform/spawned_process.hpp"
#include "platform/system_ports.hpp"
#include "platform/terminal_console.hpp"
#include "runner/machine_words.hpp"

namespace cml {
// A machine's own authorities must do: its boot script has used them before.
std::vector<EmbeddedFile> const& embedded_authorities() {
  static std::vector<EmbeddedFile> const none{{"none", ""}};
  return none;
}
}  // namespace cml

namespace {

// A machine asks its forge and its cloud by what it was given; it signs nothing.
class AbsentSigner : public cml::Signer {
 public:
  cml::Result<std::string> rs256(cml::Secret const&, std::string_view) override {
    return cml::Error{cml::ErrorKind::Unsupported, "cml-agent signs nothing"};
  }
};

cml::Result<cml::Repository> repository_of(cml::runner::MachineTask const& task) {
  if (task.driver != "jenkins") return cml::parse_repository(task.repository_url, "");
  auto const url = cml::parse_url(task.repository_url);  // A server, which may have a path of its own.
  if (!url)
    return cml::Error{cml::ErrorKind::Usage, "--repo is not an address: " + cml::one_line(task.repository_url, 100)};
  return cml::Repository{url->scheme, url->authority(), std::string(cml::trim(url->path))};
}

cml::Status serve(std::vector<std::string> const& words, cml::Ports const& ports) {
  CML_TRY(task, cml::runner::task_of(words));
  CML_TRY(repository, repository_of(task));
  cml::runner::AgentSetup const setup{repository, task.api_url, {}, &ports.http, &ports.clock};
  // The others' agents do without us, and are not in here.
  if (task.driver != "gitea" && task.driver != "jenkins")
    return cml::Error{cml::ErrorKind::Unsupported,
                      "cml-agent is for gitea and jenkins, not for " + cml::one_line(task.driver, 40)};
  auto const forge =
      task.driver == "gitea" ? cml::runner::make_gitea_agent(setup) : cml::runner::make_jenkins_agent(setup);
  return cml::runner::launch_here(ports, *forge, task.launch, false);
}

}  // namespace

int main(int argc, char** argv) {
  cml::start_under_reaper();
  std::vector<std::string> const words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"--version"}) {
    std::puts(CML_VERSION);
    return 0;
  }
#ifndef CML_SANITIZED  // Its leak checker has to look at us.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
  cml::TerminalConsole console;
  try {
    cml::SystemEnvironment environment;
    cml::SystemClock clock;
    cml::SystemRandom random;
    cml::DiskFileSystem files;
    cml::SpawnedProcess process;
    cml::CurlHttp curl(environment, "cml-agent/" CML_VERSION, {},
                       [&](std::string const& line) { console.log(cml::LogLevel::Warn, line); });
    cml::RetryingHttp http(curl, clock, random,
                           [&](std::string const& line) { console.log(cml::LogLevel::Info, line); });
    cml::InotifyWatcher watcher;
    cml::LoopbackPageServer pages;
    cml::GroupSupervisor supervisor;
    AbsentSigner signer;
    cml::ForkedWorkers workers;
    auto const status = serve(words, {http, clock, files, process, environment, random, console, watcher, pages,
                                      supervisor, signer, workers});
    if (status) return 0;
    console.log(cml::LogLevel::Error, status.error().message);
    return cml::exit_code(status.error().kind);
  } catch (std::exception const& error) {
    console.log(cml::LogLevel::Error, std::string("internal error: ") + error.what() + "; please report it");
    return cml::exit_code(cml::ErrorKind::Bug);
  }
}
