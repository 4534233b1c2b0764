// A file system that remembers what was read through it: what --watch has to look at.
#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include "ports/file_system.hpp"

namespace cml {

class RecordingFiles : public FileSystem {
 public:
  explicit RecordingFiles(FileSystem& files) : files_(files) {}
  // In the order of the first reading; also those that were asked for in vain.
  std::vector<std::filesystem::path> const& names() const { return names_; }

  Result<std::string> read(std::filesystem::path const& path, std::uintmax_t max_bytes) override {
    note(path);
    return files_.read(path, max_bytes);
  }
  Result<std::string> read_admitted(std::filesystem::path const& path, std::uintmax_t max_bytes, Admit const& admit,
                                    Pipes pipes) override {
    note(path);
    return files_.read_admitted(path, max_bytes, admit, pipes);
  }
  Status write(std::filesystem::path const& path, std::string_view bytes) override { return files_.write(path, bytes); }
  Status remove(std::filesystem::path const& path) override { return files_.remove(path); }
  Status make_directories(std::filesystem::path const& path) override { return files_.make_directories(path); }
  FileKind kind(std::filesystem::path const& path) override { return files_.kind(path); }
  Result<std::filesystem::path> resolve(std::filesystem::path const& path) override { return files_.resolve(path); }
  Result<std::vector<std::filesystem::path>> list(std::filesystem::path const& path) override {
    return files_.list(path);
  }
  bool is_link(std::filesystem::path const& path) override { return files_.is_link(path); }
  bool is_own(std::filesystem::path const& path) override { return files_.is_own(path); }
  std::filesystem::path current_directory() override { return files_.current_directory(); }

 private:
  void note(std::filesystem::path const& path) {
    std::filesystem::path const name = path.lexically_normal();
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
  }

  FileSystem& files_;
  std::vector<std::filesystem::path> names_;
};

}  // namespace cml
