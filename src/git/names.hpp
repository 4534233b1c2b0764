// Names that go onto git's command line: nothing that git would take for an option or for a range.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text.hpp"

namespace cml {

inline Status check_name(std::string_view what, std::string const& name) {
  if (name.empty() || name[0] == '-' || name.find_first_of(" \t\r\n~^:?*[\\") != std::string::npos ||
      contains(name, ".."))
    return Error{ErrorKind::Usage, "\"" + one_line(name, 60) + "\" is not a valid name for a " + std::string(what)};
  return ok();
}

inline Status check_remote(std::string const& remote) {
  if (remote.empty() || remote[0] == '-')
    return Error{ErrorKind::Usage, "\"" + one_line(remote, 60) + "\" is not a remote"};
  return ok();
}

}  // namespace cml
