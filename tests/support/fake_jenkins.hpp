// Jenkins with one node, in virtual time. Its "offline" is true while the node's connection is cut or its button is
// pressed, also when a build runs there or waits for its agent; one button closes and opens the node; a node that is
// deleted aborts its build; builds begin only on a node that is connected and open.
#pragma once

#include <string>
#include <vector>

#include "support/fakes.hpp"

namespace cml::test {

class FakeJenkins : public HttpClient {
 public:
  explicit FakeJenkins(FakeClock& clock) : clock_(clock), began_(clock.now()) {}
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int) override { return {}; }
  // For the machine's "find": whether a build left traces since this was last asked.
  bool traces();
  int count(std::string const& outcome) const;  // "done", "aborted", "waiting", "running"

  struct Build {
    int start = 0, length = 0;
    std::string outcome = "waiting";
    int began = 0;
  };
  std::vector<Build> builds;
  std::vector<std::pair<int, int>> cut;  // From second to second.
  bool exists = false, closed = false;
  std::function<void()> on_button;
  std::string remote_folder;
  std::vector<std::string> calls;

 private:
  void advance();
  bool is_cut(int second) const;
  FakeClock& clock_;
  std::chrono::system_clock::time_point began_;
  int second_ = 0;
  bool traces_ = false;
};

}  // namespace cml::test
