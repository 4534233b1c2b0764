// One row per forge, and how the right one is found.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "forge/ci.hpp"
#include "forge/forge.hpp"
#include "forge/repository.hpp"
#include "ports/clock.hpp"
#include "ports/console.hpp"
#include "ports/http.hpp"
#include "ports/random.hpp"

namespace cml {

// Everything a forge is made from.
struct ForgeSetup {
  Repository repository;  // Empty path for the local forge.
  std::string api_url;    // Empty: derived from the repository.
  Secret token;
  std::string local_folder;
  std::function<std::string(std::string_view markdown)> to_html;  // For the local preview.
  HttpClient* http = nullptr;
  Clock* clock = nullptr;
  Random* random = nullptr;
  FileSystem* files = nullptr;
  std::function<void(std::string const&)> notify;  // A line for the log.
};

struct ForgeType {
  std::string_view name;
  std::vector<std::string_view> public_hosts;  // "github.com", ".ghe.com" (all below); none: self-hosted only.
  std::string_view default_web_base;           // For "owner/name".
  std::vector<std::string_view> tokens;        // Own variables, after REPO_TOKEN and repo_token.
  bool needs_repository = true;
  bool needs_token = true;
  std::string_view token_hint;  // Where the token comes from in this forge's own CI.
  std::unique_ptr<Forge> (*make)(ForgeSetup const&);
  // "user:password" for git over HTTPS with this token; null where there is no git.
  Secret (*git_login)(Secret const& token) = nullptr;
  std::string_view pull_request_title = "Pull Request";  // In Markdown: [CML's Pull Request](URL).
};

std::vector<ForgeType> const& forge_types();
// Every variable in which a token is looked for, whatever the forge.
std::vector<std::string> token_variables();
// True for a host like github.com: served by https alone, whatever an address says (Bitbucket Pipelines' clones say
// http).
bool is_public_host(std::string_view host);

struct ForgeRequest {
  std::string driver, repo, api_url;
  Secret token;
  std::string remote_url;  // git's origin; empty when there is none.
  bool insecure_http = false;
};
struct ForgeChoice {
  ForgeType const* type = nullptr;
  Repository repository;
  std::string api_url;
  Secret token;
};
Result<ForgeChoice> choose_forge(ForgeRequest const&, CiRun const&, Environment const&);

}  // namespace cml
