#include "git/commit.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;
using Variables = std::vector<std::pair<std::string, std::string>>;

bool is_below_link(FileSystem& files, fs::path const& top, fs::path const& file) {
  for (fs::path folder = file.parent_path(); !folder.empty(); folder = folder.parent_path())
    if (files.is_link(top / folder)) return true;
  return false;
}

Result<std::string> write_commit(Git const& git, FileSystem& files, CommitRequest const& request,
                                 std::string const& index) {
  Variables const own_index{{"GIT_INDEX_FILE", index}};
  CML_TRY(read, git.run({.arguments = {"read-tree", request.base}, .environment = own_index}));
  // Below a folder that is a link now there is nothing any more; update-index would refuse such names.
  std::string names, gone;
  for (std::string const& file : request.files)
    (is_below_link(files, git.folder(), file) ? gone : names) += file + '\0';
  if (!gone.empty())
    CML_CHECK_OK(git.run(
        {.arguments = {"update-index", "--force-remove", "-z", "--stdin"}, .environment = own_index, .input = gone}));
  CML_TRY(updated, git.run({.arguments = {"update-index", "--add", "--remove", "-z", "--stdin"},
                            .environment = own_index,
                            .input = names,
                            .own_programs = true}));
  CML_TRY(written, git.run({.arguments = {"write-tree"}, .environment = own_index}));
  std::string const tree(trim(written));
  CML_TRY(before, git.tree_of(request.base));
  if (tree == before) return request.base;
  std::vector<std::string> arguments{"commit-tree", tree, "-p", request.base, "-F", "-"};
  // Plumbing does not look at this setting by itself.
  if (auto const sign = git.run({.arguments = {"config", "--type=bool", "--get", "commit.gpgsign"}});
      sign && trim(*sign) == "true")
    arguments.emplace_back("-S");
  CML_TRY(commit, git.run({.arguments = arguments,
                           .environment = {{"GIT_AUTHOR_NAME", request.name},
                                           {"GIT_AUTHOR_EMAIL", request.email},
                                           {"GIT_COMMITTER_NAME", request.name},
                                           {"GIT_COMMITTER_EMAIL", request.email}},
                           .input = request.message + "\n",
                           .own_programs = true}));
  return std::string(trim(commit));
}

}  // namespace

Result<std::string> commit_files(Git const& git, FileSystem& files, CommitRequest const& request) {
  CML_TRY(where, git.run({.arguments = {"rev-parse", "--absolute-git-dir"}}));
  fs::path const index = fs::path(trim(where)) / ("cml-index-" + request.base.substr(0, 12));
  auto commit = write_commit(git, files, request, index.string());
  if (files.kind(index) == FileKind::Regular) CML_CHECK_OK(files.remove(index));
  return commit;
}

}  // namespace cml
