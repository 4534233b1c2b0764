#include "forge/target.hpp"

#include "base/text.hpp"

namespace cml {

Result<TargetRequest> parse_target(std::string_view text) {
  auto const bad = [&](std::string const& why) {
    return Error{ErrorKind::Usage, "--target \"" + one_line(text, 60) + "\" " + why +
                                       "; use auto, pr, pr/NUMBER, commit, commit/SHA or issue/NUMBER"};
  };
  auto const slash = text.find('/');
  std::string const word = to_lower(trim(text.substr(0, slash)));
  using Kind = TargetRequest::Kind;
  if (slash == std::string_view::npos) {
    if (word == "auto") return TargetRequest{Kind::Auto};
    if (word == "pr") return TargetRequest{Kind::PullRequest};
    if (word == "commit") return TargetRequest{Kind::Commit};
    if (word == "issue") return bad("lacks the number");
    if (parse_integer(word)) return bad("could be a pull request or an issue");
    std::string_view const near = nearest(word, {"auto", "pr", "commit", "issue"});
    return bad(near.empty() ? "is unknown" : "is unknown; did you mean " + std::string(near) + "?");
  }
  std::string_view const id = trim(text.substr(slash + 1));
  if (word == "commit") {
    if (id.empty() || id[0] == '-' || contains(id, " ")) return bad("names no commit");
    return TargetRequest{Kind::Exact, CommitTarget{std::string(id)}};
  }
  if (word != "pr" && word != "issue") return bad("has an unknown kind");
  auto const number = parse_integer(id);
  if (!number || *number <= 0) return bad("has no number after the slash");
  if (word == "pr") return TargetRequest{Kind::Exact, PullRequestTarget{*number}};
  return TargetRequest{Kind::Exact, IssueTarget{*number}};
}

std::string target_text(TargetRequest const& request) {
  using Kind = TargetRequest::Kind;
  if (request.kind == Kind::Auto) return "auto";
  if (request.kind == Kind::PullRequest) return "pr";
  if (request.kind == Kind::Commit) return "commit";
  if (auto const* pull = std::get_if<PullRequestTarget>(&request.exact)) return "pr/" + std::to_string(pull->number);
  if (auto const* issue = std::get_if<IssueTarget>(&request.exact)) return "issue/" + std::to_string(issue->number);
  return "commit/" + std::get<CommitTarget>(request.exact).sha;
}

}  // namespace cml
