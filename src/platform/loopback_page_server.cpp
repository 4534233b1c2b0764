#include "platform/loopback_page_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::size_t kMaxRequest = 16'384;

Error failed(std::string const& what) { return {ErrorKind::Io, what + ": " + std::strerror(errno)}; }

// The request's head, up to the empty line; what is longer or slower than a browser's is dropped.
std::string read_head(int connection) {
  std::string head;
  char part[4096];
  while (head.size() < kMaxRequest && !contains(head, "\r\n\r\n")) {
    ssize_t const count = ::recv(connection, part, sizeof part, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return {};
    head.append(part, static_cast<std::size_t>(count));
  }
  return head;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string host_of(std::string_view head) {
  for (std::string const& line : split(head, '\n'))
    if (equals_ignoring_case(std::string_view(line).substr(0, 5), "host:"))
      return std::string(trim(std::string_view(line).substr(5)));
  return {};
}

}  // namespace

LoopbackPageServer::~LoopbackPageServer() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) ::close(listener_);
}

void LoopbackPageServer::publish(std::string page) {
  std::lock_guard const lock(mutex_);
  page_ = std::move(page);
  ++version_;
}

Result<int> LoopbackPageServer::start(int port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) return failed("cannot open a socket");
  int const yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return failed("cannot listen on port " + std::to_string(port));
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
  return port_;
}

void LoopbackPageServer::serve() {
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 100) <= 0) continue;
    int const connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    timeval const patience{2, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    answer(connection);
    ::close(connection);
  }
}

void LoopbackPageServer::answer(int connection) {
  std::string const head = read_head(connection);
  if (head.empty()) return;
  std::string status = "200 OK", body, type = "text/html; charset=utf-8";
  std::string const port = ":" + std::to_string(port_), host = host_of(head);
  {
    std::lock_guard const lock(mutex_);
    // A page of another site that got its name to mean this machine must not read the report.
    if (host != "127.0.0.1" + port && host != "localhost" + port)
      status = "403 Forbidden", body = "wrong host\n", type = "text/plain";
    else if (head.substr(0, 6) == "GET / ")
      body = page_;
    else if (head.substr(0, 13) == "GET /version ")
      body = std::to_string(version_), type = "text/plain";
    else
      status = "404 Not Found", body = "no such page\n", type = "text/plain";
  }
  send_all(connection, "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
                           "\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n" + body);
}

}  // namespace cml
