#pragma once

#include <string>

#include "base/result.hpp"

namespace cml {

// One page on this machine's loopback address, for a live preview. "/" is the page, "/version" a number that grows with
// it.
class PageServer {
 public:
  virtual ~PageServer() = default;
  virtual Result<int> start(int port) = 0;  // 0: a free one. The port it is. Io when it is taken.
  virtual void publish(std::string page) = 0;
};

}  // namespace cml
