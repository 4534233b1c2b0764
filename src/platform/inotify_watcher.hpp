// File changes by Linux's inotify. Folders are watched, since editors and writers replace files rather than change
// them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "ports/file_watcher.hpp"

namespace cml {

class InotifyWatcher : public FileWatcher {
 public:
  InotifyWatcher() = default;
  ~InotifyWatcher() override;
  InotifyWatcher(InotifyWatcher const&) = delete;
  InotifyWatcher& operator=(InotifyWatcher const&) = delete;
  Status watch(std::vector<std::filesystem::path> const& files) override;
  Result<bool> wait() override;

 private:
  // True when a watched file was among the events. `timeout` in milliseconds; -1 waits for ever.
  Result<bool> read_events(int timeout);

  int descriptor_ = -1;
  std::map<std::string, int> folders_;          // Path to inotify's number.
  std::map<int, std::set<std::string>> names_;  // Number to the file names that count.
};

}  // namespace cml
