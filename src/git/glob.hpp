// Globs as CML's users write them: * ? [a-z] ** {a,b} {1..3} @(a|b) ?() *() +() !(), names with a leading dot included.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "git/glob_program.hpp"

namespace cml {

// Paths with "/" between their parts; "*" and "?" stay within a part, "**" crosses them.
bool glob_matches(std::string_view pattern, std::string_view path);

// Which paths of a repository a list of globs means. A glob that names a folder means all below it; "!" and git's ":!",
// ":(exclude)" take out, ":/" and ":(top)" count from the top. Usage for signs of git's that are not understood.
class PathFilter {
 public:
  // `prefix` is the folder of the globs within the repository: "" or "sub/folder/". BadInput for globs that lead out of
  // the repository or expand to too many.
  static Result<PathFilter> make(std::vector<std::string> const& globs, std::string const& prefix);
  bool matches(std::string_view path) const;

 private:
  struct Globs {
    bool all = false;
    std::vector<GlobProgram> programs;
  };
  Globs wanted_, unwanted_;
};

}  // namespace cml
