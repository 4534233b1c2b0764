#include "support/child_process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace cml::test {
namespace {

// The port bound or connected to; -1 when that fails.
int socket_on(int port, bool connect_to) {
  int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int const failed = connect_to ? ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), length)
                                : ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length);
  if (failed == 0 && !connect_to) ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(descriptor);
  return failed == 0 ? ntohs(address.sin_port) : -1;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, std::vector<std::string> const& variables) {
  std::vector<std::string> lines;
  for (char** entry = environ; *entry != nullptr; ++entry) lines.emplace_back(*entry);
  lines.insert(lines.begin(), variables.begin(), variables.end());  // The first one of a name counts.
  auto const pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  std::string const program = arguments.front();
  if (::posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers(arguments).data(), pointers(lines).data()) ==
      0)
    process_ = child;
  posix_spawn_file_actions_destroy(&actions);
}

ChildProcess::~ChildProcess() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool ChildProcess::ended(int* exit_code) {
  int status = 0;
  if (process_ <= 0 || ::waitpid(process_, &status, WNOHANG) != process_) return false;
  process_ = -1;
  *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int free_port() { return socket_on(0, false); }

bool wait_until_listening(int port) {
  for (int i = 0; i < 600; ++i) {
    if (socket_on(port, true) == port) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace cml::test
