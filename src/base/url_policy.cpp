#include "base/url_policy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

// Table: IPv4 networks of this machine, its segment, and metadata services (Alibaba, Azure, Oracle).
struct Network {
  std::uint32_t address;
  int bits;
};
constexpr Network kLocal[] = {{0x00000000, 8},  {0x7F000000, 8},  {0xA9FE0000, 16},
                              {0x646464C8, 32}, {0xA83F8110, 32}, {0xC00000C0, 32}};
constexpr std::string_view kLocalNames[] = {"localhost", "metadata", "metadata.google.internal", "metadata.goog"};
constexpr char const* kLocalIpv6[] = {"fd00:ec2::254", "fd20:ce::254"};  // AWS, Google Cloud.

bool is_local(std::uint32_t address) {
  return std::any_of(std::begin(kLocal), std::end(kLocal),
                     [&](Network const& network) { return (address ^ network.address) >> (32 - network.bits) == 0; });
}

using Bytes = std::array<unsigned char, 16>;

std::uint32_t word_at(Bytes const& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

bool is_local(Bytes const& address) {
  if (address[0] == 0xFE && (address[1] & 0xC0) == 0x80) return true;  // fe80::/10
  for (char const* text : kLocalIpv6) {
    Bytes other{};
    if (inet_pton(AF_INET6, text, other.data()) == 1 && other == address) return true;
  }
  bool const zeros = std::all_of(address.begin(), address.begin() + 10, [](unsigned char byte) { return byte == 0; });
  bool const mapped = zeros && address[10] == 0xFF && address[11] == 0xFF;  // ::ffff:127.0.0.1
  bool const compatible = zeros && address[10] == 0 && address[11] == 0;    // ::127.0.0.1, ::1, ::
  bool const nat64 = word_at(address, 0) == 0x0064FF9B && word_at(address, 4) == 0 && word_at(address, 8) == 0;
  if (mapped || compatible || nat64) return is_local(word_at(address, 12));
  return address[0] == 0x20 && address[1] == 0x02 && is_local(word_at(address, 2));  // 6to4
}

// A path's segments, without dots; nothing when a segment hides dots behind an escaped slash. "%2e" is a dot.
bool segments_of(std::string_view path, std::vector<std::string>& segments) {
  std::string plain;
  for (std::string const& part : split(path, '/')) {
    std::string const decoded = replace_all(percent_decode(part), "\\", "/");
    bool const dots = decoded == "." || decoded == "..";
    if (!dots)
      for (std::string const& piece : split(decoded, '/'))
        if (piece == "." || piece == "..") return false;
    plain += (dots ? decoded : part) + "/";
  }
  for (std::string& part : split(without_dot_segments(plain), '/'))
    if (!part.empty()) segments.push_back(std::move(part));
  return true;
}

}  // namespace

bool is_local_host(std::string_view host) {
  if (!host.empty() && host.front() == '[') host = host.substr(1, host.rfind(']') - 1);
  host = host.substr(0, host.find('%'));  // A zone: "fe80::1%eth0".
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string const name = to_lower(host);
  constexpr std::string_view kBelow = ".localhost";
  if (std::find(std::begin(kLocalNames), std::end(kLocalNames), name) != std::end(kLocalNames)) return true;
  if (name.size() > kBelow.size() && name.substr(name.size() - kBelow.size()) == kBelow) return true;
  if (in_addr four{}; inet_aton(name.c_str(), &four) != 0) return is_local(ntohl(four.s_addr));
  Bytes six{};
  return inet_pton(AF_INET6, name.c_str(), six.data()) == 1 && is_local(six);
}

bool UrlPolicy::parse(std::string_view text, Place& place) {
  auto const url = parse_url(text);
  if (!url || (url->scheme != "https" && url->scheme != "http") || !url->user.empty()) return false;
  // A login that is empty, a host in disguise, and what some read as a slash.
  std::string_view const authority = text.substr(url->scheme.size() + 3);
  if (contains(authority.substr(0, authority.find_first_of("/?#")), "@") || contains(url->host, "%")) return false;
  if (contains(text, "\\") || clean_line(text, text.size()) != text) return false;
  auto const port = parse_integer(url->port.empty() ? (url->scheme == "https" ? "443" : "80") : url->port);
  if (!port || *port < 1 || *port > 65535) return false;
  place.scheme = url->scheme;
  place.host = url->host;
  place.query = url->query;
  place.port = *port;
  return segments_of(url->path, place.segments);
}

UrlPolicy::UrlPolicy(std::vector<std::string> const& prefixes) {
  for (std::string const& prefix : prefixes) {
    Place place;
    if (parse(prefix, place))
      allowed_.push_back(std::move(place));
    else if (unusable_.empty())
      unusable_ = prefix;
  }
}

Status UrlPolicy::check(std::string_view url) const {
  Place place;
  bool const whole = parse(url, place);
  for (Place const& prefix : allowed_) {
    if (!whole) break;
    if (prefix.scheme != place.scheme || prefix.host != place.host || prefix.port != place.port) continue;
    bool const below = prefix.segments.size() <= place.segments.size() &&
                       std::equal(prefix.segments.begin(), prefix.segments.end(), place.segments.begin());
    // A prefix with a query names one address.
    bool const fits = prefix.query.empty() || (prefix.query == place.query && prefix.segments == place.segments);
    if (below && fits) return ok();
  }
  std::string text = "the address " + safe_url(url) + " is not fetched; allow it with --allow-url ";
  text += whole ? place.scheme + "://" + parse_url(url)->authority() + "/ or a longer prefix" : "PREFIX";
  if (!unusable_.empty()) text += " (\"" + safe_url(unusable_) + "\" is not an http or https URL)";
  return Error{ErrorKind::Forbidden, text + ", or use a local file"};
}

bool UrlPolicy::may_connect(std::string_view url, std::string_view address) const {
  auto const parts = parse_url(url);
  return !is_local_host(address) || (parts && is_local_host(parts->host));
}

}  // namespace cml
