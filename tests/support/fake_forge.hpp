// What the fakes of all network forges have in common: a server on loopback, faults on request, the requests seen, and
// pull requests.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "support/http_server.hpp"

namespace cml::test {

class FakeForge {
 public:
  struct Fault {
    std::string method, path_part;
    ServerResponse answer;
    bool takes_effect = false;  // The request is carried out all the same.
    int times = 1;
    int after = 0;  // So many such requests are answered as usual before.
  };
  struct Pull {
    long long number = 0;
    std::string sha, state = "open";  // "open", "closed" or "merged"
    std::string source, target, title, body;
    std::string owner;  // Of the fork that the source is in; empty: the repository itself.
    bool draft = false;
    std::vector<std::string> labels, reviewers;
    std::string merge;  // "squash", or "later squash" while it waits for its checks.
  };

  virtual ~FakeForge() = default;
  std::string url() const { return server_->url(); }
  int port() const { return server_->port(); }

  // Set up before use; read after. All are guarded by one mutex.
  void fail(Fault fault);
  void clear_faults();
  void add_pull_request(long long number, std::string head_sha, std::string state = "open");
  // One from a fork's branch.
  void add_fork_pull_request(long long number, std::string head_sha, std::string owner, std::string branch);
  std::vector<Pull> pulls() const;
  std::vector<std::string> requests() const;  // "METHOD /path?query", in order.
  int count(std::string const& part) const;   // Of requests that contain it.
  void forget_requests();
  void set_latency(std::chrono::milliseconds latency) { server_->latency = latency; }

  int writes() const;  // Requests that may change something.

  // The bodies on a thread, oldest first, and one more as somebody posted it long ago: who the token is, or `author`.
  virtual std::vector<std::string> bodies(CommentTarget const&) const = 0;
  virtual void add_body(CommentTarget const&, std::string body, std::string author = "") = 0;

  bool merges_later = true;           // Off: a merge cannot wait for checks.
  std::string token_user = "ml-bot";  // Who the token is.
  bool token_may_ask = true;          // GET /user answers.
  bool moderates = false;             // The token's role lets it change what others wrote.

 protected:
  // A derived class starts the server at the end of its constructor and stops it at the start of its destructor.
  void start();
  void stop() { server_.reset(); }
  // Called with the mutex held; path without the API's own prefix.
  virtual ServerResponse route(ServerRequest const&, std::string const& path) = 0;
  virtual std::string api_path(std::string const& path) const { return path; }
  // `author` by the name that stands for the token when it is empty.
  std::string author_or_self(std::string author) const { return author.empty() ? token_user : author; }
  static long long user_number(std::string const& name);
  bool may_change(std::string const& author) const { return moderates || author == token_user; }
  Pull* find_pull(std::optional<long long> number);
  Pull* open_pull(std::string const& source, std::string const& target);
  Pull& new_pull(std::string source, std::string target);

  mutable std::mutex mutex_;
  std::vector<Pull> pulls_;
  std::vector<Fault> faults_;
  std::vector<std::string> requests_;
  std::unique_ptr<HttpServer> server_;

 private:
  ServerResponse handle(ServerRequest const&);
};

}  // namespace cml::test
