// The real disk.
#pragma once

#include "ports/file_system.hpp"

namespace cml {

class DiskFileSystem : public FileSystem {
 public:
  Result<std::string> read(std::filesystem::path const&, std::uintmax_t max_bytes) override;
  Result<std::string> read_admitted(std::filesystem::path const&, std::uintmax_t max_bytes, Admit const&,
                                    Pipes) override;
  Status write(std::filesystem::path const&, std::string_view bytes) override;
  Result<bool> create_new(std::filesystem::path const&, std::string_view bytes) override;
  Status remove(std::filesystem::path const&) override;
  Status make_directories(std::filesystem::path const&) override;
  FileKind kind(std::filesystem::path const&) override;
  Result<std::filesystem::path> resolve(std::filesystem::path const&) override;
  Result<std::vector<std::filesystem::path>> list(std::filesystem::path const&) override;
  bool is_link(std::filesystem::path const&) override;
  bool is_own(std::filesystem::path const&) override;
  std::filesystem::path current_directory() override;
};

}  // namespace cml
