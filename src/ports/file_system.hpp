#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml {

enum class FileKind { Missing, Regular, Directory, Other };

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // NotFound when absent, BadInput for a directory or a file over the cap (names the limit), Io otherwise.
  virtual Result<std::string> read(std::filesystem::path const&, std::uintmax_t max_bytes = 1u << 30) = 0;
  // Writes beside the target and renames, so a full disk leaves no partial file. Io when it fails.
  virtual Status write(std::filesystem::path const&, std::string_view bytes) = 0;
  // As write(), but false where there is something already: of many that create one name at once, one gets it.
  virtual Result<bool> create_new(std::filesystem::path const& path, std::string_view bytes) {
    if (kind(path) != FileKind::Missing) return false;
    if (auto written = write(path, bytes); !written) return std::move(written).error();
    return true;
  }
  virtual Status remove(std::filesystem::path const&) = 0;
  virtual Status make_directories(std::filesystem::path const&) = 0;
  virtual FileKind kind(std::filesystem::path const&) = 0;                          // Follows links.
  virtual Result<std::filesystem::path> resolve(std::filesystem::path const&) = 0;  // Absolute, links resolved.
  virtual Result<std::vector<std::filesystem::path>> list(std::filesystem::path const&) = 0;  // Sorted names.
  virtual std::filesystem::path current_directory() = 0;
};

}  // namespace cml
