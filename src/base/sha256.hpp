// SHA-256 (FIPS 180-4), for content addresses, and HMAC (RFC 2104) for addresses that carry their own signature.
// Requests are signed by libcurl; passwords are none of this file's business.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cml {

std::string sha256_hex(std::string_view bytes);
std::string sha256(std::string_view bytes);  // The 32 bytes themselves.
// The 32 bytes of HMAC-SHA-256.
std::string hmac_sha256(std::string_view key, std::string_view text);
std::string to_hex(std::string_view bytes);  // Lower case.

// The same for bytes that come piece by piece.
class Sha256 {
 public:
  void add(std::string_view bytes);
  std::string digest() const;  // 32 bytes, of all that was added.
  std::string hex() const;

 private:
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> open_{};  // The block that is not full yet.
  std::uint64_t length_ = 0;
};

}  // namespace cml
