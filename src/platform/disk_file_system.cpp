#include "platform/disk_file_system.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace cml {
namespace {

namespace fs = std::filesystem;

Error failure(std::string const& what, fs::path const& path, int code) {
  ErrorKind kind = ErrorKind::Io;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::NotFound;
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "; free some space or write elsewhere";
  if (code == EACCES || code == EPERM || code == EROFS) hint = "; check the permissions";
  return {kind, what + " " + path.string() + ": " + std::generic_category().message(code) + hint};
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor const&) = delete;
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int get() const { return value_; }
  // The errors of a full disk over a network appear here, so close() is checked when writing.
  int close_now() { return ::close(std::exchange(value_, -1)); }

 private:
  int value_;
};

bool write_everything(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// The bytes of an opened file, pipe or device to their end.
Result<std::string> read_all(Descriptor const& file, fs::path const& path, std::uintmax_t max_bytes) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return failure("cannot read", path, errno);
  auto const too_large = [&] {
    return Error{ErrorKind::BadInput, "cannot read " + path.string() + ": it is larger than the limit of " +
                                          std::to_string(max_bytes) + " bytes"};
  };
  if (S_ISDIR(info.st_mode)) return Error{ErrorKind::BadInput, "cannot read " + path.string() + ": it is a directory"};
  if (S_ISREG(info.st_mode) && static_cast<std::uintmax_t>(info.st_size) > max_bytes) return too_large();
  std::string bytes;
  // Pipes have no size; a regular file that grows meanwhile is read to its end, within the limit.
  constexpr std::size_t kStep = 65536;
  std::size_t chunk = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) + 1 : kStep;
  while (true) {
    std::size_t const before = bytes.size();
    bytes.resize(before + chunk);
    ssize_t const count = ::read(file.get(), bytes.data() + before, chunk);
    bytes.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("cannot read", path, errno);
    if (count == 0) return bytes;
    if (bytes.size() > max_bytes) return too_large();
    // The byte left over shows the end of a regular file without another allocation.
    auto const room = bytes.capacity() - bytes.size();
    chunk = room ? std::min(room, kStep) : kStep;
  }
}

// Where an opened file lies, as the kernel names it; where there is no /proc, as its path resolves while it is still
// the same file.
Result<fs::path> place_of(Descriptor const& file, fs::path const& path, struct stat const& opened) {
  std::error_code error;
  fs::path place = fs::read_symlink("/proc/self/fd/" + std::to_string(file.get()), error);
  if (error) place = fs::canonical(path, error);
  if (error) return failure("cannot find", path, error.value());
  struct stat there {};
  if (::stat(place.c_str(), &there) != 0 || there.st_dev != opened.st_dev || there.st_ino != opened.st_ino)
    return Error{ErrorKind::Conflict, "cannot read " + path.string() + ": it was moved or removed meanwhile"};
  return place;
}

// The file that was found, for reading; where there is no /proc, by its path while that is still the same file.
Result<Descriptor> reopened(Descriptor const& found, fs::path const& path, struct stat const& info) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Descriptor file(::open(("/proc/self/fd/" + std::to_string(found.get())).c_str(), kFlags));
  if (file.get() < 0) file = Descriptor(::open(path.c_str(), kFlags));
  if (file.get() < 0) return failure("cannot read", path, errno);
  struct stat opened {};
  if (::fstat(file.get(), &opened) != 0 || opened.st_dev != info.st_dev || opened.st_ino != info.st_ino)
    return Error{ErrorKind::Conflict, "cannot read " + path.string() + ": it was moved or removed meanwhile"};
  return file;
}

}  // namespace

Result<std::string> DiskFileSystem::read(fs::path const& path, std::uintmax_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failure("cannot read", path, errno);
  return read_all(file, path, max_bytes);
}

