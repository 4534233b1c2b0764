#include "forge/repository.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {
namespace {

std::string clean_path(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.size() > 4 && path.substr(path.size() - 4) == ".git") path.remove_suffix(4);
  return std::string(path);
}

}  // namespace

Result<Repository> parse_repository(std::string_view text, std::string_view default_web_base) {
  text = trim(text);
  Repository repository;
  if (auto const url = parse_url(text)) {
    bool const web = url->scheme == "https" || url->scheme == "http";
    if (!web && url->scheme != "ssh" && url->scheme != "git" && url->scheme != "git+ssh")
      return Error{ErrorKind::Usage,
                   "the repository " + safe_url(text) + " is not on a forge; give --repo https://HOST/OWNER/NAME"};
    repository.scheme = web ? url->scheme : "https";
    repository.authority = web ? url->authority() : url->host;  // The port of ssh is not the web's.
    repository.path = clean_path(url->path);
  } else if (auto const colon = text.find(':');
             colon != std::string_view::npos && text.find('/') > colon && !contains(text, "://")) {
    auto const at = text.find('@');
    std::string_view const host = text.substr(at < colon ? at + 1 : 0, at < colon ? colon - at - 1 : colon);
    repository.authority = to_lower(host);
    repository.path = clean_path(text.substr(colon + 1));
  } else if (auto const base = parse_url(default_web_base);
             base && contains(text, "/") && !contains(text, ":") && text[0] != '/' && text[0] != '.') {
    repository.scheme = base->scheme;
    repository.authority = base->authority();
    repository.path = clean_path(text);
  }
  bool const bad_path = repository.path.empty() || contains(repository.path, "..") || contains(repository.path, " ");
  if (repository.authority.empty() || bad_path)
    return Error{
        ErrorKind::Usage,
        "\"" + one_line(safe_url(text), 100) +
            "\" is not a repository; give --repo as https://HOST/OWNER/NAME, git@HOST:OWNER/NAME or OWNER/NAME"};
  return repository;
}

}  // namespace cml
