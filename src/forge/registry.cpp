#include "forge/registry.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/bitbucket/api.hpp"
#include "forge/bitbucket/bitbucket.hpp"
#include "forge/gitea/gitea.hpp"
#include "forge/github/github.hpp"
#include "forge/gitlab/gitlab.hpp"
#include "forge/local/local.hpp"
#include "forge/token_variables.hpp"

namespace cml {
namespace {

// ".ghe.com": every host below.
bool matches(std::string_view host, std::string_view known) {
  if (known[0] != '.') return host == known;
  return host.size() > known.size() && host.substr(host.size() - known.size()) == known;
}

ForgeType const* find_type(std::string_view name) {
  for (ForgeType const& type : forge_types())
    if (type.name == name) return &type;
  return nullptr;
}

// In the order in which they count; null: those of all forges.
std::vector<std::string> token_names(ForgeType const* type) {
  if (type == nullptr) return token_variables();
  std::vector<std::string> names{"REPO_TOKEN", "repo_token"};
  names.insert(names.end(), type->tokens.begin(), type->tokens.end());
  return names;
}

Secret first_token(ForgeRequest const& request, ForgeType const* type, Environment const& environment) {
  if (!request.token.empty()) return request.token;
  for (std::string const& name : token_names(type))
    if (auto value = environment.get(name); value && !trim(*value).empty()) return Secret(std::string(trim(*value)));
  return {};
}

// Mistakes seen in real pipelines: an unexpanded variable, a masked value, two lines.
Status check_token(Secret const& token) {
  std::string const& value = token.reveal();
  if (value[0] == '$' || value.find_first_of(" \t\r\n") != std::string::npos || value.find("***") != std::string::npos)
    return Error{ErrorKind::Unauthorized,
                 "the token does not look like one (it holds a blank, \"***\" or starts with \"$\"); check the name of "
                 "the secret"};
  return ok();
}

Status check_scheme(std::string_view what, std::string_view address, bool insecure_http) {
  auto const url = parse_url(address);
  if (!url || (url->scheme != "https" && url->scheme != "http"))
    return Error{ErrorKind::Usage, std::string(what) + " \"" + safe_url(address) + "\" is not an http or https URL"};
  if (url->scheme == "http" && !is_loopback(url->host) && !insecure_http)
    return Error{ErrorKind::Usage,
                 std::string(what) + " " + safe_url(address) +
                     " is plain http, which would show the token to the network; use https, or --insecure-http"};
  return ok();
}

Result<ForgeType const*> type_of(ForgeRequest const& request, Repository const& repository, CiRun const& ci) {
  if (!request.driver.empty()) {
    if (ForgeType const* type = find_type(request.driver)) return type;
    std::vector<std::string_view> names;
    std::string all;
    for (ForgeType const& type : forge_types()) {
      names.push_back(type.name);
      all += (all.empty() ? "" : ", ") + std::string(type.name);
    }
    std::string_view const near = nearest(request.driver, names);
    return Error{ErrorKind::Usage, "driver \"" + one_line(request.driver, 40) + "\" unknown; there are " + all +
                                       (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
  }
  for (ForgeType const& type : forge_types())
    for (std::string_view host : type.public_hosts)
      if (matches(repository.host(), host)) return &type;
  auto const server = parse_url(ci.server_url);
  if (!ci.forge.empty() && (!server || repository.authority.empty() || server->authority() == repository.authority ||
                            parse_url(ci.repository).has_value()))
    if (ForgeType const* type = find_type(ci.forge)) return type;
  if (repository.authority.empty())
    return Error{ErrorKind::Usage,
                 "no repository found: run inside a git clone with a remote named origin, or give --repo; "
                 "--driver local needs none"};
  return Error{ErrorKind::Usage, "cannot tell which forge " + repository.authority +
                                     " is; give --driver (github for GitHub Enterprise Server)"};
}

// The user names under which forges take a token as password.
constexpr char github_user[] = "x-access-token";
constexpr char gitlab_user[] = "oauth2";
template <char const* user>
Secret login_as(Secret const& token) {
  return Secret(std::string(user) + ":" + token.reveal());
}

}  // namespace

std::vector<ForgeType> const& forge_types() {
  static std::vector<ForgeType> const types{
      {"github",
       {"github.com", ".ghe.com"},
       "https://github.com",
       tokens_of("github"),
       true,
       true,
       "in GitHub Actions add \"env: REPO_TOKEN: ${{ secrets.GITHUB_TOKEN }}\" to the step that runs cml",
       make_github,
       login_as<github_user>},
      {"gitlab",
       {"gitlab.com"},
       "https://gitlab.com",
       tokens_of("gitlab"),
       true,
       true,
       "in GitLab CI add a project access token with scope api as the CI/CD variable REPO_TOKEN; CI_JOB_TOKEN may not "
       "write comments",
       make_gitlab,
       login_as<gitlab_user>,
       "Merge Request"},
      {"bitbucket",
       {"bitbucket.org"},
       "https://bitbucket.org",
       tokens_of("bitbucket"),
       true,
       true,
       "in Bitbucket Pipelines add a repository access token with the scopes pullrequest:write and repository:write as "
       "the "
       "secured variable REPO_TOKEN",
       make_bitbucket,
       bitbucket::git_login},
      {"gitea",
       {"gitea.com", "codeberg.org"},
       "https://gitea.com",
       tokens_of("gitea"),
       true,
       true,
       "in Gitea and Forgejo Actions add \"env: REPO_TOKEN: ${{ secrets.GITHUB_TOKEN }}\" to the step that runs cml",
       make_gitea,
       login_as<github_user>},
      {"local", {}, "", {}, false, false, "", make_local},
  };
  return types;
}

bool is_public_host(std::string_view host) {
  for (ForgeType const& type : forge_types())
    for (std::string_view known : type.public_hosts)
      if (matches(host, known)) return true;
  return false;
}

Result<ForgeChoice> choose_forge(ForgeRequest const& request, CiRun const& ci, Environment const& environment) {
  ForgeChoice choice;
  bool const any_token = !first_token(request, nullptr, environment).empty();
  bool const laptop = request.driver.empty() && request.repo.empty() && !ci.in_ci && !any_token;
  if (laptop || request.driver == "local") {
    choice.type = find_type("local");
    return choice;
  }
  std::string given = !request.repo.empty()         ? request.repo
                      : !request.remote_url.empty() ? request.remote_url
                                                    : ci.repository;
  if (is_public_host(given.substr(0, given.find('/'))))
    given = "https://" + given;  // "github.com/o/r", as people copy it.
  if (!given.empty()) {
    std::string base = request.driver.empty() || request.driver == ci.forge ? ci.server_url : "";
    if (ForgeType const* type = find_type(request.driver); type != nullptr && base.empty())
      base = type->default_web_base;
    if (base.empty()) base = forge_types().front().default_web_base;
    CML_TRY(repository, parse_repository(given, base));
    choice.repository = std::move(repository);
    if (is_public_host(choice.repository.authority)) choice.repository.scheme = "https";
  }
  CML_TRY(type, type_of(request, choice.repository, ci));
  choice.type = type;
  if (type->needs_repository && choice.repository.path.empty())
    return Error{ErrorKind::Usage,
                 "no repository found: run inside a git clone with a remote named origin, or give --repo"};
  choice.token = first_token(request, type, environment);
  if (type->needs_token && choice.token.empty()) {
    std::string names = "REPO_TOKEN";
    for (std::string_view name : type->tokens) names += " or " + std::string(name);
    return Error{ErrorKind::Unauthorized,
                 "token not found: set " + names + ", or give --token; " + std::string(type->token_hint)};
  }
  CML_CHECK_OK(check_token(choice.token));
  // The CI's own address of the API holds for the CI's own server only.
  auto const server = parse_url(ci.server_url);
  choice.api_url = request.api_url;
  if (choice.api_url.empty() && ci.forge == type->name && server && server->authority() == choice.repository.authority)
    choice.api_url = ci.api_url;
  if (!choice.api_url.empty())
    CML_CHECK_OK(check_scheme("--api-url", choice.api_url, request.insecure_http));
  else
    CML_CHECK_OK(check_scheme("the repository", choice.repository.web_url(), request.insecure_http));
  while (!choice.api_url.empty() && choice.api_url.back() == '/') choice.api_url.pop_back();
  return choice;
}

}  // namespace cml
