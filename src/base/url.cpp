#include "base/url.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace cml {

std::optional<Url> parse_url(std::string_view text) {
  auto const colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Url url;
  url.scheme = to_lower(text.substr(0, colon));
  for (char c : url.scheme)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')) return std::nullopt;
  for (char c : text)
    if (static_cast<unsigned char>(c) <= 0x20) return std::nullopt;
  text.remove_prefix(colon + 3);
  auto const end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  text.remove_prefix(end);
  if (auto const at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  auto const bracket = authority.rfind(']');
  auto const port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = to_lower(authority.substr(0, port));
  if (port != std::string_view::npos) url.port = authority.substr(port + 1);
  if (url.host.empty() || !std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  auto const fragment = text.find('#');
  text = text.substr(0, fragment);
  auto const question = text.find('?');
  url.path = text.substr(0, question);
  if (question != std::string_view::npos) url.query = text.substr(question + 1);
  return url;
}

bool is_loopback(std::string_view host) {
  bool const in_127 = host.substr(0, 4) == "127." && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || in_127 ||
         (host.size() > 10 && host.substr(host.size() - 10) == ".localhost");
}

std::string safe_url(std::string_view text) {
  if (auto const url = parse_url(text)) return clean_line(url->origin() + url->path, 2000);
  // What does not parse may hold a login anywhere before its last "@".
  if (auto const sign = text.rfind('@'); sign != std::string_view::npos) {
    std::string_view const rest = text.substr(sign);
    return clean_line("***" + std::string(rest.substr(0, rest.find_first_of("?#"))));
  }
  return clean_line(text.substr(0, text.find_first_of("?#")));
}

std::string without_logins(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  std::string result;
  std::size_t done = 0, word_end = 0, word_sign = kNone;  // A word and its last "@" are looked for once.
  for (auto at = text.find("://"); at != kNone; at = text.find("://", done)) {
    std::size_t const start = at + 3;
    result += text.substr(done, start - done);
    done = start;
    if (start >= word_end) {
      word_end = std::min(text.find_first_of(" \t\r\n'\"<>", start), text.size());
      word_sign = text.substr(start, word_end - start).rfind('@');
      if (word_sign != kNone) word_sign += start;
    }
    std::string_view const word = text.substr(start, word_end - start), authority = word.substr(0, word.find('/'));
    // A password may hold "/": what stands behind the colon is not a port then.
    auto const colon = authority.find(':');
    bool const port = colon == kNone || authority.find_first_not_of("0123456789", colon + 1) == kNone;
    auto const sign = authority.rfind('@');
    if (sign != kNone)
      done = start + sign + 1;
    else if (!port && word_sign != kNone && word_sign >= start)
      done = word_sign + 1;
  }
  return result += text.substr(done);
}

std::string without_dot_segments(std::string_view path) {
  std::vector<std::string> kept;
  auto const parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool const last = i + 1 == parts.size();
    if (parts[i] != "." && parts[i] != "..") {
      kept.push_back(parts[i]);
      continue;
    }
    if (parts[i] == ".." && kept.size() > 1) kept.pop_back();
    if (last) kept.emplace_back();  // "/a/.." is the folder "/".
  }
  std::string result;
  for (std::size_t i = 0; i < kept.size(); ++i) result += (i == 0 ? "" : "/") + kept[i];
  return result;
}

bool is_web_url(std::string_view text) {
  auto const url = parse_url(text);
  return url && (url->scheme == "https" || url->scheme == "http") && url->user.empty() &&
         !contains(text.substr(0, text.find_first_of("/?#", url->scheme.size() + 3)), "@") &&
         text.find_first_of("\"'<>\\`") == std::string_view::npos && clean_line(text, text.size()) == text;
}

std::string resolve_url(std::string_view base, std::string_view location) {
  auto const url = parse_url(base);
  location = location.substr(0, location.find('#'));
  auto const colon = location.find_first_of(":/?");
  bool const has_scheme = colon != std::string_view::npos && colon > 0 && location[colon] == ':';
  if (!url || has_scheme) return std::string(location);
  std::string const origin = url->scheme + "://" + url->authority();
  if (location.substr(0, 2) == "//") return url->scheme + ":" + std::string(location);
  std::string const old_query = url->query.empty() ? "" : "?" + url->query;
  std::string const old_path = url->path.empty() ? "/" : url->path;
  if (location.empty()) return origin + old_path + old_query;
  if (location[0] == '?') return origin + old_path + std::string(location);
  auto const question = std::min(location.find('?'), location.size());
  std::string path(location.substr(0, question));
  if (path[0] != '/') path = old_path.substr(0, old_path.rfind('/') + 1) + path;
  return origin + without_dot_segments(path) + std::string(location.substr(question));
}

}  // namespace cml
