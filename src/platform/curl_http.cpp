#include "platform/curl_http.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "platform/ca_bundle.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

namespace cml {

bool goes_around_proxies(std::string_view url) {
  auto const parts = parse_url(url);
  if (!parts) return false;
  bool const link_local =
      parts->host.substr(0, 8) == "169.254." && parts->host.find_first_not_of("0123456789.") == std::string::npos;
  return link_local || parts->host == "metadata.google.internal";
}

namespace {

constexpr int kMaxRedirects = 5;
constexpr long kStallBytesPerSecond = 16;

// A body on its way to a file: beside its place until it is whole.
struct Saving {
  explicit Saving(std::filesystem::path const& target)
      : path(target.string() + ".part"), file(path, std::ios::binary | std::ios::trunc) {}
  ~Saving() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
  Saving(Saving const&) = delete;
  Saving& operator=(Saving const&) = delete;
  std::filesystem::path path;
  std::ofstream file;
  Sha256 sum;
  std::size_t bytes = 0;
};

// One request under way. Lives at a fixed address while curl knows it.
struct Transfer {
  std::size_t index = 0;  // In the caller's list.
  HttpRequest request;
  int redirects = 0;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  curl_slist* connect_to = nullptr;
  HttpResponse response;
  std::size_t body_sent = 0;  // Of a body that must not go out twice.
  bool too_large = false, disk_failed = false;
  std::set<int> const* proxy_ports = nullptr;  // Of the proxies that the environment names.
  std::string forbidden_address;               // The policy did not let us connect to it.
  bool succeeds = false;                       // The status line says 2xx.
  std::unique_ptr<Saving> saving;
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size * count);
  if (line.substr(0, 5) == "HTTP/") {  // A new answer: after 100 Continue or a proxy's CONNECT.
    transfer.response.headers.clear();
    transfer.response.body.clear();
    transfer.succeeds = line.find(" 2") == line.find(' ');
    return size * count;
  }
  auto const colon = line.find(':');
  if (colon != std::string_view::npos && transfer.response.headers.size() < 200)
    transfer.response.headers.emplace_back(to_lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  bool const to_file = transfer.succeeds && !transfer.request.save_to.empty();
  if (to_file && !transfer.saving) transfer.saving = std::make_unique<Saving>(transfer.request.save_to);
  if ((to_file ? transfer.saving->bytes : transfer.response.body.size()) + size * count >
      transfer.request.max_response_bytes) {
    transfer.too_large = true;
    return 0;
  }
  if (to_file) {
    Saving& saving = *transfer.saving;
    saving.bytes += size * count;
    saving.sum.add({data, size * count});
    saving.file.write(data, static_cast<std::streamsize>(size * count));
    transfer.disk_failed = !saving.file;
    return transfer.disk_failed ? 0 : size * count;
  }
  transfer.response.body.append(data, size * count);
  return size * count;
}

// libcurl sends a request again by itself when a kept connection turns out to be dead, although the server may have
// acted on it. A body that cannot be rewound stops that.
std::size_t read_once(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::size_t const copied = transfer.request.body.copy(buffer, size * count, transfer.body_sent);
  transfer.body_sent += copied;
  return copied;
}
int refuse_to_rewind(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

// The socket for an address that the host's name resolved to, unless the policy forbids it. With a proxy it is the
// proxy that is connected to, and only it sees where the name leads.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* where) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::array<char, INET6_ADDRSTRLEN> text{};
  int port = 0;
  if (where->family == AF_INET) {
    auto const& four = reinterpret_cast<sockaddr_in const&>(where->addr);
    ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    port = ntohs(four.sin_port);
  } else if (where->family == AF_INET6) {
    auto const& six = reinterpret_cast<sockaddr_in6 const&>(where->addr);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    port = ntohs(six.sin6_port);
  }
  HttpRequest const& request = transfer.request;
  bool const by_proxy = !request.proxy.empty() || transfer.proxy_ports->count(port) > 0;
  if (!by_proxy && !request.policy->may_connect(request.url, text.data())) {
    transfer.forbidden_address = text.data();
    return CURL_SOCKET_BAD;
  }
  return ::socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string describe(HttpRequest const& request) {
  return without_secrets(request.method + " " + safe_url(request.url));
}

Status keep_file(Transfer& transfer) {
  if (!transfer.saving) transfer.saving = std::make_unique<Saving>(transfer.request.save_to);  // An empty body.
  Saving& saving = *transfer.saving;
  saving.file.close();
  std::error_code trouble;
  if (saving.file) std::filesystem::rename(saving.path, transfer.request.save_to, trouble);
  if (!saving.file || trouble)
    return Error{ErrorKind::Io, "cannot write " + transfer.request.save_to.string() + "; is there space left?"};
  saving.path.clear();
  transfer.response.saved_sha256 = saving.sum.hex();
  return ok();
}

}  // namespace

struct CurlHttp::State {
  explicit State(Environment const& environment) : authorities(environment) {}

