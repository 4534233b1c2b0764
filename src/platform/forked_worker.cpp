#include "platform/forked_worker.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <system_error>

namespace cml {
namespace {

constexpr std::uint64_t kMaxMessage = 1ull << 30;

bool send_bytes(int socket, char const* bytes, std::size_t count) {
  while (count > 0) {
    ssize_t const sent = ::send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_bytes(int socket, char* bytes, std::size_t count) {
  while (count > 0) {
    ssize_t const received = ::recv(socket, bytes, count, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    bytes += received;
    count -= static_cast<std::size_t>(received);
  }
  return true;
}

bool send_message(int socket, std::string_view message) {
  std::uint64_t const length = message.size();
  std::array<char, sizeof length> head;
  std::memcpy(head.data(), &length, sizeof length);
  return send_bytes(socket, head.data(), head.size()) && send_bytes(socket, message.data(), message.size());
}

bool receive_message(int socket, std::string& message) {
  std::uint64_t length = 0;
  std::array<char, sizeof length> head;
  if (!receive_bytes(socket, head.data(), head.size())) return false;
  std::memcpy(&length, head.data(), sizeof length);
  if (length > kMaxMessage) return false;
  message.resize(length);
  return receive_bytes(socket, message.data(), message.size());
}

// From now on this process may use so much processor time more; the kernel ends it beyond.
void allow_time(std::chrono::seconds more) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  rlimit limit{};
  ::getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + more.count());
  ::setrlimit(RLIMIT_CPU, &limit);
}

[[noreturn]] void serve(int socket, WorkerStarter::Work const& work, WorkerLimits const& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  rlimit const no_core{0, 0};
#ifndef CML_SANITIZED  // It maps terabytes that it never uses.
  rlimit const memory{limits.memory_bytes, limits.memory_bytes};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGSEGV}) ::signal(number, SIG_DFL);
  std::string request;
  while (receive_message(socket, request)) {
    allow_time(limits.processor_time);
    if (!send_message(socket, work(request))) break;
  }
  ::_exit(0);
}

class ForkedWorker : public Worker {
 public:
  ForkedWorker(WorkerStarter::Work work, WorkerLimits const& limits) : work_(std::move(work)), limits_(limits) {}
  ~ForkedWorker() override { end(); }
  ForkedWorker(ForkedWorker const&) = delete;
  ForkedWorker& operator=(ForkedWorker const&) = delete;

  Result<std::string> ask(std::string_view request) override {
    if (spent_ + spent_by_child() >= limits_.total_processor_time)
      return Error{ErrorKind::TooLarge, "those before it used up the " +
                                            std::to_string(limits_.total_processor_time.count()) +
                                            " s of processor time for all of this run; --total-plot-time allows more"};
    if (child_ < 0) CML_CHECK_OK(begin());
    std::string answer;
    if (send_message(socket_, request) && receive_message(socket_, answer)) return answer;
    return reason(end());
  }

 private:
  Status begin() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return failure();
    child_ = ::fork();
    if (child_ < 0) {
      Status const failed = failure();
      ::close(ends[0]);
      ::close(ends[1]);
      return failed;
    }
    if (child_ == 0) {
      ::close(ends[0]);
      serve(ends[1], work_, limits_);
    }
    ::close(ends[1]);
    socket_ = ends[0];
    return ok();
  }

  // The wait status of the child, which leaves its loop when the socket closes.
  int end() {
    if (child_ < 0) return 0;
    ::close(socket_);
    int status = 0;
    rusage used{};
    while (::wait4(child_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    child_ = -1;
    spent_ += duration_of(used.ru_utime) + duration_of(used.ru_stime);
    return status;
  }

  static std::chrono::microseconds duration_of(timeval const& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  }
  std::chrono::microseconds spent_by_child() const {
    clockid_t clock;
    timespec now{};
    if (child_ < 0 || ::clock_getcpuclockid(child_, &clock) != 0 || ::clock_gettime(clock, &now) != 0) return {};
    return std::chrono::seconds(now.tv_sec) + std::chrono::microseconds(now.tv_nsec / 1000);
  }

  Error reason(int status) const {
    int const signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGXCPU)
      return {ErrorKind::TooLarge, "it needs more than " + std::to_string(limits_.processor_time.count()) +
                                       " s of processor time; --plot-time allows more"};
    if (signal == SIGKILL) return {ErrorKind::TooLarge, "the system ended it, most likely for its use of memory"};
    return {ErrorKind::Unsupported, "it ended the process that drew it (signal " + std::to_string(signal) +
                                        "); that is a fault of cml: please report it with the specification"};
  }

  static Error failure() {
    return {ErrorKind::Io, "cannot start a process to draw in: " + std::generic_category().message(errno)};
  }

  WorkerStarter::Work work_;
  WorkerLimits limits_;
  std::chrono::microseconds spent_{0};  // By the children that are gone.
  pid_t child_ = -1;
  int socket_ = -1;
};

}  // namespace

std::shared_ptr<Worker> ForkedWorkers::start(Work work, WorkerLimits const& limits) {
  return std::make_shared<ForkedWorker>(std::move(work), limits);
}

}  // namespace cml