Result<std::string> DiskFileSystem::read_admitted(fs::path const& path, std::uintmax_t max_bytes, Admit const& admit,
                                                  Pipes pipes) {
  // Looked at before it is opened for reading, which devices and the writers of pipes would notice.
  Descriptor const found(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (found.get() < 0) return failure("cannot read", path, errno);
  struct stat info {};
  if (::fstat(found.get(), &info) != 0) return failure("cannot read", path, errno);
  CML_TRY(place, place_of(found, path, info));
  CML_CHECK_OK(admit(place));
  bool const pipe = S_ISFIFO(info.st_mode) && pipes == Pipes::Read;
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !pipe)
    return Error{ErrorKind::BadInput, "cannot read " + path.string() + ": it is not a regular file"};
  CML_TRY(file, reopened(found, path, info));
  if (pipe) {
    // Until somebody has opened it for writing, a read would take it for ended.
    struct pollfd wait {
      file.get(), POLLIN, 0
    };
    while (::poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    if (::fcntl(file.get(), F_SETFL, 0) != 0) return failure("cannot read", path, errno);
    return read_all(file, path, max_bytes);
  }
  return read_all(file, path, max_bytes);
}

Status DiskFileSystem::write(fs::path const& path, std::string_view bytes) {
  // A device or pipe (/dev/stdout) cannot be replaced, so it is written to directly.
  struct stat info {};
  bool const exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return Error{ErrorKind::Io, "cannot write " + path.string() + ": it is a directory"};
  if (exists && !S_ISREG(info.st_mode)) {
    Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (device.get() < 0 || !write_everything(device.get(), bytes)) return failure("cannot write", path, errno);
    return ok();
  }
  // A link stays a link: its target is replaced.
  fs::path target = path;
  std::error_code ignored;
  if (exists && fs::is_symlink(path, ignored)) target = fs::canonical(path, ignored);
  static std::atomic<unsigned> counter{0};
  fs::path const folder = target.has_parent_path() ? target.parent_path() : ".";
  fs::path const partial = folder / ("." + target.filename().string() + ".partial-" + std::to_string(::getpid()) + "-" +
                                     std::to_string(counter++));
  // Without a name until it is whole, so that a process that is ended leaves nothing; not every file system can do
  // that, and without /proc no name can be given to it.
  bool const can_be_named = ::access("/proc/self/fd", X_OK) == 0;
  Descriptor file(can_be_named ? ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666) : -1);
  bool const nameless = file.get() >= 0;
  if (!nameless) file = Descriptor(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return failure("cannot write", path, errno);
  if (exists) ::fchmod(file.get(), info.st_mode & 07777);
  auto const give_name = [&] {
    std::string const own = "/proc/self/fd/" + std::to_string(file.get());
    return !nameless || ::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, partial.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  bool const done = write_everything(file.get(), bytes) && give_name() && file.close_now() == 0 &&
                    ::rename(partial.c_str(), target.c_str()) == 0;
  int const code = errno;
  if (done) return ok();
  ::unlink(partial.c_str());
  return failure("cannot write", path, code);
}

Result<bool> DiskFileSystem::create_new(fs::path const& path, std::string_view bytes) {
  // Written beside it first, so that nobody reads a half; a name that is taken cannot be linked to.
  static std::atomic<unsigned> counter{0};
  fs::path const partial = path.parent_path() / ("." + path.filename().string() + ".new-" + std::to_string(::getpid()) +
                                                 "-" + std::to_string(counter++));
  if (auto written = write(partial, bytes); !written) return std::move(written).error();
  int const linked = ::link(partial.c_str(), path.c_str());
  int const code = errno;
  ::unlink(partial.c_str());
  if (linked == 0) return true;
  if (code == EEXIST) return false;
  if (code != EPERM && code != ENOTSUP && code != EMLINK && code != ENOSYS) return failure("cannot write", path, code);
  // A file system without links.
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0 && errno == EEXIST) return false;
  if (file.get() < 0 || !write_everything(file.get(), bytes) || file.close_now() != 0)
    return failure("cannot write", path, errno);
  return true;
}

Status DiskFileSystem::remove(fs::path const& path) {
  if (::unlink(path.c_str()) != 0) return failure("cannot remove", path, errno);
  return ok();
}

Status DiskFileSystem::make_directories(fs::path const& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return failure("cannot create the folder", path, error.value());
  return ok();
}

FileKind DiskFileSystem::kind(fs::path const& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return FileKind::Missing;
  if (S_ISREG(info.st_mode)) return FileKind::Regular;
  return S_ISDIR(info.st_mode) ? FileKind::Directory : FileKind::Other;
}

Result<fs::path> DiskFileSystem::resolve(fs::path const& path) {
  std::error_code error;
  fs::path resolved = fs::canonical(path, error);
  if (error) return failure("cannot find", path, error.value());
  return resolved;
}

Result<std::vector<fs::path>> DiskFileSystem::list(fs::path const& path) {
  std::error_code error;
  fs::directory_iterator entries(path, error);
  if (error) return failure("cannot list", path, error.value());
  std::vector<fs::path> names;
  for (fs::directory_iterator end; entries != end; entries.increment(error)) {
    if (error) return failure("cannot list", path, error.value());
    names.push_back(entries->path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool DiskFileSystem::is_link(fs::path const& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

bool DiskFileSystem::is_own(fs::path const& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  if (info.st_uid == ::geteuid()) return true;
  char const* before_sudo = ::geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
  return before_sudo != nullptr && std::to_string(info.st_uid) == before_sudo;
}

fs::path DiskFileSystem::current_directory() {
  std::error_code error;
  return fs::current_path(error);
}

}  // namespace cml