  std::string user_agent;
  CaBundle authorities;
  std::set<int> proxy_ports;
  CurlPatience patience;
  std::function<void(std::string const&)> warn;
  CURLM* multi = nullptr;

  Status start();
  void set_blob(CURL*, CURLoption, std::string const&) const;
  void trust(CURL*, Url const&);
  Status prepare(Transfer&);
  Result<HttpResponse> outcome(Transfer&, CURLcode);
  bool follow(Transfer&);  // True: the transfer now holds the next request.
};

Status CurlHttp::State::start() {
  if (multi != nullptr) return ok();
  static bool const usable = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!usable)
    return Error{ErrorKind::Unsupported, "libcurl could not be loaded or initialised; install or repair libcurl4"};
  multi = curl_multi_init();
  if (multi == nullptr) return Error{ErrorKind::Bug, "libcurl gave no transfer handle"};
  return ok();
}

void CurlHttp::State::set_blob(CURL* easy, CURLoption option, std::string const& text) const {
  curl_blob data{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  if (!text.empty()) curl_easy_setopt(easy, option, &data);
}

void CurlHttp::State::trust(CURL* easy, Url const& url) {
  if (url.scheme != "https") return;
  std::string const& file = authorities.file();
  if (!file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, file.c_str());
  if (!authorities.folder().empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, authorities.folder().c_str());
  set_blob(easy, CURLOPT_CAINFO_BLOB, authorities.pem());
  std::string const doubt = authorities.doubt(std::chrono::system_clock::now());
  if (!doubt.empty() && warn) std::exchange(warn, nullptr)(doubt);  // Once is enough.
}

Status CurlHttp::State::prepare(Transfer& transfer) {
  HttpRequest const& request = transfer.request;
  auto const url = parse_url(request.url);
  if (!url || (url->scheme != "https" && url->scheme != "http"))
    return Error{ErrorKind::BadInput, "\"" + safe_url(request.url) + "\" is not an http or https URL"};
  if (transfer.easy == nullptr) transfer.easy = curl_easy_init();
  if (transfer.easy == nullptr) return Error{ErrorKind::Bug, "libcurl gave no request handle"};
  CURL* easy = transfer.easy;
  curl_easy_reset(easy);
  auto const set = ::curl_easy_setopt;
  std::string named;
  set(easy, CURLOPT_URL, request.url.c_str());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PRIVATE, &transfer);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_USERAGENT, user_agent.c_str());
  set(easy, CURLOPT_ACCEPT_ENCODING, "");
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(std::min(patience.connect, request.timeout).count()));
  set(easy, CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count()));
  set(easy, CURLOPT_LOW_SPEED_LIMIT, kStallBytesPerSecond);
  set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stall.count()));
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_HEADERFUNCTION, on_header);
  set(easy, CURLOPT_HEADERDATA, &transfer);
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, &transfer);
  transfer.error[0] = 0;
  set(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  trust(easy, *url);
  if (request.method != "HEAD")
    set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_response_bytes));
  if (request.policy) {
    CML_CHECK_OK(request.policy->check(request.url));
    transfer.proxy_ports = &proxy_ports;
    set(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    set(easy, CURLOPT_FRESH_CONNECT, 1L);  // No kept connection that was made without asking.
  }
  if (!request.proxy.empty() || goes_around_proxies(request.url))
    set(easy, CURLOPT_PROXY, request.proxy.c_str());  // Empty: none.
  if (request.tls) {
    TlsSettings const& tls = *request.tls;
    auto const blob = [&](CURLoption option, std::string const& text) { set_blob(easy, option, text); };
    blob(CURLOPT_CAINFO_BLOB, tls.authority);
    blob(CURLOPT_SSLCERT_BLOB, tls.certificate);
    blob(CURLOPT_SSLKEY_BLOB, tls.key.reveal());
    if (tls.insecure) {
      set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
      set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!tls.server_name.empty()) {  // Asked for under that name, but connected to where the URL says.
      std::string const port = url->port.empty() ? "443" : url->port;
      named = "https://" + tls.server_name + ":" + port + url->path + (url->query.empty() ? "" : "?" + url->query);
      curl_slist_free_all(transfer.connect_to);
      transfer.connect_to =
          curl_slist_append(nullptr, (tls.server_name + ":" + port + ":" + url->host + ":" + port).c_str());
      set(easy, CURLOPT_URL, named.c_str());
      set(easy, CURLOPT_CONNECT_TO, transfer.connect_to);
    }
  }
  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    set(easy, CURLOPT_POST, 1L);
    if (request.repeat == Repeat::Safe || request.sigv4) {  // The signature is made over POSTFIELDS alone.
      set(easy, CURLOPT_POSTFIELDS, request.body.data());
      if (request.repeat != Repeat::Safe) set(easy, CURLOPT_FRESH_CONNECT, 1L);  // No kept connection that may be dead.
    } else {
      set(easy, CURLOPT_READFUNCTION, read_once);
      set(easy, CURLOPT_READDATA, &transfer);
      set(easy, CURLOPT_SEEKFUNCTION, refuse_to_rewind);
      if (request.body.empty()) set(easy, CURLOPT_FRESH_CONNECT, 1L);
    }
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (request.sigv4) {
    set(easy, CURLOPT_AWS_SIGV4, request.sigv4->c_str());
    set(easy, CURLOPT_USERPWD, request.credential.reveal().c_str());
  }
  curl_slist_free_all(transfer.headers);
  // No "Expect: 100-continue" (a round trip), and no form content type that libcurl would add to a POST.
  // libcurl before 8 signs such removed headers although it does not send them, so signed requests go without.
  transfer.headers = request.sigv4 ? nullptr : curl_slist_append(nullptr, "Expect:");
  bool has_type = request.sigv4.has_value();
  for (auto const& [name, value] : request.headers) {
    if (contains(name + value, "\n") || contains(name + value, "\r"))
      return Error{ErrorKind::BadInput, "a header of " + describe(request) + " holds a line break"};
    has_type = has_type || equals_ignoring_case(name, "content-type");
    transfer.headers = curl_slist_append(transfer.headers, (name + (value.empty() ? ";" : ": " + value)).c_str());
  }
  if (!has_type) transfer.headers = curl_slist_append(transfer.headers, "Content-Type:");
  if (!request.credential_header.empty() && !request.sigv4) {
    std::string const& value = request.credential.reveal();
    if (value.find_first_of("\r\n") != std::string::npos)
      return Error{ErrorKind::Unauthorized, "the token holds a line break; check how the secret was stored"};
    transfer.headers = curl_slist_append(transfer.headers, (request.credential_header + ": " + value).c_str());
  }
  set(easy, CURLOPT_HTTPHEADER, transfer.headers);
  transfer.response = {};
  transfer.body_sent = 0;
  transfer.too_large = transfer.disk_failed = transfer.succeeds = false;
  transfer.forbidden_address.clear();
  transfer.saving.reset();
  return ok();
}

