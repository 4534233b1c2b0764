#include "forge/token_variables.hpp"

#include <string>

#include "forge/registry.hpp"

namespace cml {
namespace {

struct TokenRow {
  std::string_view forge, variable;
};
constexpr TokenRow kTokenRows[] = {
    {"github", "GITHUB_TOKEN"}, {"gitlab", "GITLAB_TOKEN"}, {"bitbucket", "BITBUCKET_TOKEN"},
    {"gitea", "GITEA_TOKEN"},   {"gitea", "FORGEJO_TOKEN"}, {"gitea", "GITHUB_TOKEN"},
};

}  // namespace

std::vector<std::string_view> tokens_of(std::string_view forge) {
  std::vector<std::string_view> names;
  for (TokenRow const& row : kTokenRows)
    if (row.forge == forge) names.push_back(row.variable);
  return names;
}

std::vector<std::string> token_variables() {
  std::vector<std::string> names{"REPO_TOKEN", "repo_token"};
  for (TokenRow const& row : kTokenRows) names.emplace_back(row.variable);
  return names;
}

}  // namespace cml
