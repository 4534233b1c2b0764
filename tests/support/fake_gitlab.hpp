// A stateful GitLab on loopback: notes, discussions on commits, uploads, merge requests of a commit, pages, tokens and
// faults.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/fake_forge.hpp"

namespace cml::test {

class FakeGitLab : public FakeForge {
 public:
  // `prefix` is the sub-path of the installation ("/gitlab"); `project` its path.
  explicit FakeGitLab(std::string project = "g/p", std::string prefix = "");
  ~FakeGitLab() override;
  std::vector<std::string> bodies(CommentTarget const&) const override;
  void add_body(CommentTarget const&, std::string body, std::string author = "") override;

  struct Note {
    long long id = 0;
    std::string thread, discussion, body, created_at;  // thread: "merge_requests/7", "issues/3", "commits/SHA"
    std::string author;
  };
  void add_note(std::string thread, std::string body, std::string author = "");
  std::vector<Note> notes(std::string const& thread) const;
  std::map<std::string, std::string> uploads() const;  // URL to the multipart body.
  std::map<std::string, std::string> release_files()
      const;                        // Name of the link at a release to the bytes of its package.
  bool one_package_a_name = false;  // The registry refuses a second file of a name.
  std::set<std::string> tokens{"good-token"};
  std::set<std::string> job_tokens;                 // CI_JOB_TOKEN: for packages and releases alone.
  std::set<std::string> tags;                       // Of the repository.
  std::map<std::string, std::string> descriptions;  // Of the releases.
  std::string pipeline_status = "failed";           // Of pipeline 55.
  std::vector<std::string> commands;                // What "/close" and the like in notes asked for.
  bool totals = true;                               // x-total-pages; GitLab leaves it out for long lists.

 private:
  struct State;
  ServerResponse route(ServerRequest const&, std::string const& path) override;
  ServerResponse release_route(ServerRequest const&, std::string const& path);
  ServerResponse merge_request_route(ServerRequest const&, std::string const& path);
  std::unique_ptr<State> state_;
};

}  // namespace cml::test
