#include "base/choice.hpp"

namespace cml {

Error not_one_of(std::string_view word, std::vector<std::string_view> const& names) {
  std::string allowed;
  for (std::string_view name : names) allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  std::string_view const near = nearest(word, names);
  return {ErrorKind::Usage, "\"" + one_line(word, 60) + "\" is not one of " + allowed +
                                (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
}

}  // namespace cml
