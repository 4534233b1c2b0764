// Files that the build put into the binary (cmake/embed.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace cml {

struct EmbeddedFile {
  std::string_view name;  // File name, without folders or below the folder that the build names.
  std::string_view bytes;
};

}  // namespace cml