bool CurlHttp::State::follow(Transfer& transfer) {
  HttpResponse const& response = transfer.response;
  if (!is_redirect(response.status) || response.header("location").empty()) return false;
  HttpRequest& request = transfer.request;
  bool const read_only = request.method == "GET" || request.method == "HEAD";
  std::string const next = resolve_url(request.url, response.header("location"));
  auto const from = parse_url(request.url), to = parse_url(next);
  if (!to || transfer.redirects >= kMaxRedirects) return false;
  if (from->scheme == "https" && to->scheme != "https") return false;
  bool const same_origin = from->origin() == to->origin();
  // 307 and 308 repeat the method; a write is repeated at its own origin only.
  if (!read_only && (!same_origin || (response.status != 307 && response.status != 308))) return false;
  // Nobody outside sends us to this machine or to the cloud's services for it.
  if (is_local_host(to->host) && !is_local_host(from->host)) return false;
  if (request.policy && !request.policy->check(next)) return false;
  if (!same_origin) {
    // A token may be among the headers, too (AWS's x-amz-security-token).
    auto& headers = request.headers;
    headers.erase(std::remove_if(headers.begin(), headers.end(),
                                 [](auto const& header) { return !equals_ignoring_case(header.first, "accept"); }),
                  headers.end());
    request.credential_header.clear();
    request.credential = Secret();
    request.sigv4.reset();
    request.tls.reset();
  }
  request.url = next;
  ++transfer.redirects;
  return true;
}

