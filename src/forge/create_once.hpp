// Posting a comment, or starting a run, exactly once: no forge takes an idempotency key, so when nobody knows whether
// the request arrived, the thread is looked through before it is sent again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "forge/forge.hpp"
#include "forge/json_api.hpp"
#include "ports/clock.hpp"
#include "ports/http.hpp"

namespace cml {

struct CreateOnce {
  HttpClient& http;
  Clock& clock;
  std::function<void(std::string const&)> notify;
  HttpRequest post;   // Repeat::Unsafe.
  HttpRequest probe;  // Any small read: its Date header is the server's clock.
  std::string body;   // As posted.
  Explain explain;
  std::function<Result<Comment>(HttpRequest const&, nlohmann::json const&)> read;  // The answer of `post`.
  std::function<Result<std::vector<Comment>>(KeepComment const&)> list;            // The thread.
};
Result<Comment> create_once(CreateOnce const&);

// Starts what must not be started twice, by a POST without body. When nobody knows whether it arrived, `has_begun` is
// asked; the error stands unless it says yes.
Status start_once(HttpClient&, HttpRequest post, Explain, std::function<Result<bool>()> const& has_begun);

}  // namespace cml
