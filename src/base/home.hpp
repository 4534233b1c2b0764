// Where this program's releases are: set by CMake's CML_HOME when it is built for a release, unknown in a build of
// one's own. One place, so that no address is guessed.
#pragma once

#include <string>
#include <string_view>

namespace cml {

// "https://HOST/OWNER/NAME", on GitLab with "/-" behind it, which has its own addresses of releases; empty: unknown.
std::string_view home();
// "OWNER/NAME", for workflows that name an action; empty: unknown.
std::string_view home_repository();
// Of a file of a release, or of the newest one where no version is named; empty without a home.
std::string release_url(std::string_view home, std::string_view version, std::string_view file);

}  // namespace cml