// A redirect that follow() did not follow.
static Error refuse_redirect(Transfer const& transfer) {
  HttpRequest const& request = transfer.request;
  std::string const next = resolve_url(request.url, transfer.response.header("location"));
  std::string const what = describe(request) + ": answered with a redirect to " + without_secrets(safe_url(next));
  if (request.policy)
    if (auto const allowed = request.policy->check(next); !allowed)
      return Error{ErrorKind::Forbidden, what + ", which is not followed: " + allowed.error().message};
  return Error{ErrorKind::BadInput, what + ", which is not followed; check the address given by --repo or --api-url"};
}

Result<HttpResponse> CurlHttp::State::outcome(Transfer& transfer, CURLcode code) {
  if (code == CURLE_OK) {
    HttpResponse& response = transfer.response;
    if (is_redirect(response.status) && !response.header("location").empty()) return refuse_redirect(transfer);
    if (!transfer.request.save_to.empty() && transfer.succeeds) CML_CHECK_OK(keep_file(transfer));
    return std::move(response);
  }
  if (transfer.disk_failed)
    return Error{ErrorKind::Io, describe(transfer.request) + ": cannot write " + transfer.request.save_to.string() +
                                    "; is there space left?"};
  if (!transfer.forbidden_address.empty())
    return Error{ErrorKind::Forbidden, describe(transfer.request) + ": the host's name leads to " +
                                           transfer.forbidden_address +
                                           ", which is this machine, its network or its cloud's own service; name "
                                           "that address itself by --allow-url if it is meant"};
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED)
    return Error{ErrorKind::BadInput, describe(transfer.request) + ": the answer is larger than " +
                                          std::to_string(transfer.request.max_response_bytes) + " bytes"};
  std::string const why =
      without_secrets(clean_line(transfer.error[0] != 0 ? transfer.error.data() : curl_easy_strerror(code)));
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    std::string const trouble = authorities.trouble().empty() ? "" : " (" + authorities.trouble() + ")";
    return Error{ErrorKind::Untrusted,
                 describe(transfer.request) + ": " + why +
                     "; check the server's certificate; a CA of your own is added by NODE_EXTRA_CA_CERTS=FILE, or "
                     "named instead of the system's by " +
                     (authorities.named_by().empty() ? "SSL_CERT_FILE" : authorities.named_by() + ", which is set") +
                     trouble};
  }
  curl_off_t sent_after = 0;  // Microseconds until the request could go out; 0: it never did.
  curl_easy_getinfo(transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &sent_after);
  bool const never_sent = (sent_after == 0 && code != CURLE_SEND_FAIL_REWIND) || code == CURLE_COULDNT_RESOLVE_HOST ||
                          code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
                          code == CURLE_SSL_CONNECT_ERROR;
  std::string hint = "check the network and the proxy settings (https_proxy, no_proxy)";
  if (contains(why, "407"))
    hint = "the proxy wants a login: https_proxy=http://USER:PASSWORD@HOST:PORT";
  else if (!never_sent)
    hint = "the server broke off or did not answer in time";
  return Error{never_sent ? ErrorKind::Unreachable : ErrorKind::Network,
               describe(transfer.request) + ": " + why + "; " + hint};
}

