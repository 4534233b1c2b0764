// git through Process: arguments as arrays, no shell, no global configuration. Which repository is meant is found
// before (workspace/clone.hpp) and named to git, which looks for none itself. Commands that only read run no program
// that the repository's configuration names. A credential goes by the environment of the one command that needs it;
// other credentials of this process do not reach git. What the environment configures already (GIT_CONFIG_COUNT,
// GIT_CONFIG_PARAMETERS) stays in force; but git 2.30 knows only the second, which gives way to the credential there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "ports/process.hpp"

namespace cml {

struct GitCall {
  std::vector<std::string> arguments;  // Without "git".
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string input = {};
  bool network = false;       // Gets the credential, and half an hour.
  bool own_programs = false;  // The user's hooks, filters and signing run: it makes or sends a commit.
};

struct GitFolders {
  std::filesystem::path git_folder, top;
};

struct SubmoduleFile;

class Git {
 public:
  // `folder` is where git stands: the top or below it.
  Git(Process& process, std::filesystem::path folder, GitFolders place)
      : process_(process), folder_(std::move(folder)), place_(std::move(place)) {}
  // Without a repository: every command fails with this reason.
  Git(Process& process, Error reason) : process_(process), refused_(std::move(reason)) {}

  // For calls over the network to `url` (https, or http on this machine): "user:password". It goes by the environment
  // of the one command: never into arguments, the remote's address or a configuration file. Takes the place of headers
  // and helpers that others set.
  void set_login(std::string url, Secret login);

  // Network calls to http://HOST go to https://HOST instead.
  void use_https(std::string host) { https_host_ = std::move(host); }

  // Standard output as it is. The Error's kind and hint come from what git says; it holds no credential of an address.
  Result<std::string> run(GitCall) const;

  Result<std::string> remote_url(std::string const& remote = "origin") const;
  Result<std::string> head_sha() const;
  std::filesystem::path const& folder() const { return folder_; }
  Result<std::string> prefix() const;          // Of the current folder within the repository: "" or "sub/folder/".
  Result<std::string> current_branch() const;  // Empty when HEAD is detached.
  Result<std::string> resolve(std::string const& revision) const;     // "HEAD", a branch or a short sha to a full sha.
  Result<std::string> committer_of(std::string const& commit) const;  // An e-mail address.
  // The commit where the two histories part; NotFound also when a shallow clone does not hold it.
  Result<std::string> merge_base(std::string const& a, std::string const& b) const;
  // Whether the index has the file; the path is relative to the top.
  bool is_tracked(std::filesystem::path const&) const;
  // Whether HEAD has the file just as it lies here, byte for byte; the path is relative to the top.
  bool is_committed(std::filesystem::path const&) const;
  Result<bool> is_shallow() const;
  // Full shas from `revision` backwards along first parents, at most `count`, the newest first.
  Result<std::vector<std::string>> history(std::string const& revision, int count) const;
  // Paths of all files at a commit below this folder ("" for all), relative to it.
  Result<std::vector<std::string>> files_at(std::string const& sha, std::string const& below) const;
  // What the commits' files hold, one process for all. Paths are relative to this folder. Nothing for one that is
  // absent.
  struct Blob {
    std::string sha, path;
  };
  Result<std::vector<std::optional<std::string>>> read_blobs(std::vector<Blob> const& wanted,
                                                             std::uintmax_t max_bytes) const;
  // For a file that read_blobs() did not find: where it lies in a submodule of that commit; nothing when no folder
  // above it is one. BadInput when the submodule's name leads out of git's folder, or when the commit has the file and
  // this clone has not its content.
  Result<std::optional<SubmoduleFile>> elsewhere(std::string const& sha, std::string const& path) const;
  Result<std::string> tree_of(std::string const& commit) const;
  Result<std::string> subject_of(std::string const& commit) const;
  Status set_config(std::string const& key, std::string const& value) const;  // Of this clone only.
  // All branches and tags; depth 0: their whole history.
  Status fetch_all(std::string const& remote, long long depth) const;
  // A branch or a commit, without moving any ref.
  Status fetch_one(std::string const& remote, std::string const& what) const;
  struct ChangedFile {
    std::string path;          // From the top level.
    bool in_conflict = false;  // A merge has left it so.
  };
  // Those that differ from HEAD or are new; deleted ones, too, ignored ones not.
  Result<std::vector<ChangedFile>> changed_files() const;
  Result<std::optional<std::string>> remote_branch(std::string const& remote,
                                                   std::string const& branch) const;  // Its commit.
  // Conflict when the branch is no longer at `expected` (nothing: it must not exist).
  Status push(std::string const& remote, std::string const& commit, std::string const& branch,
              std::optional<std::string> const& expected) const;

 private:
  Result<std::string> line(std::vector<std::string> arguments) const;  // Standard output without the line break.
  void add_login(ProcessRequest&) const;
  bool knows_config_env() const;

  Process& process_;
  std::filesystem::path folder_;
  GitFolders place_;
  std::optional<Error> refused_;
  std::string login_url_, https_host_;
  Secret login_;
};

struct SubmoduleFile {
  Git git;                        // Its own objects, which are there once it was checked out; else every command fails.
  std::string sha, path, folder;  // The commit that was noted, the file from the submodule's top; that top from ours.
};

}  // namespace cml
