// Which addresses the user allows to be fetched, by prefixes that are compared part by part, never as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml {

// True for this machine, its own network segment and the cloud's services for its machines, in any spelling: loopback,
// link-local and unspecified addresses (also "127.1", "0x7f000001", "[::ffff:127.0.0.1]"), "localhost" and the names
// and addresses of metadata services. `host` as in a URL, or an address in numbers without brackets.
bool is_local_host(std::string_view host);

class UrlPolicy {
 public:
  // "https://HOST[:PORT][/PATH]". A prefix that is not such an address allows nothing; check() says so.
  explicit UrlPolicy(std::vector<std::string> const& prefixes);
  // Scheme, host and port are those of a prefix and the path is the prefix's or below it, by whole segments. The error
  // names the remedy.
  Status check(std::string_view url) const;
  // Whether a connection for this URL, which check() allows, may go to this address (in numbers): to a local one only
  // when the URL, and so the prefix, names a local host itself; a public name that resolves to one is refused.
  bool may_connect(std::string_view url, std::string_view address) const;

 private:
  struct Place {
    std::string scheme, host, query;
    long long port = 0;
    std::vector<std::string> segments;
  };
  static bool parse(std::string_view text, Place& place);

  std::vector<Place> allowed_;
  std::string unusable_;  // The first prefix that is not an address, for the error.
};

}  // namespace cml
