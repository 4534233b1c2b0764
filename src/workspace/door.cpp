#include "workspace/door.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "workspace/credential_names.hpp"
#include "workspace/paths.hpp"

namespace cml {
namespace {

namespace fs = std::filesystem;

// Table: characters that HFS+ ignores in names, in UTF-8, as git's own check has them.
constexpr std::string_view kIgnored[] = {
    "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
    "\u202e", "\u206a", "\u206b", "\u206c", "\u206d", "\u206e", "\u206f", "\ufeff",
};

// ".git" as any file system spells it: letters of either case, dots and blanks at the end, ignorable characters, and
// the short name and the streams that Windows shares give it.
bool is_git_name(std::string_view part) {
  std::string name(part);
  for (std::string_view ignored : kIgnored) name = replace_all(std::move(name), ignored, "");
  name = to_lower(std::string_view(name).substr(0, name.find_first_of(":\\")));
  name.erase(name.find_last_not_of(". ") + 1);
  return name == ".git" || name == "git~1";
}

bool is_git_own(DoorRules const& rules, fs::path const& real) {
  for (fs::path const& folder : rules.git_folders)
    if (is_at_or_below(folder, real)) return true;
  fs::path const below = is_at_or_below(rules.root, real) ? real.lexically_relative(rules.root) : real;
  return std::any_of(below.begin(), below.end(), [](fs::path const& part) { return is_git_name(part.string()); });
}

// The hash that is the name of an object of Git LFS: GITFOLDER/lfs/objects/ab/cd/abcd... Empty: it is none.
std::string lfs_hash(DoorRules const& rules, fs::path const& real) {
  std::string const name = real.filename().string();
  if (name.size() != 64 || name.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
  fs::path const below = fs::path("lfs/objects") / name.substr(0, 2) / name.substr(2, 2) / name;
  bool const is_object = std::any_of(rules.git_folders.begin(), rules.git_folders.end(),
                                     [&](fs::path const& folder) { return real == folder / below; });
  return is_object ? name : std::string();
}

}  // namespace

Status judge(DoorRules const& rules, fs::path const& named, fs::path const& real, Origin origin) {
  if (!lfs_hash(rules, real).empty()) return ok();
  bool const inside = is_at_or_below(rules.root, real);
  bool const elsewhere = std::any_of(rules.other_roots.begin(), rules.other_roots.end(),
                                     [&](fs::path const& root) { return is_at_or_below(root, real); });
  if (!inside && !elsewhere) {
    bool const by_link = is_at_or_below(rules.root, named.lexically_normal());
    if (origin == Origin::CommandLine && !by_link) return ok();
    return Error{ErrorKind::Unauthorized, "it is outside the workspace " + rules.root.string() +
                                              (by_link ? ", where a link leads" : "") +
                                              "; --workspace names another folder"};
  }
  if (is_git_own(rules, real))
    return Error{ErrorKind::Unsupported, "files of .git, where tokens may lie, are never read"};
  if (!inside) return ok();
  fs::path const below = real.lexically_relative(rules.root);
  if (!may_hold_credentials(below) || is_allowed_name(rules.allowed, below)) return ok();
  // "report.md" is the user's word; that it is a link to ".env" is the pull request's.
  bool const by_name = is_at_or_below(rules.root, named.lexically_normal()) &&
                       may_hold_credentials(named.lexically_normal().lexically_relative(rules.root));
  if (origin == Origin::CommandLine && by_name) return ok();
  // A step may have written its login into a file that the repository has, too.
  if (rules.is_committed && rules.is_committed(below)) return ok();
  return Error{ErrorKind::Unauthorized,
               "a file of that name may hold credentials, and git has no commit of it as it is; "
               "--allow-file '" +
                   one_line(below.generic_string(), 200) + "' reads it all the same"};
}

Result<std::string> Door::read(fs::path const& path, std::uintmax_t max_bytes, Origin origin) const {
  fs::path const named = files_->current_directory() / path;
  // What the command line names outside the workspace may be a pipe or a device, which have no place of their own.
  if (origin == Origin::CommandLine && !is_at_or_below(rules_.root, named.lexically_normal()))
    return files_->read(named, max_bytes);
  std::string hash;
  // A folder of the pull request cannot hold a pipe, so one there is a step's own.
  Pipes const pipes = origin == Origin::CommandLine ? Pipes::Read : Pipes::Refused;
  auto const admit = [&](fs::path const& real) {
    hash = lfs_hash(rules_, real);
    return judge(rules_, named, real, origin);
  };
  CML_TRY(bytes, files_->read_admitted(named, max_bytes, admit, pipes));
  if (!hash.empty() && sha256_hex(bytes) != hash)
    return Error{ErrorKind::Unauthorized,
                 "it leads to an object of Git LFS whose content is not what its name says; run git lfs fsck"};
  return bytes;
}

Result<fs::path> Door::find(fs::path const& path, Origin origin) const {
  fs::path const named = files_->current_directory() / path;
  auto real = files_->resolve(named);
  if (!real) return Error{ErrorKind::NotFound, "no such file"};
  CML_CHECK_OK(judge(rules_, named, *real, origin));
  FileKind const kind = files_->kind(*real);
  if (kind == FileKind::Directory) return Error{ErrorKind::BadInput, "it is a directory"};
  if (kind != FileKind::Regular) return Error{ErrorKind::BadInput, "it is not a regular file"};
  return real;
}

Result<Door> Door::narrowed(fs::path const& path, Origin origin) const {
  fs::path const named = files_->current_directory() / path;
  CML_TRY(real, files_->resolve(named));
  CML_CHECK_OK(judge(rules_, named, real, origin));
  if (files_->kind(real) != FileKind::Directory) return Error{ErrorKind::BadInput, "it is not a folder"};
  DoorRules rules;
  rules.root = real;
  rules.git_folders = rules_.git_folders;
  return Door(*files_, std::move(rules));
}

bool Door::is_link(fs::path const& path) const { return files_->is_link(files_->current_directory() / path); }

FileKind Door::kind(fs::path const& path) const { return files_->kind(files_->current_directory() / path); }

Result<std::vector<fs::path>> Door::list(fs::path const& path, Origin origin) const {
  fs::path const named = files_->current_directory() / path;
  CML_TRY(real, files_->resolve(named));
  CML_CHECK_OK(judge(rules_, named, real, origin));
  return files_->list(real);
}

Status Door::check_output(fs::path const& path) const {
  fs::path const named = (files_->current_directory() / path).lexically_normal();
  if (!is_at_or_below(rules_.root, named)) return ok();
  fs::path walked = rules_.root;
  for (fs::path const& part : named.lexically_relative(rules_.root)) {
    walked /= part;
    if (!files_->is_link(walked)) continue;
    auto const target = files_->resolve(walked);
    bool const leaves = !target || !is_at_or_below(rules_.root, *target) || is_git_own(rules_, *target);
    if (!leaves && !(rules_.is_tracked && rules_.is_tracked(walked.lexically_relative(rules_.root)))) continue;
    return Error{ErrorKind::Unauthorized, "cannot write " + path.string() + ": " + walked.string() +
                                              " is a symbolic link" + (target ? " to " + target->string() : "") +
                                              ", which a pull request may have brought; name " +
                                              (target ? "that place itself" : "another file")};
  }
  if (is_git_own(rules_, named))
    return Error{ErrorKind::Unauthorized, "cannot write " + path.string() + ": files of .git are never written"};
  return ok();
}

Status Door::write(fs::path const& path, std::string_view bytes) const {
  CML_CHECK_OK(check_output(path));
  return files_->write((files_->current_directory() / path).lexically_normal(), bytes);  // What was checked.
}

Status Door::make_directories(fs::path const& path) const {
  CML_CHECK_OK(check_output(path));
  return files_->make_directories((files_->current_directory() / path).lexically_normal());
}

}  // namespace cml
