// What one drawing may take in all. Limits on single things (rows, groups, text) do not add up to one: a small
// specification can ask for many of each. Work is counted where it grows with the input, in steps of about a
// nanosecond, and memory where it is taken; never the clock, so that a specification passes everywhere or nowhere.
#pragma once

#include <cstddef>
#include <string>

namespace cml::vega {

struct Limits {
  double steps = 5e9;    // Of work.
  double bytes = 1.2e9;  // Held at once: cells of tables, lists, text and decoded images.

  Limits times(double factor) const { return {steps * factor, bytes * factor}; }
};

namespace budget {

// One thread's drawing. Plain data, so that counting is one addition. Between drawings nothing is limited.
struct Meter {
  double steps = 0, bytes = 0;
  double most_steps = 1e300, most_bytes = 1e300;
  int levels = 0;
  std::string const* place = nullptr;  // JSON path of what is worked on.
  bool running = false;
};
inline constinit thread_local Meter meter;

[[noreturn]] void over_steps();  // Both fail (EngineError).
[[noreturn]] void over_bytes();
[[noreturn]] void over_levels(std::string const& what);

// What a specification made negative is over the budget, too: taken off the meter it would open it for all that
// follows.
inline void steps(double count) {
  if (!(count >= 0) || !((meter.steps += count) <= meter.most_steps)) over_steps();
}
inline void bytes(double count) {
  if (!(count >= 0) || !((meter.bytes += count) <= meter.most_bytes)) over_bytes();
}
inline void give_back(double count) noexcept { meter.bytes -= count; }

// For sizes.
inline void steps(std::size_t count) { steps(static_cast<double>(count)); }
inline void steps(int count) { steps(static_cast<double>(count)); }
inline void bytes(int count) { bytes(static_cast<double>(count)); }
inline void bytes(std::size_t count) { bytes(static_cast<double>(count)); }

// Names what is worked on while it lives; `path` must outlive it.
class Place {
 public:
  explicit Place(std::string const& path) : before_(meter.place) { meter.place = &path; }
  ~Place() { meter.place = before_; }
  Place(Place const&) = delete;

 private:
  std::string const* before_;
};

// Holds levels of recursion while it lives: signals, data, scales and expressions ask for each other, and the stack is
// one.
class Level {
 public:
  static constexpr int kMost = 6000;
  Level(int levels, std::string const& what) : levels_(levels) {
    if ((meter.levels += levels) > kMost) meter.levels -= levels, over_levels(what);
  }
  ~Level() { meter.levels -= levels_; }
  Level(Level const&) = delete;

 private:
  int levels_;
};

}  // namespace budget

// A drawing, or a part of one: within another it counts towards that one's limits, and its own do not matter. Who draws
// holds one around all parts; each part holds one for those who call it alone.
class BudgetScope {
 public:
  explicit BudgetScope(Limits const& limits = {});
  ~BudgetScope();
  BudgetScope(BudgetScope const&) = delete;

 private:
  bool outermost_;
};

}  // namespace cml::vega
