// What the fake GitHub holds, for the files that answer from it.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/fake_github.hpp"

namespace cml::test {

struct FakeGitHub::State {
  using json = nlohmann::json;
  struct Release {
    long long id;
    std::string tag;
    std::map<std::string, std::string> files;  // Name to bytes.
  };
  std::vector<Release> releases;
  json templates;
  std::vector<StoredComment> comments;
  long long next_id = 1000;
  std::map<std::string, std::string> blobs;                         // sha to bytes.
  std::map<std::string, std::map<std::string, std::string>> trees;  // sha to path to blob.
  std::map<std::string, std::string> commit_trees;                  // Commit to tree.
  std::map<std::string, std::string> parents;                       // Commit to the one before it.
  std::map<std::string, std::string> branches;                      // Name to commit.
  bool race = false;
  std::string run_status = "in_progress";  // Of run 55.

  std::string host;  // Of the request under way, for links.

  ServerResponse route(FakeGitHub& fake, ServerRequest const& request, std::string const& path);
  ServerResponse git_data(ServerRequest const& request, std::string const& path);
  ServerResponse put_contents(std::string const& file, json const& body);
  std::string commit_file(std::string const& branch, std::string const& file, std::string const& bytes);
  void move_branch(std::string const& branch);
  ServerResponse list(FakeGitHub& fake, ServerRequest const& request, std::vector<json> const& elements);
  ServerResponse list(FakeGitHub& fake, ServerRequest const& request, std::size_t count,
                      std::function<json(std::size_t)> const& element);
  json comment_json(StoredComment const& comment) const;
  json user_json(std::string const& name) const;
  std::string comment_url(StoredComment const& comment) const;
};

}  // namespace cml::test
