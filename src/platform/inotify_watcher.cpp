#include "platform/inotify_watcher.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace cml {
namespace {

// A file that is written in pieces is taken when it has been quiet for this long, or has been restless for that long.
constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::seconds kPatience{10};
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY | IN_CREATE;

Error failure(std::string const& what) { return {ErrorKind::Io, what + ": " + std::generic_category().message(errno)}; }

}  // namespace

InotifyWatcher::~InotifyWatcher() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status InotifyWatcher::watch(std::vector<std::filesystem::path> const& files) {
  if (descriptor_ < 0) descriptor_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (descriptor_ < 0) return failure("cannot watch files");
  names_.clear();
  std::map<std::string, int> needed;
  for (std::filesystem::path file : files) {
    // Of a file in a folder that does not exist yet, the folder's coming counts.
    std::error_code ignored;
    while (file.has_parent_path() && file.parent_path() != file &&
           !std::filesystem::is_directory(file.parent_path(), ignored))
      file = file.parent_path();
    std::string const folder = file.has_parent_path() ? file.parent_path().string() : ".";
    if (needed.count(folder) == 0) {
      int const number = ::inotify_add_watch(descriptor_, folder.c_str(), kEvents);
      if (number < 0) return failure("cannot watch the folder " + folder);
      needed[folder] = number;
    }
    names_[needed[folder]].insert(file.filename().string());
  }
  for (auto const& [folder, number] : folders_)
    if (names_.count(number) == 0) ::inotify_rm_watch(descriptor_, number);
  folders_ = std::move(needed);
  return ok();
}

Result<bool> InotifyWatcher::read_events(int timeout) {
  pollfd waiting{descriptor_, POLLIN, 0};
  int const ready = ::poll(&waiting, 1, timeout);
  if (ready < 0 && errno != EINTR) return failure("cannot wait for file changes");
  if (ready <= 0) return false;
  alignas(inotify_event) std::array<char, 16384> buffer;
  ssize_t const length = ::read(descriptor_, buffer.data(), buffer.size());
  if (length < 0 && errno != EAGAIN && errno != EINTR) return failure("cannot read file changes");
  bool hit = false;
  for (ssize_t at = 0; at < length;) {
    auto const* event = reinterpret_cast<inotify_event const*>(buffer.data() + at);
    auto const found = names_.find(event->wd);
    if ((event->mask & IN_Q_OVERFLOW) != 0) hit = true;
    if (found != names_.end() && event->len > 0 && found->second.count(event->name) > 0) hit = true;
    at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
  }
  return hit;
}

Result<bool> InotifyWatcher::wait() {
  while (true) {
    CML_TRY(changed, read_events(-1));
    if (changed) break;
  }
  auto const start = std::chrono::steady_clock::now();
  auto last = start;
  while (std::chrono::steady_clock::now() - start < kPatience) {
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(last + kQuiet - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    CML_TRY(again, read_events(static_cast<int>(left.count())));
    if (again) last = std::chrono::steady_clock::now();
  }
  return true;
}

}  // namespace cml
