// git through Process: arguments as arrays, no shell, no global configuration. A folder owned by somebody else (containers)
// is allowed for the one command only, by an environment entry of that command.
#pragma once

#include <filesystem>
#include <string>

#include "ports/process.hpp"

namespace cml {

class Git {
 public:
  Git(Process& process, std::filesystem::path folder) : process_(process), folder_(std::move(folder)) {}

  Result<std::string> remote_url(std::string const& remote = "origin") const;
  Result<std::string> head_sha() const;
  Result<std::filesystem::path> top_level() const;
  Result<std::string> resolve(std::string const& revision) const;  // "HEAD", a branch or a short sha to a full sha.
  Status set_config(std::string const& key, std::string const& value) const;  // Of this clone only.
  // All branches and tags; depth 0: their whole history.
  Status fetch_all(std::string const& remote, long long depth) const;

 private:
  Result<std::string> run(std::vector<std::string> arguments) const;  // Standard output without the last line break.

  Process& process_;
  std::filesystem::path folder_;
};

}  // namespace cml
