// Certificates of servers in a company's own network: where git has been told whom to trust (http.sslCAInfo, also for
// one URL, in the user's or the machine's configuration), so do we. git is asked only once a certificate was refused.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ports/http.hpp"
#include "ports/process.hpp"

namespace cml {

class GitAuthorities : public HttpClient {
 public:
  // `trust` makes `inner` trust the authorities of a PEM file; the second word is what named it, for messages.
  using Trust = std::function<void(std::string pem_file, std::string named_by)>;
  GitAuthorities(HttpClient& inner, Process& process, Trust trust)
      : inner_(inner), process_(process), trust_(std::move(trust)) {}
  Result<HttpResponse> send(HttpRequest const&) override;
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) override;

 private:
  bool learned_for(std::string const& url);  // True when there is somebody new to trust.

  HttpClient& inner_;
  Process& process_;
  Trust trust_;
  std::vector<std::string> known_;
};

}  // namespace cml
