#pragma once

#include <string>
#include <string_view>

namespace cml {

// Names the media type of bytes by looking at them ("image/png"); file names are not believed. Never empty: text of no
// known kind is text/plain, anything else application/octet-stream.
std::string media_type(std::string_view bytes);

}  // namespace cml
