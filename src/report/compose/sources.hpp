// The disk and a commit as sources of metrics files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "git/git.hpp"
#include "metrics/source.hpp"
#include "metrics/value.hpp"

namespace cml::report {

// A path inside the workspace must not leave it by a symbolic link: a pull request may bring one to /proc/self/environ.
// A path that is outside as written is read when who runs us wrote it (allow_outside), not when a file of the
// repository did.
class DiskSource : public metrics::Source {
 public:
  // An empty workspace: no bounds.
  DiskSource(FileSystem& files, std::filesystem::path folder, std::filesystem::path workspace = {})
      : files_(files), folder_(std::move(folder)), workspace_(std::move(workspace)) {}
  void allow_outside(bool allowed) { allow_outside_ = allowed; }
  bool outside_allowed() const { return allow_outside_; }
  FileKind kind(std::string const& path) override { return files_.kind(folder_ / path); }
  Result<std::string> read(std::string const& path, std::uintmax_t max_bytes) override;
  Result<std::vector<std::string>> list(std::string const& folder) override;
  std::string describe() const override { return ""; }

 private:
  Status check(std::string const& path);

  FileSystem& files_;
  std::filesystem::path folder_, workspace_;
  bool allow_outside_ = true;
};

// Files of one commit, relative to git's working folder. What was asked for is kept.
class CommitSource : public metrics::Source {
 public:
  CommitSource(Git const& git, std::string sha, std::string label)
      : git_(git), sha_(std::move(sha)), label_(std::move(label)) {}
  // Reads several files by one git process; those that are absent stay absent.
  Status prefetch(std::vector<std::string> const& paths, std::uintmax_t max_bytes) override;
  // The same for several commits.
  static Status prefetch_all(std::vector<CommitSource>& commits, std::vector<std::string> const& paths,
                             std::uintmax_t max_bytes);
  // True when the path was fetched before and is a file.
  bool has(std::string const& path) const {
    auto const blob = blobs_.find(path);
    return blob != blobs_.end() && blob->second.has_value();
  }
  FileKind kind(std::string const& path) override;
  Result<std::string> read(std::string const& path, std::uintmax_t max_bytes) override;
  Result<std::vector<std::string>> list(std::string const& folder) override;
  std::string describe() const override { return label_; }

 private:
  Git const& git_;
  std::string sha_, label_;
  std::map<std::string, std::optional<std::string>> blobs_;
};

}  // namespace cml::report
