// Many jobs of a matrix change one thing that the forge changes for one at a time: who loses waits at random, the
// longer the oftener he has lost, so that twenty jobs get through within minutes and well below eighty writes a minute.
#pragma once

#include <chrono>
#include "base/result.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"

namespace cml {

class Race {
 public:
  static constexpr std::chrono::seconds kFirst{8}, kWidest{60}, kBudget{180};
  static constexpr std::chrono::milliseconds kLeast{250};  // For each loss, whatever chance says.
  Race(Clock& clock, Random& random) : clock_(clock), random_(random), start_(clock.now()) {}

  // Waits before the next try, for up to `kFirst` after the first loss, twice that after the second, ... False, without
  // waiting, when that would end after `kBudget`.
  bool wait();
  // The same for trouble that is no race, and that a try or two may get around: for a moment, `kTroubles` times.
  static constexpr int kTroubles = 3;
  bool wait_for_trouble();
  // The last loss as a Conflict that tells all of them: "...; other jobs were faster 9 times within 178 s; ..."
  Error lost_for_good(Error last) const;

 private:
  std::chrono::milliseconds up_to(std::chrono::milliseconds most);

  Clock& clock_;
  Random& random_;
  std::chrono::system_clock::time_point start_;
  int losses_ = 0, troubles_ = 0;
};

}  // namespace cml
