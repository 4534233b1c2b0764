// The disk and a commit as sources of metrics files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "git/git.hpp"
#include "metrics/source.hpp"
#include "metrics/value.hpp"
#include "workspace/door.hpp"

namespace cml::report {

// Files of the workspace and, where the command line names them, from elsewhere; all through the Door.
class DiskSource : public metrics::Source {
 public:
  DiskSource(Door const& door, std::filesystem::path folder) : door_(door), folder_(std::move(folder)) {}
  // Who named what is read next.
  void named_by(Origin origin) { origin_ = origin; }
  Origin origin() const { return origin_; }
  FileKind kind(std::string const& path) override { return door_.kind(folder_ / path); }
  Result<std::string> read(std::string const& path, std::uintmax_t max_bytes) override {
    return door_.read(folder_ / path, max_bytes, origin_);
  }
  Result<std::vector<std::string>> list(std::string const& folder) override;
  std::string describe() const override { return ""; }

 private:
  Door const& door_;
  std::filesystem::path folder_;
  Origin origin_ = Origin::CommandLine;
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
