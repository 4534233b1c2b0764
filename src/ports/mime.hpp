#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml {

// Names the media type of bytes by looking at them ("image/png"); file names are not believed.
class MimeSniffer {
 public:
  virtual ~MimeSniffer() = default;
  virtual Result<std::string> mime_type(std::string_view bytes) = 0;
};

}  // namespace cml
