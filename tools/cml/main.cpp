// Wires the real ports, runs the program, and turns an error into one line and an exit code. Nothing else.
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "app/program.hpp"
#include "app/result.hpp"
#include "base/exit_code.hpp"
#include "base/secret.hpp"
#include "base/secret_names.hpp"
#include "base/text.hpp"
#include "platform/crypto_signer.hpp"
#include "platform/curl_http.hpp"
#include "platform/disk_file_system.hpp"
#include "platform/first_process.hpp"
#include "platform/forked_worker.hpp"
#include "platform/git_authorities.hpp"
#include "platform/group_supervisor.hpp"
#include "platform/inotify_watcher.hpp"
#include "platform/loopback_page_server.hpp"
#include "platform/retrying_http.hpp"
#include "platform/spawned_process.hpp"
#include "platform/system_ports.hpp"
#include "platform/terminal_console.hpp"

namespace {

// The values of variables that are called tokens, unless they are short words or say where one is found.
constexpr std::size_t kShortestToken = 8;
bool names_a_place(std::string const& value) {
  return value.starts_with("/") || value.find("://") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  cml::start_under_reaper();
  std::vector<std::string> const words(argv, argv + argc);
  cml::hide_credentials(argc, argv);
  ::signal(SIGXFSZ, SIG_IGN);   // A file beyond the limit of its size is an error of writing, not our end.
#ifndef CML_SANITIZED           // Its leak checker has to look at us.
  ::prctl(PR_SET_DUMPABLE, 0);  // Neither a core file nor another process of this user shows our tokens.
#endif
  cml::TerminalConsole console;
  try {
    cml::SystemEnvironment environment;
    cml::SystemClock clock;
    cml::SystemRandom random;
    cml::DiskFileSystem files;
    cml::SpawnedProcess process;
    cml::CurlHttp curl(environment, "cml/" + std::string(cml::version()), {},
                       [&](std::string const& line) { console.log(cml::LogLevel::Warn, line); });
    cml::GitAuthorities trusting(curl, process, [&](std::string file, std::string named_by) {
      curl.trust(std::move(file), std::move(named_by));
    });
    cml::RetryingHttp http(trusting, clock, random,
                           [&](std::string const& line) { console.log(cml::LogLevel::Info, line); });
    cml::InotifyWatcher watcher;
    cml::LoopbackPageServer pages;
    cml::GroupSupervisor supervisor;
    cml::CryptoSigner signer;
    cml::ForkedWorkers workers;
    for (auto const& [name, value] : environment.all())
      if (cml::is_secret_name(name) && value.size() >= kShortestToken && !names_a_place(value))
        cml::remember_secret(value);
    cml::Context context{
        {http, clock, files, process, environment, random, console, watcher, pages, supervisor, signer, workers}};
    auto const status = cml::run_program(words, context);
    if (status) return 0;
    console.log(cml::LogLevel::Error, status.error().message);
    // Under --json there is always a line to parse; a result that is out already is that line.
    bool const json = context.options.json ||
                      std::find(argv + 1, argv + argc, std::string_view("--json")) != argv + argc ||
                      cml::parse_boolean(environment.get("CML_JSON").value_or("")).value_or(false);
    if (json && !console.has_result())
      (void)console.out(cml::error_in_json(status.error(), cml::exit_code(status.error().kind)));
    return cml::exit_code(status.error().kind);
  } catch (std::exception const& error) {
    console.log(cml::LogLevel::Error, std::string("internal error: ") + error.what() + "; please report it");
    return cml::exit_code(cml::ErrorKind::Bug);
  }
}
