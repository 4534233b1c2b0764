// URLs as far as forges and asset stores need them (RFC 3986 split, no normalising).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cml {

struct Url {
  std::string scheme;  // Lower case.
  std::string user;    // "user:password" as written; never printed.
  std::string host;    // Lower case; IPv6 keeps its brackets.
  std::string port;    // Empty when not given.
  std::string path;    // Starts with "/" or is empty.
  std::string query;   // Without "?".

  std::string authority() const { return port.empty() ? host : host + ":" + port; }
  std::string origin() const { return scheme + "://" + authority(); }
};

std::optional<Url> parse_url(std::string_view text);  // Needs "scheme://host".
bool is_loopback(std::string_view host);
// For messages: without user, password, query and fragment, where secrets live.
std::string safe_url(std::string_view text);
// Text that may hold addresses, without the "user:password@" in them.
std::string without_logins(std::string_view text);
// A path without its "." and ".." segments (RFC 3986, 5.2.4).
std::string without_dot_segments(std::string_view path);
// An address that may be shown, linked and handed on: http or https, absolute, with neither a login nor blanks,
// controls, unseen characters, quotes, angle brackets or backslashes.
bool is_web_url(std::string_view text);
// `location` against `base` (RFC 3986, 5.2), without a fragment. What cannot be an address comes back as it is.
std::string resolve_url(std::string_view base, std::string_view location);

}  // namespace cml
