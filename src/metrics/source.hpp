// Files as readers see them: a folder on the disk, or a commit. Paths are relative, with "/".
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/file_system.hpp"

namespace cml::metrics {

class Source {
 public:
  virtual ~Source() = default;
  virtual FileKind kind(std::string const& path) = 0;
  // NotFound when absent, BadInput over the cap.
  virtual Result<std::string> read(std::string const& path, std::uintmax_t max_bytes) = 0;
  // Every file below the folder, sorted, as paths like the one given ("logs/a/b.csv").
  virtual Result<std::vector<std::string>> list(std::string const& folder) = 0;
  // What will be read soon; a source that pays for each question gets it all at once. Absent files stay absent.
  virtual Status prefetch(std::vector<std::string> const& /*paths*/, std::uintmax_t /*max_bytes*/) { return ok(); }
  // Names the source in messages: "" for the workspace, "main" for a commit.
  virtual std::string describe() const = 0;
};

}  // namespace cml::metrics
