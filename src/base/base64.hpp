// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cml {

std::string base64_encode(std::string_view bytes);
// White space is skipped and missing padding forgiven; anything else foreign gives nothing.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace cml
