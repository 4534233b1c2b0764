// A stateful Gitea on loopback, at /api/v1 below an optional sub-path: comments, pages by Link headers, contents, pull
// requests, statuses.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/fake_forge.hpp"

namespace cml::test {

class FakeGitea : public FakeForge {
 public:
  explicit FakeGitea(std::string prefix = "");  // Who may write there may change what others wrote, as in Gitea.
  ~FakeGitea() override;
  std::vector<std::string> bodies(CommentTarget const&) const override;
  void add_body(CommentTarget const&, std::string body, std::string author = "") override;
  std::map<std::string, std::string> branch_files(std::string const& branch) const;  // Path to bytes.
  std::vector<std::string> statuses() const;                                         // Bodies.
  std::vector<std::string> reruns() const;                                           // Numbers of runs.
  // Names of the files of a place ("/releases/1", "/issues/7") to their multipart bodies.
  std::map<std::string, std::string> files_of(std::string const& place) const;
  void set_file(std::string const& branch, std::string const& path, std::string bytes);
  void add_commit(long long pull, std::string sha);  // Below the head of an open pull request.

  std::set<std::string> read_only_tokens{"read-only-token"};
  bool can_rerun = true;                 // Off: a server before that operation.
  bool knows_open_pulls = false;         // /commits/SHA/pull answers for open pull requests, too.
  bool lose_next_race = false;           // Somebody else writes to the branch just before us.
  std::size_t largest_body = 64u << 20;  // Of a request, for the proxy before it.
  int not_ready_yet = 0;                 // So many merges are answered "try again later".

 private:
  struct StoredComment {
    long long id = 0, issue = 0;
    std::string body, created_at, author;
  };
  ServerResponse route(ServerRequest const&, std::string const& path) override;
  ServerResponse comment_route(ServerRequest const&, std::string const& path);
  ServerResponse asset_route(ServerRequest const&, std::string const& path);
  ServerResponse release_route(ServerRequest const&, std::string const& path);
  ServerResponse content_route(ServerRequest const&, std::string const& path);
  ServerResponse pull_route(ServerRequest const&, std::string const& path);
  std::string api_path(std::string const& path) const override;

  std::string prefix_;
  std::vector<StoredComment> comments_;
  std::map<std::string, std::map<std::string, std::string>> branches_{{"main", {{"README.md", "x"}}}};
  std::vector<std::string> statuses_, reruns_, releases_;            // releases_: tags; the first is number 1.
  std::map<std::string, std::map<std::string, std::string>> files_;  // Place to name to body.
  std::map<long long, std::vector<std::string>> commits_;            // Of pull requests.
  long long next_id_ = 100;
};

}  // namespace cml::test
