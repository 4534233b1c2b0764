#pragma once

#include <cstdint>

namespace cml {

// Randomness for identifiers and jitter; pictures use a seeded generator of their own.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

}  // namespace cml
