#include "platform/first_process.hpp"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/secret_names.hpp"

namespace cml {
namespace {

constexpr int kHandedOn[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};
constexpr std::string_view kTokenOption = "--token";

// Waits for signals and children until `child` has ended.
[[noreturn]] void reap_until(pid_t child, sigset_t const& awaited) {
  while (true) {
    int number = 0;
    if (::sigwait(&awaited, &number) != 0) continue;
    if (number != SIGCHLD) {
      ::kill(child, number);
      continue;
    }
    int status = 0;
    for (pid_t ended = ::waitpid(-1, &status, WNOHANG); ended > 0; ended = ::waitpid(-1, &status, WNOHANG))
      if (ended == child) ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

}  // namespace

void start_under_reaper() {
  if (::getpid() != 1) return;
  sigset_t awaited, before;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  for (int number : kHandedOn) sigaddset(&awaited, number);
  ::sigprocmask(SIG_BLOCK, &awaited, &before);  // So that none is lost between here and sigwait().
  pid_t const child = ::fork();
  if (child > 0) reap_until(child, awaited);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

void hide_credentials(int argc, char** argv) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view const line(*entry), name = line.substr(0, line.find('='));
    if (name.size() == line.size() || !is_secret_name(name)) continue;
    char* const copy = ::strdup(*entry);
    if (copy == nullptr) continue;
    ::explicit_bzero(*entry, line.size());
    *entry = copy;
  }
  for (int i = 1; i < argc; ++i) {
    std::string_view const word(argv[i]);
    bool const joined = word.substr(0, kTokenOption.size() + 1) == "--token=";
    if (joined) ::memset(argv[i] + kTokenOption.size() + 1, '*', word.size() - kTokenOption.size() - 1);
    if (word == kTokenOption && i + 1 < argc) ::memset(argv[i + 1], '*', ::strlen(argv[i + 1]));
  }
}

}  // namespace cml
