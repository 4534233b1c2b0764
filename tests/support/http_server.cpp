#include "support/http_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "base/text.hpp"

namespace cml::test {

std::string ServerRequest::header(std::string const& name) const {
  auto const found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string ServerRequest::parameter(std::string const& name) const {
  for (std::string const& pair : split(query, '&'))
    if (pair.substr(0, name.size() + 1) == name + "=") return pair.substr(name.size() + 1);
  return "";
}

HttpServer::HttpServer(std::function<ServerResponse(ServerRequest const&)> handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener_, 64) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("the test server cannot listen on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 50) <= 0) continue;
      int const connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      int const on = 1;
      ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::lock_guard<std::mutex> const lock(mutex_);
      open_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  acceptor_.join();
  {
    std::lock_guard<std::mutex> const lock(mutex_);
    for (int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void HttpServer::serve(int connection) {
  std::string buffer;
  auto const more = [&] {
    char chunk[65536];
    ssize_t const count = ::recv(connection, chunk, sizeof chunk, 0);
    if (count > 0) buffer.append(chunk, static_cast<std::size_t>(count));
    return count > 0;
  };
  while (!stopping_) {
    std::size_t head = 0;
    bool alive = true;
    while ((head = buffer.find("\r\n\r\n")) == std::string::npos && (alive = more())) {
    }
    if (!alive) break;
    ServerRequest request;
    auto lines = split(buffer.substr(0, head), '\n');
    auto const words = split(trim(lines[0]), ' ');
    if (words.size() < 2) break;
    request.method = words[0];
    auto const question = words[1].find('?');
    request.path = words[1].substr(0, question);
    if (question != std::string::npos) request.query = words[1].substr(question + 1);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      auto const colon = lines[i].find(':');
      if (colon != std::string::npos)
        request.headers[to_lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
    }
    auto const length = static_cast<std::size_t>(parse_integer(request.header("content-length")).value_or(0));
    while (buffer.size() < head + 4 + length && (alive = more())) {
    }
    if (!alive) break;
    request.body = buffer.substr(head + 4, length);
    buffer.erase(0, head + 4 + length);
    if (latency.count() > 0) std::this_thread::sleep_for(latency);
    ServerResponse response = handler_(request);
    if (response.fault == ServerResponse::Fault::CloseWithoutAnswer) break;
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " Status\r\n";
    bool claims = false;
    for (auto const& [name, value] : response.headers) {
      text += name + ": " + value + "\r\n";
      claims = claims || name == "Content-Length";
    }
    bool const no_body = response.status == 204 || response.status == 304;
    if (!no_body && !claims) text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    text += "\r\n";
    bool const stall = response.fault == ServerResponse::Fault::Stall;
    bool const truncate = stall || response.fault == ServerResponse::Fault::TruncateBody;
    if (!no_body) text += truncate ? response.body.substr(0, response.body.size() / 2) : response.body;
    bool const raw = response.fault == ServerResponse::Fault::Raw;
    if (raw) text = response.body;
    std::size_t sent = 0;
    bool const trickle = response.fault == ServerResponse::Fault::Trickle;
    bool const drip = trickle || response.fault == ServerResponse::Fault::Drip;
    while (sent < text.size()) {
      pollfd gone{connection, POLLIN, 0};  // The client says nothing more, so what comes is its end.
      if (drip && ::poll(&gone, 1, trickle ? 2 : 100) != 0) break;
      ssize_t const count = ::send(connection, text.data() + sent, drip ? 1 : text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    if (stall) more();  // Returns when the client has gone, or the server is shut down.
    if (raw || truncate || sent < text.size()) break;
  }
  std::lock_guard<std::mutex> const lock(mutex_);
  open_.erase(std::remove(open_.begin(), open_.end(), connection), open_.end());
  ::close(connection);
}

}  // namespace cml::test
