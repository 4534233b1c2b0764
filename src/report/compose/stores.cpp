#include "report/compose/stores.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "workspace/paths.hpp"

namespace cml::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPointerBytes = 1024;  // So the specification of Git LFS says.
constexpr std::string_view kPointerStart = "version https://git-lfs.github.com/spec/v1\n";

std::string md5_hex(std::string_view bytes) {
  // The host's openssl.cnf may name modules, which a static binary cannot load.
  if (::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (::EVP_Digest(bytes.data(), bytes.size(), digest, &length, ::EVP_md5(), nullptr) != 1) return {};
  return to_hex({reinterpret_cast<char const*>(digest), length});
}

// DVC before 3.0 hashed text with Unix line ends.
bool has_md5(std::string const& bytes, std::string_view hash) {
  return md5_hex(bytes) == hash || (contains(bytes, "\r\n") && md5_hex(replace_all(bytes, "\r\n", "\n")) == hash);
}

// Every folder that may hold DVC's objects: .dvc/cache beside the file and above it, up to the workspace's root.
std::vector<fs::path> caches_of(Door const& door, fs::path const& folder, std::string const& path) {
  std::vector<fs::path> caches;
  fs::path const start = (door.current_directory() / folder / path).lexically_normal();
  for (fs::path at = start.parent_path(); is_at_or_below(door.rules().root, at) && at != at.parent_path();
       at = at.parent_path())
    if (door.kind(at / ".dvc") == FileKind::Directory) caches.push_back(at / ".dvc/cache");
  for (fs::path const& root : door.rules().other_roots) caches.push_back(root);
  return caches;
}

std::optional<std::string> cached(Door const& door, std::vector<fs::path> const& caches, std::string const& hash,
                                  std::uintmax_t max_bytes) {
  std::string const bare = hash.substr(0, 32), name = hash.substr(2);
  for (fs::path const& cache : caches) {
    for (fs::path const& layout : {cache / "files" / "md5", cache}) {
      auto bytes = door.read(layout / hash.substr(0, 2) / name, max_bytes);
      if (bytes && has_md5(*bytes, bare)) return std::move(*bytes);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> lfs_pointer(std::string_view bytes) {
  if (bytes.size() > kMaxPointerBytes || !bytes.starts_with(kPointerStart)) return std::nullopt;
  for (std::string const& line : split(bytes, '\n')) {
    constexpr std::string_view kOid = "oid sha256:";
    if (!line.starts_with(kOid)) continue;
    std::string hash(trim(std::string_view(line).substr(kOid.size())));
    if (hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos) return hash;
  }
  return std::nullopt;
}

Result<std::string> lfs_object(Door const& door, std::string const& sha256, std::uintmax_t max_bytes) {
  for (fs::path const& folder : door.rules().git_folders) {
    fs::path const object = folder / "lfs/objects" / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
    if (door.kind(object) != FileKind::Regular) continue;
    CML_TRY(bytes, door.read(object, max_bytes));  // The door compares it with its name.
    if (sha256_hex(bytes) == sha256) return bytes;
  }
  return Error{ErrorKind::BadInput, "is a pointer of Git LFS, and its object is not in this clone; run git lfs fetch"};
}

Result<std::string> dvc_object(Door const& door, fs::path const& folder, std::string const& path,
                               metrics::DvcNote const& note, std::uintmax_t max_bytes) {
  std::vector<fs::path> const caches = caches_of(door, folder, path);
  std::string hash = note.hash;
  if (!note.inside.empty()) {
    auto const list = hash.empty() ? std::nullopt : cached(door, caches, hash, max_bytes);
    hash.clear();
    if (list) {
      CML_TRY(entry, metrics::hash_in_folder(*list, note.inside));
      hash = std::move(entry);
    }
  }
  if (note.hash.empty())
    return Error{ErrorKind::BadInput, "is kept by DVC (" + one_line(note.file, 120) +
                                          "), which notes no MD5 of it; run dvc checkout of that commit"};
  if (!hash.empty() && !hash.ends_with(".dir"))
    if (auto bytes = cached(door, caches, hash, max_bytes)) return std::move(*bytes);
  return Error{ErrorKind::BadInput, "is kept by DVC (" + one_line(note.file, 120) +
                                        "), and its content is not in the cache here; run dvc fetch --all-commits"};
}

Result<std::optional<std::vector<std::string>>> dvc_folder(Door const& door, fs::path const& folder,
                                                           std::string const& path, metrics::DvcNote const& note,
                                                           std::uintmax_t max_bytes) {
  std::optional<std::vector<std::string>> files;
  if (!note.hash.ends_with(".dir")) return files;
  auto const list = cached(door, caches_of(door, folder, path), note.hash, max_bytes);
  if (!list)
    return Error{ErrorKind::BadInput, "is kept by DVC (" + one_line(note.file, 120) +
                                          "), and the list of its files is not in the cache here; run dvc fetch " +
                                          "--all-commits"};
  CML_TRY(names, metrics::names_in_folder(*list));
  files.emplace();
  for (std::string const& name : names) {
    std::string_view rest = name;
    if (!note.inside.empty()) {
      if (!rest.starts_with(note.inside + "/")) continue;
      rest.remove_prefix(note.inside.size() + 1);
    }
    files->push_back(path + "/" + std::string(rest));
  }
  std::sort(files->begin(), files->end());
  return files;
}

}  // namespace cml::report
