// A stateful GitLab on loopback: notes, discussions on commits, uploads, merge requests of a commit, pages, tokens and faults.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/http_server.hpp"

namespace cml::test {

class FakeGitLab {
 public:
  // `prefix` is the sub-path of the installation ("/gitlab"); `project` its path.
  explicit FakeGitLab(std::string project = "g/p", std::string prefix = "");
  ~FakeGitLab();
  std::string url() const { return server_->url(); }

  struct Note {
    long long id = 0;
    std::string thread, discussion, body, created_at;  // thread: "merge_requests/7", "issues/3", "commits/SHA"
  };
  struct Fault {
    std::string method, path_part;
    ServerResponse answer;
    bool takes_effect = false;
  };
  void fail(Fault fault);
  void add_note(std::string thread, std::string body);
  void add_merge_request(long long iid, std::string sha, std::string state = "opened");
  std::vector<Note> notes(std::string const& thread) const;
  std::map<std::string, std::string> uploads() const;  // URL to the multipart body.
  std::vector<std::string> requests() const;
  bool totals = true;  // x-total-pages; GitLab leaves it out for long lists.

 private:
  struct State;
  ServerResponse handle(ServerRequest const&);
  std::unique_ptr<State> state_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace cml::test
