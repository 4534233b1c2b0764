#include "report/compose/sources.hpp"

#include <functional>

namespace cml::report {
namespace {

constexpr std::size_t kMaxFiles = 100'000;
constexpr int kMaxDepth = 16;  // Ends loops of symbolic links, too.

}  // namespace

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
  for (std::string const& path : paths)
    if (!blobs_.contains(path)) wanted.push_back({sha_, path});
  CML_TRY(contents, git_.read_blobs(wanted, max_bytes));
  for (std::size_t i = 0; i < wanted.size(); ++i) blobs_[wanted[i].path] = std::move(contents[i]);
  return ok();
}

Status CommitSource::prefetch_all(std::vector<CommitSource>& commits, std::vector<std::string> const& paths,
                                  std::uintmax_t max_bytes) {
  if (commits.empty()) return ok();
  std::vector<Git::Blob> wanted;
  for (std::string const& path : paths)
    for (CommitSource const& commit : commits) wanted.push_back({commit.sha_, path});
  CML_TRY(contents, commits.front().git_.read_blobs(wanted, max_bytes));
  auto content = contents.begin();
  for (std::string const& path : paths)
    for (CommitSource& commit : commits) commit.blobs_[path] = std::move(*content++);
  return ok();
}

FileKind CommitSource::kind(std::string const& path) {
  if (prefetch({path}, metrics::Limits{}.max_bytes) && blobs_[path]) return FileKind::Regular;
  auto const below = list(path);
  return below && !below->empty() ? FileKind::Directory : FileKind::Missing;
}

Result<std::string> CommitSource::read(std::string const& path, std::uintmax_t max_bytes) {
  CML_CHECK_OK(prefetch({path}, max_bytes));
  auto const& blob = blobs_[path];
  if (!blob) return Error{ErrorKind::NotFound, path + " does not exist at " + label_};
  return *blob;
}

Result<std::vector<std::string>> CommitSource::list(std::string const& folder) {
  std::string below = folder;
  while (!below.empty() && below.back() == '/') below.pop_back();
  return git_.files_at(sha_, below == "." ? "" : below);
}

}  // namespace cml::report
