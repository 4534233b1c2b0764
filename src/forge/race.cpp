#include "forge/race.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace cml {

using std::chrono::milliseconds;

milliseconds Race::up_to(milliseconds most) {
  return milliseconds(static_cast<long long>(random_.next() % static_cast<std::uint64_t>(most.count() + 1)));
}

bool Race::wait() {
  milliseconds const widest = std::min<milliseconds>(kFirst * (1 << std::min(losses_, 10)), kWidest);
  ++losses_;
  milliseconds const pause = kLeast * losses_ + up_to(widest);
  if (clock_.now() + pause - start_ > kBudget) return false;
  clock_.sleep_for(pause);
  return true;
}

bool Race::wait_for_trouble() {
  if (++troubles_ > kTroubles) return false;
  clock_.sleep_for(milliseconds(300 * troubles_) + up_to(milliseconds(300)));
  return true;
}

Error Race::lost_for_good(Error last) const {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - start_).count();
  last.message += "; other jobs were faster " + std::to_string(losses_) + (losses_ == 1 ? " time" : " times") +
                  " within " + std::to_string(seconds) + " s; run again, or use another --publish-to";
  last.kind = ErrorKind::Conflict;
  return last;
}

}  // namespace cml
