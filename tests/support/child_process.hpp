// A program in the background for the length of a test: servers written for other runtimes.
#pragma once

#include <string>
#include <vector>

namespace cml::test {

class ChildProcess {
 public:
  // Its standard output is thrown away. `variables`: NAME=VALUE, added to the inherited ones.
  ChildProcess(std::vector<std::string> arguments, std::vector<std::string> const& variables = {});
  ~ChildProcess();  // Ends it.
  ChildProcess(ChildProcess const&) = delete;
  ChildProcess& operator=(ChildProcess const&) = delete;
  bool started() const { return process_ > 0; }
  int id() const { return process_; }
  bool ended(int* exit_code);  // Without waiting.

 private:
  int process_ = -1;
};

int free_port();                      // On 127.0.0.1, free just now.
bool wait_until_listening(int port);  // At most half a minute.

}  // namespace cml::test
