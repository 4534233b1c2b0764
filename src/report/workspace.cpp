#include "report/workspace.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace cml {
namespace fs = std::filesystem;
namespace {

bool is_inside(fs::path const& root, fs::path const& path) {
  auto const [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

// What a destination may mean, in the order in which it is tried: as written, percent-decoded, without query and
// fragment.
std::vector<std::string> readings(std::string_view url) {
  std::vector<std::string> all{std::string(url), percent_decode(url)};
  std::string const bare(url.substr(0, url.find_first_of("?#")));
  all.push_back(bare);
  all.push_back(percent_decode(bare));
  std::vector<std::string> unique;
  for (std::string& one : all)
    if (!one.empty() && std::find(unique.begin(), unique.end(), one) == unique.end()) unique.push_back(std::move(one));
  return unique;
}

}  // namespace

bool is_local_reference(std::string_view url) {
  if (url.empty() || url[0] == '#' || url[0] == '?' || url.substr(0, 2) == "//") return false;
  // A scheme: a letter, then letters, digits, "+", "-" or ".", then ":". One letter would be a drive, which we do not
  // have.
  std::size_t i = 0;
  while (i < url.size() &&
         ((url[i] >= 'a' && url[i] <= 'z') || (url[i] >= 'A' && url[i] <= 'Z') ||
          (i > 0 && ((url[i] >= '0' && url[i] <= '9') || url[i] == '+' || url[i] == '-' || url[i] == '.'))))
    ++i;
  return !(i >= 2 && i < url.size() && url[i] == ':');
}

Result<Workspace> open_workspace(FileSystem& files, fs::path const& root) {
  CML_TRY(resolved, files.resolve(root));
  if (files.kind(resolved) != FileKind::Directory)
    return Error{ErrorKind::Usage, "the workspace " + root.string() + " is no folder"};
  return Workspace{resolved};
}

Result<LocalFile> find_named_file(FileSystem& files, Workspace const& workspace, fs::path const& path) {
  auto const resolved = files.resolve(path);
  if (!resolved) return Error{ErrorKind::NotFound, "no such file"};
  if (!is_inside(workspace.root, resolved.value()))
    return Error{ErrorKind::Unauthorized,
                 "it is outside the workspace " + workspace.root.string() + "; --workspace names another folder"};
  for (fs::path const& part : resolved.value().lexically_relative(workspace.root))
    if (part == ".git") return Error{ErrorKind::Unsupported, "files of .git are never uploaded"};
  FileKind const kind = files.kind(resolved.value());
  if (kind == FileKind::Directory) return Error{ErrorKind::BadInput, "it is a directory"};
  if (kind != FileKind::Regular) return Error{ErrorKind::BadInput, "it is no regular file"};
  return LocalFile{resolved.value()};
}

Result<LocalFile> find_local_file(FileSystem& files, Workspace const& workspace, fs::path const& folder,
                                  std::string_view url) {
  if (url.find('\0') != std::string_view::npos) return Error{ErrorKind::BadInput, "the name holds a zero byte"};
  for (std::string const& reading : readings(url)) {
    if (reading.find('\0') != std::string::npos) continue;
    auto found = find_named_file(files, workspace, folder / reading);
    if (found || found.error().kind != ErrorKind::NotFound) return found;
  }
  return Error{ErrorKind::NotFound, "no such file"};
}

}  // namespace cml
