// A stateful Bitbucket Cloud on loopback. Pages hold ten elements whatever is asked, and a next page follows the last,
// as there.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/fake_forge.hpp"

namespace cml::test {

class FakeBitbucket : public FakeForge {
 public:
  FakeBitbucket();
  ~FakeBitbucket() override;
  std::vector<std::string> bodies(CommentTarget const&) const override;
  void add_body(CommentTarget const&, std::string body, std::string author = "") override;
  std::map<std::string, std::string> downloads() const;  // Name to the multipart body.
  std::vector<std::string> statuses() const;             // Bodies of the build statuses.
  std::vector<std::string> pipelines() const;            // Bodies of the pipelines that were started.

  std::string token_type = "user";                    // "AppUser": an access token of the repository.
  std::set<std::string> logins{"Bearer good-token"};  // Authorization headers.

 private:
  struct StoredComment {
    long long id = 0;
    std::string thread;  // "/pullrequests/7/comments"
    std::string body, created_at, author;
  };
  ServerResponse route(ServerRequest const&, std::string const& path) override;
  ServerResponse pull_route(ServerRequest const&, std::string const& path);
  ServerResponse comment_route(ServerRequest const&, std::string const& path);
  nlohmann::json user_json(std::string const& name) const;
  std::vector<StoredComment> comments_;
  std::map<std::string, std::string> downloads_;
  std::vector<std::string> statuses_, pipelines_;
  long long next_id_ = 100;
  bool merging_ = false;  // A merge takes one look at its task.
};

}  // namespace cml::test
