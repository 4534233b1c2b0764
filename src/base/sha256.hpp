// SHA-256 (FIPS 180-4), for content addresses. Not for passwords or signatures: those are left to libcurl.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cml {

std::string sha256_hex(std::string_view bytes);

// The same for bytes that come piece by piece.
class Sha256 {
 public:
  void add(std::string_view bytes);
  std::string hex() const;  // Of all that was added.

 private:
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> open_{};  // The block that is not full yet.
  std::uint64_t length_ = 0;
};

}  // namespace cml
