#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"

namespace cml {

class FileWatcher {
 public:
  virtual ~FileWatcher() = default;
  // From now on changes of these files count, also of those that do not exist yet. Replaces the files watched before.
  virtual Status watch(std::vector<std::filesystem::path> const& files) = 0;
  // Waits until a watched file has changed and then been quiet for a moment. False: the watch is over.
  virtual Result<bool> wait() = 0;
};

}  // namespace cml
