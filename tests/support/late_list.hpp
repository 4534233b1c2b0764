#pragma once

#include <chrono>
#include <optional>
#include <utility>

namespace cml::test {

// A forge's list: it shows what was true when it was last asked for, or, where that is half a minute ago or longer,
// what is `settled`.
inline constexpr std::chrono::seconds kListsLag{30};
template <class State>
class LateList {
 public:
  State shown(State const& is, State const& settled, std::chrono::system_clock::time_point now) {
    bool const late = asked_ && now - *asked_ < kListsLag;
    asked_ = now;
    State before = std::exchange(last_, is);
    return late ? before : settled;
  }

 private:
  std::optional<std::chrono::system_clock::time_point> asked_;
  State last_{};
};

}  // namespace cml::test
