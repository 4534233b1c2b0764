// A multipart/form-data body with one file (RFC 7578).
#pragma once

#include <string>
#include <string_view>

#include "forge/forge.hpp"

namespace cml {

struct Multipart {
  std::string content_type, body;
};
Multipart multipart_file(std::string_view field, std::string_view file_name, AssetFile const& file);

}  // namespace cml
