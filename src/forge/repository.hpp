// The repository's address, from any of the forms people have it in.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml {

struct Repository {
  std::string scheme = "https";
  std::string authority;  // Host and, for http(s), port.
  std::string path;       // "owner/name", or deeper; no slash at either end, no ".git".

  std::string host() const { return authority.substr(0, authority.rfind(':')); }
  std::string web_url() const { return scheme + "://" + authority + "/" + path; }
};

// "https://user:pw@host/o/r.git", "ssh://git@host:22/o/r", "git@host:o/r.git" or, with a default host, "o/r".
Result<Repository> parse_repository(std::string_view text, std::string_view default_web_base);

}  // namespace cml
