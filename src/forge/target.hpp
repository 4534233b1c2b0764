// "--target" as people write it.
#pragma once

#include <string>
#include <string_view>

#include "forge/forge.hpp"

namespace cml {

struct TargetRequest {
  enum class Kind {
    Auto,         // The pull request of this run or commit, else the commit.
    PullRequest,  // The pull request of this run or commit, or an error.
    Commit,       // The commit of this run.
    Exact
  };
  Kind kind = Kind::Auto;
  CommentTarget exact = PullRequestTarget{};
  bool of_this_run() const { return kind == Kind::Auto || kind == Kind::PullRequest; }
};

// auto, pr, pr/N, commit, commit/SHA or issue/N; words in any case.
Result<TargetRequest> parse_target(std::string_view text);
// The same the other way round: "pr/7".
std::string target_text(TargetRequest const&);

}  // namespace cml
