// Small files that lie in a ref of their own beside the branches: one commit without parents, whose tree has nothing
// else. Each change replaces the commit, and the push says which one it replaces: of two jobs that change it at once
// one gets Conflict, and begins again from what the other has left. The clone's branches, index and files stay as they
// are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "git/git.hpp"

namespace cml {

// The commit of a full ref ("refs/cml/metrics") on the remote; nothing when it has none.
Result<std::optional<std::string>> remote_ref(Git const&, std::string const& remote, std::string const& ref);
// Makes `local` the remote's `ref`, whatever it was.
Status mirror_ref(Git const&, std::string const& remote, std::string const& ref, std::string const& local);

struct RefFile {
  std::string name, sha;
  std::uintmax_t size = 0;
  bool is_file = true;  // Neither a folder nor a link nor a submodule.
};
// What stands at the tree's top, sorted by name.
Result<std::vector<RefFile>> files_of_ref(Git const&, std::string const& commit);

struct RefChange {
  std::vector<RefFile> files;                  // As they are; files alone.
  std::map<std::string, std::string> written;  // New contents by name.
  std::string message, name, email;            // Of author and committer.
};
Result<std::string> commit_to_ref(Git const&, RefChange const&);  // A commit that no ref has yet.

// Conflict when the ref is no longer at `expected` (nothing: it must not exist). No hook of the clone runs.
Status push_ref(Git const&, std::string const& remote, std::string const& commit, std::string const& ref,
                std::optional<std::string> const& expected);
// The same for a ref of this clone.
Status set_ref(Git const&, std::string const& ref, std::string const& commit,
               std::optional<std::string> const& expected);

}  // namespace cml
