// HTTP as the rooms see it. The real client (platform/) adds time-outs, proxies, retries and caps; fakes replay
// scripts.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/url_policy.hpp"

namespace cml {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// May the request be sent again when nobody knows whether the first one arrived? Never: nor otherwise, the caller asks
// again by himself.
enum class Repeat { Safe, Unsafe, Never };

// Whom to trust and who we are, where the system's bundle and a header do not do (Kubernetes). All are PEM texts.
struct TlsSettings {
  std::string authority;    // Empty: the system's.
  std::string certificate;  // Ours.
  Secret key;
  std::string server_name;  // The name that the server's certificate bears; empty: the URL's host.
  bool insecure = false;    // Trust any server; only when the user's own configuration says so.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;  // Without credentials.
  std::string body;
  // A header that carries a credential, e.g. {"Authorization", "Bearer ..."}: sent to the URL's own host only.
  std::string credential_header;
  Secret credential;
  Repeat repeat = Repeat::Safe;
  std::chrono::seconds timeout{60};
  std::size_t max_response_bytes = 64u << 20;
  std::shared_ptr<TlsSettings const> tls;  // Null: the usual.
  std::string proxy;                       // "http://HOST:PORT"; empty: what the environment says.
  std::filesystem::path save_to;           // The body of a 2xx answer goes to this file instead of memory.
  // Where this request may go, redirects and the address that the host's name resolves to included. Null: anywhere.
  std::shared_ptr<UrlPolicy const> policy;
  std::optional<std::string> sigv4;  // libcurl's "aws:amz:REGION:SERVICE" with credential "KEY:SECRET".
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // Names in lower case, in the order received.
  std::string body;
  std::string saved_sha256;  // Of what was saved: lower-case hexadecimal.

  std::string_view header(std::string_view lower_case_name) const {
    for (auto const& [name, value] : headers)
      if (name == lower_case_name) return value;
    return {};
  }
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // A 404 is a response; no route to the host is an Error of kind Network.
  virtual Result<HttpResponse> send(HttpRequest const&) = 0;
  // Sends all, at most `parallel` at a time; answers in the order asked.
  virtual std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const&, int parallel) = 0;
};

}  // namespace cml
