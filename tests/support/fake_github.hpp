// A stateful GitHub on loopback: comments, pages, tokens, limits, the Git data API, and faults on request. Its answers
// are built on fixtures/forge/github/answers.json, so that the contract gate accepts them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/fake_forge.hpp"

namespace cml::test {

class FakeGitHub : public FakeForge {
 public:
  // The token is a job's own: it may not ask who it is but by GraphQL, and it may change what others wrote.
  FakeGitHub();
  ~FakeGitHub() override;
  std::vector<std::string> bodies(CommentTarget const&) const override;
  void add_body(CommentTarget const&, std::string body, std::string author = "") override;

  struct StoredComment {
    long long id = 0;
    std::string thread;  // "issue 7" or "commit SHA"
    std::string body, created_at;
    std::string author;
    bool hidden = false;
  };

  // Set up before use; read after. All are guarded by one mutex.
  long long add_comment(std::string thread, std::string body, std::string author = "");
  void add_branch(std::string const& name);  // With one empty commit.
  std::vector<StoredComment> comments(std::string const& thread) const;
  std::map<std::string, std::string> branch_files(std::string const& branch) const;  // Path to bytes.
  void move_branch_before_next_update(bool on);  // Somebody else wins the next race.

  std::set<std::string> tokens{"good-token"};
  std::set<std::string> read_only_tokens{"read-only-token"};
  std::map<std::string, std::string> release_files() const;  // Name to bytes, of all releases.
  std::vector<std::string> checks;                           // Bodies of the check runs that were created.
  std::size_t comment_limit = 65536;
  bool is_private = false;          // The repository.
  bool has_graphql = true;          // Off: refused to this token, or not there.
  bool has_commit_mutation = true;  // GraphQL's createCommitOnBranch; off: an old server.
  bool numeric_links = false;       // Next pages at /repositories/1/..., as GitHub writes them.

  struct State;

 private:
  ServerResponse route(ServerRequest const&, std::string const& path) override;
  ServerResponse pull_route(ServerRequest const&, std::string const& path);
  ServerResponse graphql_route(ServerRequest const&, bool reads_only);
  ServerResponse release_route(ServerRequest const&, std::string const& path);
  std::string api_path(std::string const& path) const override;
  std::unique_ptr<State> state_;
};

}  // namespace cml::test
