// Real git repositories and a real git server over TLS for tests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace cml::test {

// Runs git there and gives its output without the last line break; a failure fails the test. The machine's
// configuration is not read.
std::string git(std::filesystem::path const& folder, std::vector<std::string> arguments);

// An origin with a branch "main" and a clone of it: README.md, data/old.txt, .dvc/config and a .gitignore of
// "ignored.*".
struct GitPlace {
  GitPlace();
  void put(std::string const& name, std::string_view bytes) const;  // In the clone.
  std::string head() const { return git(clone, {"rev-parse", "HEAD"}); }
  TemporaryFolder folder;
  std::filesystem::path origin, clone;  // "o/r.git" below the folder, and "clone".
};

// git http-backend over TLS with basic auth on 127.0.0.1, serving `root`.
class GitServer {
 public:
  // Null, with a WARN line, when CML_CONTRACTS_DIR, node or openssl is missing.
  static std::unique_ptr<GitServer> open(std::filesystem::path const& root, std::string const& user_and_password);
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string certificate() const { return (folder_.path / "cert.pem").string(); }

 private:
  GitServer() = default;
  int port_ = 0;
  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cml::test
