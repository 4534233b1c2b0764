// PageServer over a socket on 127.0.0.1, answered one request at a time by a thread of its own.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "ports/page_server.hpp"

namespace cml {

class LoopbackPageServer : public PageServer {
 public:
  LoopbackPageServer() = default;
  ~LoopbackPageServer() override;
  LoopbackPageServer(LoopbackPageServer const&) = delete;
  LoopbackPageServer& operator=(LoopbackPageServer const&) = delete;
  Result<int> start(int port) override;
  void publish(std::string page) override;

 private:
  void serve();
  void answer(int connection);

  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::string page_;
  int version_ = 0;
  std::thread thread_;
};

}  // namespace cml
