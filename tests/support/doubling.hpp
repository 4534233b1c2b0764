// Whether something takes linear time: twice the input must take about twice the processor time.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <string>

namespace cml::test {

template <class Run>
double processor_seconds(Run const& run) {
  timespec begin{}, end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  run();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
}

// `make(n)` of about so many bytes, for tools/bench scanners: what is read has to take less than kSoon at 16 MiB.
template <class Make>
std::string of_about(std::size_t bytes, Make const& make) {
  constexpr std::size_t kProbe = 4096;
  double const per_round = static_cast<double>(make(kProbe).size()) / static_cast<double>(kProbe);
  return make(static_cast<std::size_t>(static_cast<double>(bytes) / per_round));
}
inline constexpr std::size_t kLargeReport = 16 << 20;
inline constexpr double kSoon = 5;  // Seconds of processor time.

inline constexpr double kLinear = 2.6;  // Twice, and something for noise; quadratic time is 4.

// The time of 2n over that of n, where n is the first size that takes long enough to be measured; 0 when even
// `most_bytes` take less. Where the ratio is over kLinear, larger n are tried: what leaves the caches between n and 2n
// looks quadratic once, and what is quadratic looks so all the more. `make(n)` gives the input.
template <class Make, class Run>
double doubling(Make const& make, Run const& run, std::size_t most_bytes = 1 << 20) {
  // Memory that is given back costs a page fault each time it is taken again, from some size on: no matter of the code.
  static bool const kept = mallopt(M_TRIM_THRESHOLD, 1 << 30) + mallopt(M_MMAP_THRESHOLD, 1 << 30) > 0;
  (void)kept;
  constexpr double kMeasurable = 0.003, kEnough = 0.5;
  auto const seconds = [&](std::string const& text) { return processor_seconds([&] { (void)run(text); }); };
  std::size_t n = 512;
  std::string small = make(n);
  double small_time = seconds(small);
  for (; small.size() < most_bytes && small_time < kMeasurable; small_time = seconds(small)) small = make(n *= 2);
  if (small_time < kMeasurable) return 0;
  double best = 100;
  for (; best > kLinear; small = make(n *= 2)) {
    std::string const large = make(2 * n);
    for (int attempt = 0; attempt < 4 && best > kLinear; ++attempt) {  // Others use the machine, too.
      small_time = std::min(seconds(small), seconds(small));
      best = std::min(best, std::min(seconds(large), seconds(large)) / small_time);
    }
    if (small_time > kEnough || small.size() >= most_bytes) break;
  }
  return best;
}

}  // namespace cml::test
