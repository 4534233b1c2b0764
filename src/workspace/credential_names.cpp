#include "workspace/credential_names.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "git/glob.hpp"

namespace cml {
namespace {

// Table: what a file name, or the end of a path, looks like. In lower case.
constexpr std::string_view kNames[] = {
    "gha-creds-*.json",
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".dvc/config.local",
    ".git-credentials",
    ".gitconfig",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".vault-token",
    ".terraformrc",
    "terraform.rc",
    "*.tfstate",
    "*.tfstate.backup",
    "*.tfvars",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.pem",
    "*.key",
    "*.pfx",
    "*.p12",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.gpg",
    "*.asc",
    "kubeconfig",
    "kubeconfig.*",
    "*.kubeconfig",
    "credentials",
    "credentials.json",
    "credentials.yml",
    "credentials.yaml",
    "credentials.toml",
    "client_secret*.json",
    "service-account*.json",
    "service_account*.json",
    "application_default_credentials.json",
    "secrets.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.toml",
    "pip.conf",
    "kaggle.json",
    ".boto",
    ".s3cfg",
    ".rclone.conf",
    "rclone.conf",
    ".docker/config.json",
    ".dockercfg",
    ".dockerconfigjson",
    ".cargo/credentials*",
    ".gem/credentials",
    ".m2/settings.xml",
    ".config/gh/hosts.yml",
    ".huggingface/token",
    ".cache/huggingface/token",
    ".jupyter/*",
    ".bash_history",
    ".zsh_history",
    ".python_history",
};

// Table: folders that hold nothing else.
constexpr std::string_view kFolders[] = {".aws", ".azure", ".gcloud", ".kube", ".ssh", ".gnupg", ".oci", ".secrets"};

}  // namespace

bool may_hold_credentials(std::filesystem::path const& path) {
  std::string const whole = to_lower(path.generic_string());
  std::vector<std::string> const parts = split(whole, '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (std::find(std::begin(kFolders), std::end(kFolders), parts[i]) != std::end(kFolders)) return true;
  return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) {
    // "docker/config.json" means the end of the path.
    auto const depth = static_cast<std::size_t>(std::count(name.begin(), name.end(), '/'));
    if (parts.size() <= depth) return false;
    std::string tail;
    for (std::size_t i = parts.size() - depth - 1; i < parts.size(); ++i) tail += (tail.empty() ? "" : "/") + parts[i];
    return glob_matches(name, tail);
  });
}

bool is_allowed_name(std::vector<std::string> const& globs, std::filesystem::path const& path) {
  std::string const whole = path.generic_string(), name = path.filename().string();
  return std::any_of(globs.begin(), globs.end(), [&](std::string const& pattern) {
    return glob_matches(pattern, whole) || glob_matches(pattern, name);
  });
}

}  // namespace cml
