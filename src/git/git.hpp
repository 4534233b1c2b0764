// git through Process: arguments as arrays, no shell, no global configuration. A folder owned by somebody else (containers)
// is allowed for the one command only, by an environment entry of that command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ports/process.hpp"

namespace cml {

class Git {
 public:
  Git(Process& process, std::filesystem::path folder) : process_(process), folder_(std::move(folder)) {}

  Result<std::string> remote_url(std::string const& remote = "origin") const;
  Result<std::string> head_sha() const;
  Result<std::filesystem::path> top_level() const;
  Result<std::string> resolve(std::string const& revision) const;  // "HEAD", a branch or a short sha to a full sha.
  // The commit where the two histories part; NotFound also when a shallow clone does not hold it.
  Result<std::string> merge_base(std::string const& a, std::string const& b) const;
  Result<bool> is_shallow() const;
  // Full shas from `revision` backwards along first parents, at most `count`, the newest first.
  Result<std::vector<std::string>> history(std::string const& revision, int count) const;
  // Paths of all files at a commit below this folder ("." for all), relative to it.
  Result<std::vector<std::string>> files_at(std::string const& sha, std::string const& below) const;
  // What the commits' files hold, one process for all. Paths are relative to this folder. Nothing for one that is absent.
  struct Blob {
    std::string sha, path;
  };
  Result<std::vector<std::optional<std::string>>> read_blobs(std::vector<Blob> const& wanted, std::uintmax_t max_bytes) const;
  Status set_config(std::string const& key, std::string const& value) const;  // Of this clone only.
  // All branches and tags; depth 0: their whole history.
  Status fetch_all(std::string const& remote, long long depth) const;

 private:
  Result<std::string> run(std::vector<std::string> arguments, std::string input = "") const;  // Standard output, trimmed.
  Result<std::string> run_raw(std::vector<std::string> arguments, std::string input) const;

  Process& process_;
  std::filesystem::path folder_;
};

}  // namespace cml
