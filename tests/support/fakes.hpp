// In-memory ports. Scripts must be used up: a FakeHttp or FakeProcess with an expectation left over fails its test.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/ports.hpp"

namespace cml::test {

class FakeHttp : public HttpClient {
 public:
  ~FakeHttp() override;
  // Answers the next request with this method and URL (exact); any order between different URLs.
  void expect(std::string method, std::string url, Result<HttpResponse> answer);
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;
  std::vector<HttpRequest> sent;
  int largest_batch = 0;

 private:
  struct Expectation {
    std::string method, url;
    Result<HttpResponse> answer;
  };
  std::deque<Expectation> expectations_;
};

HttpResponse json_response(int status, std::string body, HttpHeaders headers = {});

class FakeClock : public Clock {
 public:
  std::chrono::system_clock::time_point now() override { return now_; }
  void sleep_for(std::chrono::milliseconds duration) override {
    slept.push_back(duration);
    now_ += duration;
    if (on_sleep) on_sleep();
  }
  std::function<void()> on_sleep;  // What happens meanwhile.
  std::vector<std::chrono::milliseconds> slept;
  std::chrono::system_clock::time_point now_{std::chrono::seconds(1'700'000'000)};
};

class FakeRandom : public Random {
 public:
  std::uint64_t next() override { return state_ = state_ * 6364136223846793005u + 1442695040888963407u; }

 private:
  std::uint64_t state_ = 1;
};

class ZeroRandom : public Random {
 public:
  std::uint64_t next() override { return 0; }
};

class FakeEnvironment : public Environment {
 public:
  FakeEnvironment(std::map<std::string, std::string> initial = {}) : variables(std::move(initial)) {}
  std::optional<std::string> get(std::string_view name) const override;
  std::vector<std::pair<std::string, std::string>> all() const override;
  std::map<std::string, std::string> variables;
};

class FakeConsole : public Console {
 public:
  void set_level(LogLevel level) override { level_ = level; }
  Status out(std::string_view bytes) override {
    output += bytes;
    return ok();
  }
  void log(LogLevel level, std::string_view line) override;
  void progress(std::string_view) override {}
  bool is_terminal() const override { return false; }
  Result<std::string> read_input(std::size_t) override { return input; }
  std::string output, input;
  std::vector<std::string> lines;  // "warning: ...", in order.
  bool logged(std::string_view part) const;

 private:
  LogLevel level_ = LogLevel::Debug;
};

// Files and folders by absolute path; symbolic links are entries that point elsewhere.
class MemoryFileSystem : public FileSystem {
 public:
  MemoryFileSystem();
  void put(std::filesystem::path const&, std::string bytes);
  void link(std::filesystem::path const&, std::filesystem::path target);
  std::string const& at(std::filesystem::path const&) const;
  bool has(std::filesystem::path const&) const;
  std::map<std::string, Error> failures;  // A path in here fails on read and write.

  Result<std::string> read(std::filesystem::path const&, std::uintmax_t max_bytes) override;
  Result<std::string> read_admitted(std::filesystem::path const&, std::uintmax_t max_bytes, Admit const&,
                                    Pipes) override;
  Status write(std::filesystem::path const&, std::string_view bytes) override;
  Status remove(std::filesystem::path const&) override;
  Status make_directories(std::filesystem::path const&) override;
  FileKind kind(std::filesystem::path const&) override;
  Result<std::filesystem::path> resolve(std::filesystem::path const&) override;
  Result<std::vector<std::filesystem::path>> list(std::filesystem::path const&) override;
  bool is_link(std::filesystem::path const&) override;
  bool is_own(std::filesystem::path const&) override;
  std::filesystem::path current_directory() override { return here; }
  std::filesystem::path here = "/project";
  std::set<std::filesystem::path> of_others;  // Belong to another user, with all below.

 private:
  std::filesystem::path absolute(std::filesystem::path const&) const;
  std::filesystem::path follow(std::filesystem::path path) const;
  struct Entry {
    bool folder = false;
    std::string bytes;
    std::filesystem::path target;  // Of a link.
  };
  std::map<std::filesystem::path, Entry> entries_;
};

class FakeProcess : public Process {
 public:
  ~FakeProcess() override;
  void expect(std::vector<std::string> arguments, ProcessResult result);
  // Answers every command that was not expected; without it such a command fails the test.
  std::function<Result<ProcessResult>(ProcessRequest const&)> fallback;
  Result<ProcessResult> run(ProcessRequest const&) override;
  std::vector<ProcessRequest> started;

 private:
  std::deque<std::pair<std::vector<std::string>, ProcessResult>> expectations_;
};

// Each wait runs the next step, which changes files; after the last one the watch is over.
class FakeWatcher : public FileWatcher {
 public:
  Status watch(std::vector<std::filesystem::path> const& files) override { return watched = files, ok(); }
  Result<bool> wait() override {
    if (steps.empty()) return false;
    auto const step = steps.front();
    steps.pop_front();
    step();
    return true;
  }
  std::vector<std::filesystem::path> watched;
  std::deque<std::function<void()>> steps;
};

struct FakePages : PageServer {
  Result<int> start(int) override { return 4321; }
  void publish(std::string page) override { pages.push_back(std::move(page)); }
  std::vector<std::string> pages;
};

// Waiting takes the clock's time.
class FakeSupervisor : public Supervisor {
 public:
  explicit FakeSupervisor(Clock& clock) : clock(clock) {}
  Status watch_signals() override { return ok(); }
  Status start(ChildRequest const& request) override { return started.push_back(request), ok(); }
  std::vector<SupervisorEvent> wait(std::chrono::milliseconds at_most) override {
    if (events.empty() && at_most.count() > 0) clock.sleep_for(at_most);
    return std::exchange(events, {});
  }
  void stop_child(Stop) override {}
  void alive() override {}
  Clock& clock;
  std::vector<ChildRequest> started;
  std::vector<SupervisorEvent> events;
};

struct FakeSigner : Signer {
  Result<std::string> rs256(Secret const&, std::string_view) override {
    return Error{ErrorKind::BadInput, "the fake signer signs nothing"};
  }
};

// Works in this process: a crash of the work is a crash of the test.
class DirectWorkers : public WorkerStarter {
 public:
  std::shared_ptr<Worker> start(Work work, WorkerLimits const&) override;
};

// All of them at once, for whole commands. A test that needs a real port fills a Ports of its own.
struct FakePorts {
  FakeClock clock;
  MemoryFileSystem files;
  FakeProcess process;
  FakeEnvironment environment;
  FakeRandom random;
  FakeConsole console;
  FakeWatcher watcher;
  FakePages pages;
  FakeSupervisor supervisor{clock};
  FakeSigner signer;
  DirectWorkers workers;
  Ports with_http(HttpClient& http) {
    return {http, clock, files, process, environment, random, console, watcher, pages, supervisor, signer, workers};
  }
};

}  // namespace cml::test
