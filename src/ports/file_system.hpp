#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml {

enum class FileKind { Missing, Regular, Directory, Other };
enum class Pipes { Refused, Read };

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // NotFound when absent, BadInput for a directory or a file over the cap (names the limit), Io otherwise.
  virtual Result<std::string> read(std::filesystem::path const&, std::uintmax_t max_bytes = 1u << 30) = 0;
  // A regular file that somebody else may have chosen. `admit` sees where the opened file really lies before a byte of
  // it is read, so that no change of the path in between counts; opening never waits, so devices are refused, and pipes
  // unless they are asked for: then their writer is waited for.
  using Admit = std::function<Status(std::filesystem::path const& real)>;
  virtual Result<std::string> read_admitted(std::filesystem::path const&, std::uintmax_t max_bytes, Admit const&,
                                            Pipes = Pipes::Refused) = 0;
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
  virtual bool is_link(std::filesystem::path const&) = 0;  // The path's last part is a symbolic link.
  // Belongs to the user who runs us; for root also to the one who became root by sudo.
  virtual bool is_own(std::filesystem::path const&) = 0;
  virtual std::filesystem::path current_directory() = 0;
};

}  // namespace cml
