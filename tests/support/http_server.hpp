// A small HTTP/1.1 server on 127.0.0.1 in threads of its own, with faults on request. For tests of real wires.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cml::test {

struct ServerRequest {
  std::string method, path, query, body;
  std::map<std::string, std::string> headers;  // Lower-case names.
  std::string header(std::string const& name) const;
  std::string parameter(std::string const& name) const;  // Of the query; not decoded.
};

struct ServerResponse {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // A Content-Length stands instead of the body's own.
  enum class Fault {
    None,
    CloseWithoutAnswer,
    TruncateBody,
    Stall,    // Half of the body, then silence until the client gives up.
    Drip,     // Ten bytes a second, until the client gives up or has it all.
    Trickle,  // Five hundred a second: too many for a stall.
    Raw,      // The body is all that is sent, status line and all; then the connection ends.
  } fault = Fault::None;
};

class HttpServer {
 public:
  explicit HttpServer(std::function<ServerResponse(ServerRequest const&)> handler);
  ~HttpServer();
  HttpServer(HttpServer const&) = delete;
  HttpServer& operator=(HttpServer const&) = delete;
  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::chrono::milliseconds latency{0};  // Before every answer.

 private:
  void serve(int connection);

  std::function<ServerResponse(ServerRequest const&)> handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace cml::test
