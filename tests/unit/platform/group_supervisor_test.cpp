// The supervisor with real children and a real socket for the power button.
#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/text.hpp"
#include "platform/group_supervisor.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using std::chrono::milliseconds;

namespace {

// Events until `enough` says so; fails instead of hanging.
std::vector<SupervisorEvent> gather(Supervisor& supervisor, std::function<bool(SupervisorEvent const&)> enough) {
  std::vector<SupervisorEvent> all;
  for (int i = 0; i < 100; ++i) {
    for (SupervisorEvent& event : supervisor.wait(milliseconds(200))) {
      all.push_back(event);
      if (enough(event)) return all;
    }
  }
  FAIL("the event never came");
  return all;
}
bool is_exit(SupervisorEvent const& event) { return std::holds_alternative<ChildExit>(event); }
auto is_line(std::string text) {
  return [text](SupervisorEvent const& event) {
    auto const* line = std::get_if<ChildLine>(&event);
    return line != nullptr && line->text == text;
  };
}

}  // namespace

TEST_CASE("supervisor: lines of both streams come before the exit", "[platform][supervisor]") {
  GroupSupervisor supervisor("");
  REQUIRE(supervisor.start({{"sh", "-c", "echo one; echo two >&2; printf three; echo $SECRET$KEPT; exit 7"},
                            "/",
                            {{"KEPT", "k"}},
                            {"SECRET"}}));
  auto const events = gather(supervisor, is_exit);
  REQUIRE(events.size() == 4);
  CHECK(std::get<ChildLine>(events[0]).text == "one");
  CHECK(std::get<ChildLine>(events[1]).text == "two");
  CHECK(std::get<ChildLine>(events[2]).text == "threek");
  CHECK(std::get<ChildExit>(events[3]).code == 7);
  REQUIRE(supervisor.start({{"true"}}));  // The next one.
  CHECK(std::get<ChildExit>(gather(supervisor, is_exit).back()).code == 0);
  auto const missing = supervisor.start({{"no-such-program-at-all"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::NotFound);
}

TEST_CASE("supervisor: an interrupt reaches grandchildren, a kill cannot be refused", "[platform][supervisor]") {
  GroupSupervisor supervisor("");
  REQUIRE(supervisor.start(
      {{"sh", "-c", "sh -c 'trap \"echo inner; exit 3\" INT; echo up; while :; do sleep 0.05; done'; exit 5"}}));
  gather(supervisor, is_line("up"));
  supervisor.stop_child(Supervisor::Stop::Interrupt);
  auto const events = gather(supervisor, is_exit);
  CHECK(std::any_of(events.begin(), events.end(), is_line("inner")));
  REQUIRE(supervisor.start({{"sh", "-c", "trap '' INT; echo up; while :; do sleep 0.05; done"}}));
  gather(supervisor, is_line("up"));
  supervisor.stop_child(Supervisor::Stop::Interrupt);
  supervisor.stop_child(Supervisor::Stop::Kill);
  CHECK(std::get<ChildExit>(gather(supervisor, is_exit).back()).code == 137);
}

TEST_CASE("supervisor: its guard ends with the child, and holds no variables", "[platform][supervisor]") {
  GroupSupervisor supervisor("");
  // Our own children: the program, and a shell that watches over it.
  REQUIRE(supervisor.start({{"sh", "-c",
                             "for p in $(cat /proc/$PPID/task/*/children); do tr '\\0' ' ' < /proc/$p/cmdline; echo; "
                             "tr '\\0' '\\n' < /proc/$p/environ | wc -l; done"}}));
  auto const events = gather(supervisor, is_exit);
  std::string text;
  for (SupervisorEvent const& event : events)
    if (auto const* line = std::get_if<ChildLine>(&event)) text += line->text + "\n";
  INFO(text);
  auto const guard = text.find("kill -s KILL 0");
  REQUIRE(guard != std::string::npos);
  CHECK(contains(text.substr(guard), "\n1\n"));  // PATH alone.
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // Nobody is left.
}

TEST_CASE("supervisor: signals and the power button are events", "[platform][supervisor]") {
  TemporaryFolder folder;
  std::string const path = (folder.path / "acpid.socket").string();
  int const listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  {
    GroupSupervisor supervisor(path);
    REQUIRE(supervisor.watch_signals());
    int const peer = ::accept(listener, nullptr, nullptr);
    ::raise(SIGTERM);
    auto events = gather(supervisor, [](auto const& e) { return std::holds_alternative<SignalReceived>(e); });
    CHECK(std::get<SignalReceived>(events.back()).name == "SIGTERM");
    std::string const line = "button/power PBTN 00000080 00000000\n";
    REQUIRE(::write(peer, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    gather(supervisor, [](auto const& e) { return std::holds_alternative<PowerButton>(e); });
    ::close(peer);
    CHECK(supervisor.wait(milliseconds(1)).empty());  // acpid is gone: no busy loop, no event.
  }
  ::close(listener);
}

TEST_CASE("supervisor: the service manager's watchdog hears from us", "[platform][supervisor]") {
  TemporaryFolder folder;
  std::string const path = (folder.path / "notify").string();
  int const socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  GroupSupervisor("").alive();
  ::unsetenv("NOTIFY_SOCKET");
  char text[100];
  ssize_t const count = ::recv(socket, text, sizeof text, MSG_DONTWAIT);
  ::close(socket);
  REQUIRE(count > 0);
  CHECK(std::string_view(text, static_cast<std::size_t>(count)) == "READY=1\nWATCHDOG=1");
}
