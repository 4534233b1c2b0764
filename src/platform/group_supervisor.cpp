#include "platform/group_supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string_view>
#include <system_error>

#include "base/text.hpp"
#include "platform/child_environment.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxLine = 64u << 10;
// Group members that keep the pipe open after the agent ended are not waited for any longer.
constexpr std::chrono::milliseconds kAfterExit{2000};

int wake_write = -1;  // The handler's end of the pipe; one supervisor a process.

extern "C" void on_signal(int number) {
  int const saved = errno;
  char const byte = static_cast<char>(number);
  [[maybe_unused]] auto const written = ::write(wake_write, &byte, 1);
  errno = saved;
}

std::string name_of_signal(int number) {
  if (number == SIGTERM) return "SIGTERM";
  if (number == SIGHUP) return "SIGHUP";
  return number == SIGINT ? "SIGINT" : "SIGQUIT";
}

void close_end(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace

struct GroupSupervisor::State {
  std::filesystem::path power_path;
  int wake[2] = {-1, -1};
  int output = -1;  // The child's stdout and stderr.
  int power = -1;
  pid_t child = -1, guard = -1;
  int guarded = -1;  // Our end of the guard's pipe.
  bool exited = false;
  int code = 0;
  std::chrono::steady_clock::time_point exited_at;
  std::string partial;
  std::map<int, struct sigaction> old_actions;

  bool open_wake() {
    if (wake[0] >= 0) return true;
    if (::pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    wake_write = wake[1];
    return true;
  }

  void handle(int number) {
    if (old_actions.count(number) > 0) return;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, &old_actions[number]);
    // Who started us with nohup wants us to outlive the terminal.
    if (number == SIGHUP && old_actions[number].sa_handler == SIG_IGN)
      ::sigaction(number, &old_actions[number], nullptr);
  }

  void open_power() {
    if (power >= 0 || power_path.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string const path = power_path.string();
    if (path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    power = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (power >= 0 && ::connect(power, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) close_end(power);
  }

  // Splits what came into lines; an empty rest means that the pipe ended.
  void take_bytes(std::string_view bytes, std::vector<SupervisorEvent>& events) {
    for (char c : bytes) {
      if (c != '\n' && partial.size() < kMaxLine) {
        partial.push_back(c);
        continue;
      }
      flush(events);
      if (c != '\n') partial.push_back(c);
    }
  }
  void flush(std::vector<SupervisorEvent>& events) {
    while (!partial.empty() && partial.back() == '\r') partial.pop_back();
    if (!partial.empty()) events.push_back(ChildLine{partial});
    partial.clear();
  }

  void read_output(std::vector<SupervisorEvent>& events) {
    char chunk[65536];
    while (output >= 0) {
      ssize_t const count = ::read(output, chunk, sizeof chunk);
      if (count > 0) {
        take_bytes(std::string_view(chunk, static_cast<std::size_t>(count)), events);
        continue;
      }
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      close_end(output);
    }
  }

  // However we end, also by SIGKILL, the child's group ends: a shell, whose group the child joins, waits for our end of
  // a pipe to close. It holds nothing of ours.
  void post_guard() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    for (int stream : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    std::vector<std::string> arguments{"sh", "-c",
                                       "trap '' HUP INT QUIT TERM; read -r _; kill -s INT 0; sleep 30; kill -s KILL 0"};
    std::vector<std::string> environment{"PATH=/usr/bin:/bin"};
    if (::posix_spawnp(&guard, "sh", &actions, &attributes, null_terminated(arguments).data(),
                       null_terminated(environment).data()) != 0)
      guard = -1;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[0]);
    guarded = ends[1];
  }
  pid_t group() const { return guard > 0 ? guard : child; }
  void dismiss_guard() {
    if (guard > 0) {
      ::kill(guard, SIGKILL);
      while (::waitpid(guard, nullptr, 0) < 0 && errno == EINTR) {
      }
      guard = -1;
    }
    close_end(guarded);
  }

  void reap() {
    if (child < 0 || exited) return;
    int status = 0;
    pid_t const result = ::waitpid(child, &status, WNOHANG);
    if (result != child) return;
    exited = true;
    exited_at = std::chrono::steady_clock::now();
    code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
};

GroupSupervisor::GroupSupervisor(std::filesystem::path power_socket) : state_(std::make_unique<State>()) {
  state_->power_path = std::move(power_socket);
}

GroupSupervisor::~GroupSupervisor() {
  if (state_->child > 0) {
    ::kill(-state_->group(), SIGKILL);
    state_->dismiss_guard();
    while (!state_->exited && ::waitpid(state_->child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (auto& [number, action] : state_->old_actions) ::sigaction(number, &action, nullptr);
  if (state_->wake[0] >= 0) wake_write = -1;
  for (int* end : {&state_->wake[0], &state_->wake[1], &state_->output, &state_->power}) close_end(*end);
}

Status GroupSupervisor::watch_signals() {
  if (!state_->open_wake())
    return Error{ErrorKind::Io, "no pipe for signals: " + std::generic_category().message(errno)};
  for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) state_->handle(number);
  state_->open_power();
  return ok();
}

Status GroupSupervisor::start(ChildRequest const& request) {
  if (request.arguments.empty() || state_->child > 0) return Error{ErrorKind::Bug, "one child at a time"};
  std::string const& program = request.arguments.front();
  if (!state_->open_wake())
    return Error{ErrorKind::Io, "no pipe for signals: " + std::generic_category().message(errno)};
  state_->handle(SIGCHLD);
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0)
    return Error{ErrorKind::Io, "cannot run " + program + ": " + std::generic_category().message(errno)};
  ::fcntl(out[0], F_SETFL, O_NONBLOCK);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
  if (!request.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, request.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD, SIGPIPE}) sigaddset(&defaults, number);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  std::vector<std::string> arguments = request.arguments,
                           environment = child_environment(request.without, request.environment);
  state_->post_guard();
  posix_spawnattr_setpgroup(&attributes, std::max(state_->guard, 0));
  pid_t child = -1;
  int const code = ::posix_spawnp(&child, program.c_str(), &actions, &attributes, null_terminated(arguments).data(),
                                  null_terminated(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  if (code != 0) {
    state_->dismiss_guard();
    ::close(out[0]);
    return Error{ErrorKind::NotFound, "cannot run " + program + ": " + std::generic_category().message(code) +
                                          "; is it installed and in PATH?"};
  }
  close_end(state_->output);
  state_->output = out[0];
  state_->child = child;
  state_->exited = false;
  state_->partial.clear();
  return ok();
}

std::vector<SupervisorEvent> GroupSupervisor::wait(std::chrono::milliseconds at_most) {
  State& state = *state_;
  std::vector<SupervisorEvent> events;
  auto const until = std::chrono::steady_clock::now() + at_most;
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    left = std::max(left, std::chrono::milliseconds(0));
    if (state.exited) left = std::min(left, std::chrono::milliseconds(50));
    pollfd watched[3] = {{state.wake[0], POLLIN, 0}, {state.output, POLLIN, 0}, {state.power, POLLIN, 0}};
    ::poll(watched, 3, static_cast<int>(left.count()));  // Ends that are not open are -1 and skipped.
    char numbers[64];
    ssize_t const count = state.wake[0] >= 0 ? ::read(state.wake[0], numbers, sizeof numbers) : 0;
    state.reap();
    state.read_output(events);  // What was printed before a signal was sent comes before it.
    for (ssize_t i = 0; i < count; ++i)
      if (numbers[i] != SIGCHLD) events.push_back(SignalReceived{name_of_signal(numbers[i])});
    if (watched[2].revents != 0) {
      char text[1024];
      ssize_t const bytes = ::read(state.power, text, sizeof text);
      if (bytes == 0 || (bytes < 0 && errno != EAGAIN && errno != EINTR)) close_end(state.power);
      std::string_view const line(text, bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
      if (contains(line, "button") && contains(line, "power")) events.emplace_back(std::in_place_type<PowerButton>);
    }
    // What still holds the pipe after the agent's end (a daemon it left) is not waited for.
    bool const drained = state.output < 0 || std::chrono::steady_clock::now() - state.exited_at > kAfterExit;
    if (state.exited && drained && state.child > 0) {
      state.flush(events);
      ::kill(-state.group(), SIGKILL);  // The rest of the group.
      state.dismiss_guard();
      state.child = -1;
      state.exited = false;
      close_end(state.output);
      events.emplace_back(std::in_place_type<ChildExit>, ChildExit{state.code});
    }
    if (!events.empty() || std::chrono::steady_clock::now() >= until) return events;
  }
}

void GroupSupervisor::stop_child(Stop how) {
  if (state_->child > 0) ::kill(-state_->group(), how == Stop::Kill ? SIGKILL : SIGINT);
}

// The protocol of sd_notify(3): one datagram to the socket that the service manager named.
void GroupSupervisor::alive() {
  char const* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::size_t const length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  int const socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  constexpr std::string_view kText = "READY=1\nWATCHDOG=1";
  ::sendto(socket, kText.data(), kText.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(socket);
}

}  // namespace cml