CurlHttp::CurlHttp(Environment const& environment, std::string user_agent, CurlPatience patience,
                   std::function<void(std::string const&)> warn)
    : state_(std::make_unique<State>(environment)) {
  state_->warn = std::move(warn);
  state_->patience = patience;
  state_->user_agent = std::move(user_agent);
  for (char const* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    std::string const value = environment.get(name).value_or("");
    auto const url = parse_url(contains(value, "://") ? value : "http://" + value);
    if (url) state_->proxy_ports.insert(static_cast<int>(parse_integer(url->port).value_or(1080)));
  }
}

void CurlHttp::trust(std::string pem_file, std::string named_by) {
  state_->authorities.add(std::move(pem_file), std::move(named_by));
}

CurlHttp::~CurlHttp() {
  if (state_->multi != nullptr) curl_multi_cleanup(state_->multi);
}

Result<HttpResponse> CurlHttp::send(HttpRequest const& request) {
  auto answers = send_all({request}, 1);
  return std::move(answers.front());
}

std::vector<Result<HttpResponse>> CurlHttp::send_all(std::vector<HttpRequest> const& requests, int parallel) {
  std::vector<Result<HttpResponse>> answers(requests.size(), Error{ErrorKind::Bug, "no answer"});
  if (auto started = state_->start(); !started) {
    for (auto& answer : answers) answer = Error(started.error());
    return answers;
  }
  CURLM* multi = state_->multi;
  std::deque<Transfer> transfers;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    transfers.emplace_back();
    transfers.back().index = i;
    transfers.back().request = requests[i];
  }
  std::size_t next = 0, running = 0;
  auto const launch = [&](Transfer& transfer) {
    if (auto prepared = state_->prepare(transfer); !prepared) {
      answers[transfer.index] = std::move(prepared).error();
      return;
    }
    curl_multi_add_handle(multi, transfer.easy);
    ++running;
  };
  auto const limit = static_cast<std::size_t>(std::max(1, parallel));
  while (next < transfers.size() || running > 0) {
    while (next < transfers.size() && running < limit) launch(transfers[next++]);
    int active = 0;
    curl_multi_perform(multi, &active);
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURLcode const code = message->data.result;
      CURL* easy = message->easy_handle;
      char* pointer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &pointer);
      auto& transfer = *reinterpret_cast<Transfer*>(pointer);
      curl_multi_remove_handle(multi, easy);
      --running;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      transfer.response.status = static_cast<int>(status);
      if (code == CURLE_OK && state_->follow(transfer))
        launch(transfer);
      else
        answers[transfer.index] = state_->outcome(transfer, code);
    }
    if (running > 0 && active > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  for (Transfer& transfer : transfers) {
    if (transfer.easy != nullptr) curl_easy_cleanup(transfer.easy);
    curl_slist_free_all(transfer.headers);
    curl_slist_free_all(transfer.connect_to);
  }
  return answers;
}

}  // namespace cml
