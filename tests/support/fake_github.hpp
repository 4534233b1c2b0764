// A stateful GitHub on loopback: comments, pages, tokens, limits, the Git data API, and faults on request. Its answers are built
// on fixtures/forge/github/answers.json, so that the contract gate accepts them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/http_server.hpp"

namespace cml::test {

class FakeGitHub {
 public:
  FakeGitHub();
  ~FakeGitHub();
  std::string url() const { return server_->url(); }
  int port() const { return server_->port(); }

  struct StoredComment {
    long long id = 0;
    std::string thread;  // "issue 7" or "commit SHA"
    std::string body, created_at;
    bool hidden = false;
  };
  struct Fault {
    std::string method, path_part;
    ServerResponse answer;
    bool takes_effect = false;  // The request is carried out all the same.
    int times = 1;
  };

  // Set up before use; read after. All are guarded by one mutex.
  void fail(Fault fault);
  long long add_comment(std::string thread, std::string body);
  void add_pull_request(long long number, std::string head_sha, std::string state = "open");
  std::vector<StoredComment> comments(std::string const& thread) const;
  std::vector<std::string> requests() const;  // "METHOD /path", in order.
  int count(std::string const& part) const;   // Of requests that contain it.
  void forget_requests();
  std::map<std::string, std::string> branch_files(std::string const& branch) const;  // Path to bytes.
  void move_branch_before_next_update(bool on);  // Somebody else wins the next race.

  std::set<std::string> tokens{"good-token"};
  std::set<std::string> read_only_tokens{"read-only-token"};
  std::vector<std::string> checks;  // Bodies of the check runs that were created.
  std::size_t comment_limit = 65536;
  bool has_commit_mutation = true;  // GraphQL's createCommitOnBranch; off: an old server.
  bool numeric_links = false;  // Next pages at /repositories/1/..., as GitHub writes them.
  void set_latency(std::chrono::milliseconds latency) { server_->latency = latency; }

 private:
  struct State;
  ServerResponse handle(ServerRequest const&);
  std::unique_ptr<State> state_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace cml::test
