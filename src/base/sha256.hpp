// SHA-256 (FIPS 180-4), for content addresses. Not for passwords or signatures: those are left to libcurl.
#pragma once

#include <string>
#include <string_view>

namespace cml {

std::string sha256_hex(std::string_view bytes);

}  // namespace cml
