#include "platform/spawned_process.hpp"

#include "platform/child_environment.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>

namespace cml {
namespace {

constexpr std::size_t kMaxOutput = 64u << 20;

struct Pipe {
  int read_end = -1, write_end = -1;
  ~Pipe() {
    close_read();
    close_write();
  }
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  void close_read() {
    if (read_end >= 0) ::close(std::exchange(read_end, -1));
  }
  void close_write() {
    if (write_end >= 0) ::close(std::exchange(write_end, -1));
  }
};

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<ProcessResult> SpawnedProcess::run(ProcessRequest const& request) {
  if (request.arguments.empty()) return Error{ErrorKind::Bug, "no program to run"};
  std::string const& program = request.arguments.front();
  Pipe in, out, err;
  if (!in.open() || !out.open() || !err.open())
    return Error{ErrorKind::Io, "cannot run " + program + ": " + std::generic_category().message(errno)};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, STDERR_FILENO);
  if (!request.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, request.directory.c_str());
  std::vector<std::string> arguments = request.arguments,
                           environment = child_environment(
                               request.without_secrets ? inherited_secrets() : std::vector<std::string>{},
                               request.environment);
  pid_t child = -1;
  int const code = ::posix_spawnp(&child, program.c_str(), &actions, nullptr, null_terminated(arguments).data(),
                                  null_terminated(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0)
    return Error{ErrorKind::NotFound, "cannot run " + program + ": " + std::generic_category().message(code) +
                                          "; is it installed and in PATH?"};
  in.close_read();
  out.close_write();
  err.close_write();
  ::fcntl(in.write_end, F_SETFL, O_NONBLOCK);
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;  // A child that does not read its input must not end us.
  ::sigaction(SIGPIPE, &ignore, &before);
  ProcessResult result;
  std::string_view input = request.input;
  if (input.empty()) in.close_write();
  auto const deadline = std::chrono::steady_clock::now() + request.timeout;
  bool timed_out = false, flooded = false;
  while (out.read_end >= 0 || err.read_end >= 0) {
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      timed_out = true;
      break;
    }
    std::array<pollfd, 3> polled{{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}, {in.write_end, POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(std::min<long long>(left.count(), 60'000))) < 0) continue;
    std::array<char, 65536> buffer;
    auto const drain = [&](pollfd const& state, Pipe& pipe, std::string& text) {
      if (pipe.read_end < 0 || (state.revents & (POLLIN | POLLHUP | POLLERR)) == 0) return;
      ssize_t const count = ::read(pipe.read_end, buffer.data(), buffer.size());
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0 || (count < 0 && errno != EINTR)) pipe.close_read();
    };
    drain(polled[0], out, result.out);
    drain(polled[1], err, result.err);
    if (in.write_end >= 0 && (polled[2].revents & (POLLOUT | POLLHUP | POLLERR)) != 0) {
      ssize_t const count = ::write(in.write_end, input.data(), input.size());
      if (count > 0) input.remove_prefix(static_cast<std::size_t>(count));
      if (input.empty() || (count < 0 && errno != EAGAIN && errno != EINTR)) in.close_write();
    }
    flooded = result.out.size() + result.err.size() > kMaxOutput;
    if (flooded) break;
  }
  if (timed_out || flooded) ::kill(child, SIGKILL);
  result.exit_code = wait_for(child);
  ::sigaction(SIGPIPE, &before, nullptr);
  if (timed_out)
    return Error{ErrorKind::Network, program + " did not end within " + std::to_string(request.timeout.count()) + " s"};
  if (flooded) return Error{ErrorKind::BadInput, program + " wrote more than " + std::to_string(kMaxOutput) + " bytes"};
  return result;
}

}  // namespace cml
