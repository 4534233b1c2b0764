// Text as editors and shells on all systems leave it, in UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace cml {

// Bytes that are not UTF-8 become the characters that they are in Latin-1, the usual reason for them.
std::string valid_utf8(std::string_view text);

struct DecodedText {
  std::string text;       // UTF-8, without a byte order mark.
  std::string_view from;  // "UTF-16" or "Latin-1" when it was that; empty for UTF-8.
};
// UTF-16 by its byte order mark or its zero bytes, UTF-8 where it is valid, else Latin-1.
DecodedText decode_text(std::string bytes);

}  // namespace cml
