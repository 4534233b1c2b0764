#include "support/contract_gate.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace cml::test {
namespace {

int socket_on(int port, bool connect_to) {
  int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int const failed = connect_to ? ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address)
                                : ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  int result = failed == 0 ? 0 : -1;
  if (failed == 0 && !connect_to) {
    socklen_t length = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    result = ntohs(address.sin_port);
  }
  ::close(descriptor);
  return result;
}

}  // namespace

std::unique_ptr<ContractGate> ContractGate::open(std::string const& document, std::string const& upstream) {
  char const* folder = std::getenv("CML_CONTRACTS_DIR");
  if (folder == nullptr || !std::filesystem::exists(std::string(folder) + "/node_modules")) {
    WARN("CML_CONTRACTS_DIR names no folder with node_modules: the contract gate is skipped, the fake answers alone");
    return nullptr;
  }
  std::unique_ptr<ContractGate> gate(new ContractGate);
  int const port = socket_on(0, false);
  gate->url_ = "http://127.0.0.1:" + std::to_string(port);
  gate->log_ = (std::filesystem::temp_directory_path() / ("cml-gate-" + std::to_string(::getpid()) + "-" + std::to_string(port))).string();
  std::string const root = folder;
  std::vector<std::string> arguments{"node", root + "/tools/contract-proxy.mjs", std::to_string(port), root + "/" + document,
                                     upstream, "--prefix=/api/v3", "--log=" + gate->log_};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  setenv("CONTRACT_MODULES", (root + "/package.json").c_str(), 1);
  int const failed = ::posix_spawnp(&child, "node", &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    WARN("node cannot be run: the contract gate is skipped, the fake answers alone");
    return nullptr;
  }
  gate->process_ = child;
  for (int i = 0; i < 600; ++i) {  // Reading GitHub's description takes node a few seconds.
    if (socket_on(port, true) == 0) return gate;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  FAIL("the contract gate did not start");
  return nullptr;
}

ContractGate::~ContractGate() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove(log_, ignored);
}

std::string ContractGate::violations() const {
  std::ifstream log(log_);
  std::string text, line;
  while (std::getline(log, line))
    if (line.find("\"contract\"") != std::string::npos) text += line + "\n";
  return text;
}

}  // namespace cml::test
