// The disk and a commit as sources of metrics files. Where git has a note alone, of Git LFS, DVC or a submodule, the
// content is looked for where that is kept; a file whose content is not to be had is unreadable, not absent.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "git/git.hpp"
#include "metrics/dvc_outs.hpp"
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
  Result<std::string> read(std::string const& path, std::uintmax_t max_bytes) override;
  bool is_lfs_pointer(std::string const& path) const;
  Result<std::vector<std::string>> list(std::string const& folder) override;
  std::string describe() const override { return ""; }

 private:
  Door const& door_;
  std::filesystem::path folder_;
  Origin origin_ = Origin::CommandLine;
  std::uintmax_t read_ = 0;  // Bytes of all files.
};

// Files of one commit, relative to git's working folder. What was asked for is kept.
class CommitSource : public metrics::Source {
 public:
  // `door`: to what is kept outside of git.
  CommitSource(Git const& git, Door const& door, std::string sha, std::string label)
      : git_(git), door_(door), sha_(std::move(sha)), label_(std::move(label)) {}
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
  // What is not among the commit's own files; asked for once.
  Result<std::string> const& from_elsewhere(std::string const& path, std::uintmax_t max_bytes);
  Result<std::string> look_elsewhere(std::string const& path, std::uintmax_t max_bytes);
  Result<std::optional<metrics::DvcNote>> dvc_note(std::string const& path);
  int levels_above();  // How far below the repository's top paths count from.

  Git const& git_;
  Door const& door_;
  std::string sha_, label_;
  std::map<std::string, std::optional<std::string>> blobs_;
  std::map<std::string, Result<std::string>> elsewhere_;
  std::optional<int> levels_;
};

}  // namespace cml::report
