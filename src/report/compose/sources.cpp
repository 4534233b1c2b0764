#include "report/compose/sources.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "report/compose/stores.hpp"

namespace cml::report {
namespace {

constexpr std::size_t kMaxFiles = 100'000;
constexpr int kMaxDepth = 16;  // Ends loops of symbolic links, too.

constexpr std::uintmax_t kMostBytesOfAll = 1u << 30;  // Read for one report; a file counts each time.

constexpr std::uintmax_t kMaxNoteBytes = 16u << 20;  // Of a dvc.lock.

// How many folders up the path leads from where it counts from; nothing for an absolute one.
std::optional<int> steps_up(std::string const& path) {
  std::filesystem::path const normal = std::filesystem::path(path).lexically_normal();
  if (normal.is_absolute()) return std::nullopt;
  return static_cast<int>(std::count(normal.begin(), normal.end(), ".."));
}

}  // namespace

Result<std::string> DiskSource::read(std::string const& path, std::uintmax_t max_bytes) {
  if (read_ >= kMostBytesOfAll)
    return Error{ErrorKind::TooLarge, "is not read: the files of this report hold more than 1 GiB together"};
  auto bytes = door_.read(folder_ / path, max_bytes, origin_);
  if (bytes) {
    read_ += bytes->size();
    auto const object = lfs_pointer(*bytes);
    return object ? lfs_object(door_, *object, max_bytes) : std::move(bytes);
  }
  if (bytes.error().kind != ErrorKind::NotFound) return bytes;
  std::filesystem::path const here = (door_.current_directory() / folder_).lexically_normal();
  auto const below = here.lexically_relative(door_.rules().root);
  if (below.empty() || *below.begin() == ".." || std::filesystem::path(path).is_absolute()) return bytes;
  int const levels = below == "." ? 0 : static_cast<int>(std::distance(below.begin(), below.end()));
  bool is_dvc_project = false;
  std::filesystem::path folder = here;
  for (int i = 0; i <= levels && !is_dvc_project; ++i, folder = folder.parent_path())
    is_dvc_project = door_.kind(folder / ".dvc") == FileKind::Directory;
  if (!is_dvc_project) return bytes;
  auto const note = metrics::find_dvc_note(path, levels, [&](std::string const& file) -> std::optional<std::string> {
    auto text = door_.read(folder_ / file, kMaxNoteBytes);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  });
  if (!note) return note.error();
  // What the cache holds is what a run has left earlier: it does not stand for what this one has not written.
  if (*note)
    return Error{ErrorKind::BadInput,
                 "is kept by DVC (" + one_line((*note)->file, 120) + ") and not checked out here; run dvc pull"};
  return bytes;
}

bool DiskSource::is_lfs_pointer(std::string const& path) const {
  auto const bytes = door_.read(folder_ / path, 1024, origin_);
  return bytes && lfs_pointer(*bytes);
}

Result<std::vector<std::string>> DiskSource::list(std::string const& folder) {
  std::vector<std::string> found;
  std::function<Status(std::string const&, int)> const walk = [&](std::string const& below, int depth) -> Status {
    CML_TRY(names, door_.list(folder_ / below, origin_));
    for (std::filesystem::path const& name : names) {
      std::string const leaf = name.filename().string();
      std::string const path = below.empty() || below == "." ? leaf : (std::filesystem::path(below) / leaf).string();
      FileKind const kind = door_.kind(folder_ / path);
      if (kind == FileKind::Regular) found.push_back(path);
      if (kind == FileKind::Directory && depth < kMaxDepth && leaf != ".git") CML_CHECK_OK(walk(path, depth + 1));
      if (found.size() > kMaxFiles)
        return Error{ErrorKind::BadInput,
                     "holds more than " + std::to_string(kMaxFiles) + " files; name the folder of one run"};
    }
    return ok();
  };
  std::string start = folder;
  while (start.size() > 1 && start.back() == '/') start.pop_back();
  CML_CHECK_OK(walk(start, 0));
  return found;
}

Status CommitSource::prefetch(std::vector<std::string> const& paths, std::uintmax_t max_bytes) {
  std::vector<Git::Blob> wanted;
  for (std::string const& path : paths) {
    if (blobs_.contains(path)) continue;
    auto const up = steps_up(path);
    if (!up || (*up > 0 && *up > levels_above()))
      blobs_[path] = std::nullopt;  // git would end at a path outside of the repository.
    else
      wanted.push_back({sha_, path});
  }
  CML_TRY(contents, git_.read_blobs(wanted, max_bytes));
  for (std::size_t i = 0; i < wanted.size(); ++i) blobs_[wanted[i].path] = std::move(contents[i]);
  return ok();
}

Status CommitSource::prefetch_all(std::vector<CommitSource>& commits, std::vector<std::string> const& paths,
                                  std::uintmax_t max_bytes) {
  if (commits.empty()) return ok();
  std::vector<Git::Blob> wanted;
  std::vector<std::string> inside = paths;
  std::erase_if(inside, [&](std::string const& path) {
    auto const up = steps_up(path);
    return !up || (*up > 0 && *up > commits.front().levels_above());
  });
  for (std::string const& path : inside)
    for (CommitSource const& commit : commits) wanted.push_back({commit.sha_, path});
  CML_TRY(contents, commits.front().git_.read_blobs(wanted, max_bytes));
  auto content = contents.begin();
  for (std::string const& path : inside)
    for (CommitSource& commit : commits) commit.blobs_[path] = std::move(*content++);
  return ok();
}

FileKind CommitSource::kind(std::string const& path) {
  if (prefetch({path}, metrics::Limits{}.max_bytes) && blobs_[path]) return FileKind::Regular;
  auto const below = list(path);
  if (below && !below->empty()) return FileKind::Directory;
  auto const& other = from_elsewhere(path, metrics::Limits{}.max_bytes);
  return other || other.error().kind != ErrorKind::NotFound ? FileKind::Regular : FileKind::Missing;
}

Result<std::string> CommitSource::read(std::string const& path, std::uintmax_t max_bytes) {
  CML_CHECK_OK(prefetch({path}, max_bytes));
  auto const& blob = blobs_[path];
  if (!blob) return from_elsewhere(path, max_bytes);
  auto const object = lfs_pointer(*blob);
  return object ? lfs_object(door_, *object, max_bytes) : Result<std::string>(*blob);
}

Result<std::string> const& CommitSource::from_elsewhere(std::string const& path, std::uintmax_t max_bytes) {
  auto found = elsewhere_.find(path);
  if (found == elsewhere_.end()) found = elsewhere_.emplace(path, look_elsewhere(path, max_bytes)).first;
  return found->second;
}

Result<std::string> CommitSource::look_elsewhere(std::string const& path, std::uintmax_t max_bytes) {
  auto const up = steps_up(path);
  if (!up || *up > levels_above())
    return Error{ErrorKind::BadInput, "lies outside the repository, so there is no older one to compare with"};
  if (auto inside = git_.elsewhere(sha_, path); !inside) {
    return std::move(inside).error();
  } else if (*inside) {
    SubmoduleFile& file = **inside;
    auto const here = file.git.resolve(file.sha);
    if (!here)
      return Error{ErrorKind::BadInput, "lies in the submodule " + one_line(file.folder, 120) + ", whose commit " +
                                            file.sha.substr(0, 12) + " is not here; run git submodule update --init"};
    CommitSource submodule(file.git, door_, file.sha, label_);
    return submodule.read(file.path, max_bytes);
  }
  CML_TRY(note, dvc_note(path));
  if (note) return dvc_object(door_, git_.folder(), path, *note, max_bytes);
  return Error{ErrorKind::NotFound, path + " does not exist at " + label_};
}

Result<std::optional<metrics::DvcNote>> CommitSource::dvc_note(std::string const& path) {
  CML_CHECK_OK(prefetch(metrics::possible_notes(path, levels_above()), kMaxNoteBytes));
  return metrics::find_dvc_note(path, levels_above(), [&](std::string const& file) {
    auto const known = blobs_.find(file);
    return known != blobs_.end() ? known->second : std::nullopt;
  });
}

int CommitSource::levels_above() {
  if (!levels_) {
    auto const below = git_.prefix();
    levels_ = below ? static_cast<int>(std::count(below->begin(), below->end(), '/')) : 0;
  }
  return *levels_;
}

Result<std::vector<std::string>> CommitSource::list(std::string const& folder) {
  std::string below = folder;
  while (!below.empty() && below.back() == '/') below.pop_back();
  auto files = git_.files_at(sha_, below == "." ? "" : below);
  auto const up = steps_up(below);
  if (!files || !files->empty() || below.empty() || !up || *up > levels_above()) return files;
  // What git has nothing of may be a folder that DVC keeps.
  auto const note = dvc_note(below);
  if (!note || !*note) return files;
  CML_TRY(kept, dvc_folder(door_, git_.folder(), below, **note, kMaxNoteBytes));
  return kept ? std::move(*kept) : std::move(*files);
}

}  // namespace cml::report
