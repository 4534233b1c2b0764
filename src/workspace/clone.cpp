#include "workspace/clone.hpp"

#include "base/text.hpp"
#include "workspace/paths.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxPointerBytes = 8192;  // Of a .git file, which names a folder.

// As git sees it: HEAD may be a link to a branch that does not exist, and objects and refs may lie where a file says.
bool looks_like_git_folder(FileSystem& files, fs::path const& folder) {
  bool const head = files.kind(folder / "HEAD") == FileKind::Regular || files.is_link(folder / "HEAD");
  bool const own =
      files.kind(folder / "objects") == FileKind::Directory && files.kind(folder / "refs") == FileKind::Directory;
  return head && (own || files.kind(folder / "commondir") == FileKind::Regular);
}

// What "gitdir: PATH" or a bare path in a small file names, from the file's folder.
Result<fs::path> pointed(FileSystem& files, fs::path const& file, std::string_view word) {
  CML_TRY(text, files.read(file, kMaxPointerBytes));
  std::string_view line = trim(text);
  if (!line.starts_with(word)) return Error{ErrorKind::BadInput, file.string() + " does not name a git folder"};
  return files.resolve(file.parent_path() / fs::path(std::string(trim(line.substr(word.size())))));
}

Result<Clone> clone_at(FileSystem& files, fs::path const& top) {
  fs::path const mark = top / ".git";
  Clone clone{top, {}, {}};
  if (files.kind(mark) == FileKind::Directory) {
    CML_TRY(folder, files.resolve(mark));
    clone.git_folder = folder;
  } else {
    CML_TRY(folder, pointed(files, mark, "gitdir:"));
    clone.git_folder = folder;
  }
  clone.common = clone.git_folder;
  if (files.kind(clone.git_folder / "commondir") == FileKind::Regular) {
    CML_TRY(common, pointed(files, clone.git_folder / "commondir", ""));
    clone.common = common;
  }
  return clone;
}

bool declared_safe(CloneRequest const& request, fs::path const& top) {
  if (!request.safe_folders) return false;
  for (std::string const& safe : request.safe_folders()) {
    bool const all_below = safe.ends_with("/*") && is_at_or_below(safe.substr(0, safe.size() - 2), top);
    if (safe == "*" || all_below || fs::path(safe) == top) return true;
  }
  return false;
}

}  // namespace

Result<Clone> find_clone(FileSystem& files, CloneRequest const& request) {
  CML_TRY(here, files.resolve(request.here));
  fs::path bound;
  if (!request.ci_workspace.empty())
    if (auto const workspace = files.resolve(request.ci_workspace); workspace && is_at_or_below(*workspace, here))
      bound = *workspace;
  if (files.kind(here / ".git") == FileKind::Missing && looks_like_git_folder(files, here))
    return Error{ErrorKind::Unauthorized,
                 "the folder " + here.string() +
                     " itself looks like a git repository (HEAD, objects, refs); git would believe its configuration, "
                     "which may come from a pull request. Run cml in another folder, or remove these files"};
  for (fs::path folder = here;; folder = folder.parent_path()) {
    if (files.kind(folder / ".git") != FileKind::Missing) {
      CML_TRY(clone, clone_at(files, folder));
      // The file or link ".git", too: who may write beside our folder could lead us into one that we unpacked.
      bool const own = files.is_own(clone.top) && files.is_own(folder / ".git") && files.is_own(clone.git_folder) &&
                       files.is_own(clone.common);
      if (own || (!bound.empty() && is_at_or_below(bound, clone.top)) || declared_safe(request, clone.top))
        return clone;
      return Error{ErrorKind::Unauthorized,
                   "the clone " + clone.top.string() +
                       " belongs to another user, whose configuration git would run; if you trust it: git config "
                       "--global --add safe.directory " +
                       clone.top.string()};
    }
    if (folder == bound || folder == folder.parent_path()) break;
  }
  return Error{ErrorKind::NotFound, here.string() + " is not inside a git clone"};
}

}  // namespace cml
