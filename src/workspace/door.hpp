// The one door through which files of the workspace are opened.
//
// A report, a plot, cml.yaml and what they name are files that a pull request may have written, while the job that
// reads them holds tokens. Whatever is read because such a file asked for it, and every output, goes through a Door; a
// test of the repository checks that no other code opens files. What the command line itself names is the user's word:
// it may lie elsewhere and may be a pipe, but a link inside the workspace still leads nowhere else.
//
// Example: with the workspace /w, "![](a.png)" reads /w/a.png; "![](../etc/passwd)", a link /w/a.png ->
// /proc/self/environ, "data": {"url": ".git/config"} and a cloud login that a step left as /w/gha-creds-1.json are
// refused, each with a sentence.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/file_system.hpp"

namespace cml {

enum class Origin {
  Workspace,   // A file of the workspace asked for it.
  CommandLine  // Who runs us named it.
};

struct DoorRules {
  std::filesystem::path root;                      // Real. Nothing outside is opened for a file of the workspace.
  std::vector<std::filesystem::path> other_roots;  // Real; also admitted: a DVC cache that links lead into.
  std::vector<std::filesystem::path> git_folders;  // Real: the clone's own, wherever they lie.
  std::vector<std::string> allowed;  // --allow-file: globs of names that may hold credentials all the same.
  // What git says of a path relative to the root. Empty: no to all.
  std::function<bool(std::filesystem::path const&)> is_tracked;    // The index has it.
  std::function<bool(std::filesystem::path const&)> is_committed;  // HEAD has it with these bytes: no secret any more.
};

// Pure but for what git says. Unauthorized: outside, or a name of credentials. Unsupported: git's own, but for objects
// of Git LFS: such a file's name is the hash of its content, which Door::read checks. `named` is the absolute path as
// written, `real` where it leads.
Status judge(DoorRules const&, std::filesystem::path const& named, std::filesystem::path const& real, Origin);

class Door {
 public:
  Door(FileSystem& files, DoorRules rules) : files_(&files), rules_(std::move(rules)) {}

  DoorRules const& rules() const { return rules_; }
  // Relative paths start in the current folder. NotFound when there is none, BadInput when it is not a regular file.
  Result<std::string> read(std::filesystem::path const&, std::uintmax_t max_bytes, Origin = Origin::Workspace) const;
  // Where the file lies, once the rules admit it; the file is not opened.
  Result<std::filesystem::path> find(std::filesystem::path const&, Origin = Origin::Workspace) const;
  FileKind kind(std::filesystem::path const&) const;  // Follows links; says nothing about what the rules admit.
  // A door to this folder alone, which the rules admit: for what strangers have put there.
  Result<Door> narrowed(std::filesystem::path const&, Origin = Origin::Workspace) const;
  bool is_link(std::filesystem::path const&) const;  // The path's last part is a symbolic link.
  // Sorted names of a folder that the rules admit.
  Result<std::vector<std::filesystem::path>> list(std::filesystem::path const&, Origin = Origin::Workspace) const;
  // Not through a link of the workspace that git tracks or that leads out of it.
  Status write(std::filesystem::path const&, std::string_view bytes) const;
  Status make_directories(std::filesystem::path const&) const;
  Status check_output(std::filesystem::path const&) const;  // The rules of write() alone.
  std::filesystem::path current_directory() const { return files_->current_directory(); }

 private:
  FileSystem* files_;
  DoorRules rules_;
};

}  // namespace cml
