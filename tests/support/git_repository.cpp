#include "support/git_repository.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"

namespace cml::test {
namespace fs = std::filesystem;

std::string git(fs::path const& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"git", "-c", "user.name=t", "-c", "user.email=t@example.test"});
  SpawnedProcess process;
  auto const result = process.run({.arguments = arguments,
                                   .directory = folder,
                                   .environment = {{"HOME", folder.string()}, {"GIT_CONFIG_NOSYSTEM", "1"}}});
  REQUIRE(result);
  INFO(Catch::Detail::stringify(arguments) << "\n" << result->err);
  REQUIRE(result->exit_code == 0);
  return std::string(trim(result->out));
}

GitPlace::GitPlace() : origin(folder.path / "o/r.git"), clone(folder.path / "clone") {
  fs::create_directories(origin);
  git(origin, {"init", "-q", "--bare", "-b", "main"});
  git(origin, {"config", "http.receivepack", "true"});
  git(folder.path, {"clone", "-q", origin.string(), "clone"});
  git(clone, {"checkout", "-q", "-b", "main"});
  put("README.md", "one\n");
  put("data/old.txt", "old\n");
  put(".dvc/config", "x\n");
  put(".gitignore", "ignored.*\n");
  git(clone, {"add", "-A"});
  git(clone, {"commit", "-q", "-m", "Start"});
  git(clone, {"push", "-q", "-u", "origin", "main"});
}

void GitPlace::put(std::string const& name, std::string_view bytes) const {
  fs::create_directories((clone / name).parent_path());
  std::ofstream(clone / name, std::ios::binary) << bytes;
}

std::unique_ptr<GitServer> GitServer::open(fs::path const& root, std::string const& user_and_password) {
  char const* contracts = std::getenv("CML_CONTRACTS_DIR");
  std::string const script = (contracts == nullptr ? std::string() : std::string(contracts)) + "/tools/git-http.mjs";
  if (contracts == nullptr || !fs::exists(script)) {
    WARN("CML_CONTRACTS_DIR names no folder with tools/git-http.mjs: git over TLS is not tested");
    return nullptr;
  }
  std::unique_ptr<GitServer> server(new GitServer);
  SpawnedProcess process;
  fs::path const key = server->folder_.path / "key.pem";
  auto const made = process.run(
      {.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                     key.string(), "-out", server->certificate()}});
  if (!made || made->exit_code != 0) {
    WARN("openssl cannot make a certificate: git over TLS is not tested");
    return nullptr;
  }
  server->port_ = free_port();
  server->process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"node", script, std::to_string(server->port_), root.string(), key.string(),
                               server->certificate(), user_and_password});
  if (!server->process_->started()) {
    WARN("node cannot be run: git over TLS is not tested");
    return nullptr;
  }
  if (!wait_until_listening(server->port_)) FAIL("the git server did not start");
  return server;
}

}  // namespace cml::test
