// SHA-256 (FIPS 180-4), for content addresses, and HMAC (RFC 2104) for addresses that carry their own signature. Requests are signed by
// libcurl; passwords are none of this file's business.
#pragma once

#include <string>
#include <string_view>

namespace cml {

std::string sha256_hex(std::string_view bytes);
std::string sha256(std::string_view bytes);  // The 32 bytes themselves.
// The 32 bytes of HMAC-SHA-256.
std::string hmac_sha256(std::string_view key, std::string_view text);
std::string to_hex(std::string_view bytes);  // Lower case.

}  // namespace cml
