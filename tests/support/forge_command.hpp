// Whole commands against the fake of a network forge, in this process: the real HTTP client, files in memory, a clock
// that does not wait.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/curl_http.hpp"
#include "platform/retrying_http.hpp"
#include "support/fake_forge.hpp"
#include "support/fakes.hpp"
#include "support/run_cml.hpp"

namespace cml::test {

// Table: the network forges, as a command is told of them.
struct CommandForge {
  std::string name, api_path, repository;
  std::unique_ptr<FakeForge> (*fake)();
  std::size_t limit;     // Characters of a comment.
  std::string comments;  // In the path of a request that lists or posts comments.
  std::string uploads;   // In the path of a request that stores a picture.
  char const* edit;      // The method that changes a comment.
};
std::vector<CommandForge> const& command_forges();

// What a job has: its own files, environment and standard streams.
class ForgeCommand {
 public:
  // Over a line, with a time and chances of the test's own.
  ForgeCommand(CommandForge const&, FakeForge const&, HttpClient&, Clock&, Random&);
  // "cml WORDS...", on pull request 7 unless the words say otherwise. The standard error holds the warnings, and the
  // error as the last line.
  CmlRun run(std::vector<std::string> words);
  void put(std::string const& name, std::string bytes) { ports.files.put("/project/" + name, std::move(bytes)); }
  FakePorts ports;

 private:
  HttpClient& http_;
  Clock& clock_;
  Random& random_;
};

// A forge with one job after the other.
struct ForgeShop {
  explicit ForgeShop(CommandForge const& forge) : row(forge), fake(forge.fake()) {}
  CmlRun run(std::vector<std::string> words) { return job.run(std::move(words)); }
  // Posts this text with `words` behind "comment update".
  CmlRun update(std::string text, std::vector<std::string> words = {}) {
    job.put("report.md", std::move(text));
    words.insert(words.begin(), {"comment", "update", "report.md"});
    return job.run(std::move(words));
  }
  std::vector<std::string> bodies() const { return fake->bodies(PullRequestTarget{7}); }
  void add(std::string body, std::string author = "") {
    fake->add_body(PullRequestTarget{7}, std::move(body), std::move(author));
  }
  // The answers to so many requests of this method whose path contains the part.
  void answer(std::string method, std::string part, ServerResponse response, int times = 1, int after = 0) {
    fake->fail({std::move(method), std::move(part), std::move(response), false, times, after});
  }

  CommandForge const& row;
  std::unique_ptr<FakeForge> fake;
  FakeEnvironment plain;
  FakeClock clock;
  FakeRandom random;
  CurlHttp curl{plain, "cml/test", {std::chrono::seconds(5), std::chrono::seconds(1)}};
  RetryingHttp http{curl, clock, random};
  ForgeCommand job{row, *fake, http, clock, random};
};

}  // namespace cml::test
